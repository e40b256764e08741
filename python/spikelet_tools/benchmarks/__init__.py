"""Spikelet and other engines side by side: `scripts/tool benchmarks`."""
