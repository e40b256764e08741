"""Shared parts of the Spikelet training recipes."""
