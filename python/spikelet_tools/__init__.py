"""Spikelet's tools around the engine: training recipes, checks, and the tables of docs/."""
