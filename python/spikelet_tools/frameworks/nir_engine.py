"""Runs a graph of NIR with Spikelet, for spikes of single sensors, and reads the trace."""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path

from spikelet_tools.frameworks.nir_readers import DT
from spikelet_tools.processes import spikelet

MICROSECONDS = round(DT * 1e6)

Spikes = list[list[list[tuple[int, ...]]]]
"""For each recording, timestep and layer, a byte for each neuron."""


def traced(network, recordings: list, timesteps: int, sensors: int, switches: dict) -> Spikes:
    """The spikes that the engine makes of a graph, with weights of 16 bits.

    A recording is a list of (timestep, sensor); the sensors are one row of events. `switches` is
    what the configuration says of NIR: a profile, and what differs from it.
    """
    import nir
    import numpy as np

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        nir.write(folder / "network.nir", network)
        place = folder / "events/Test/0"
        place.mkdir(parents=True)
        for number, recording in enumerate(recordings):
            events = [[0, sensor, t * MICROSECONDS, 1] for t, sensor in recording]
            np.save(place / f"{number}.npy", np.array(events, dtype=np.int32))
        (folder / "deployment.json").write_text(json.dumps({
            "name": "graph", "network": "network.nir", "timesteps": timesteps,
            "maximumTimesteps": timesteps, "quantization": {"weights": "int16"},
            "nir": switches,
            "input": {"mode": "events", "events": {
                "sensor": [1, sensors], "polarity": "ignored", "origin": "zero",
                "window": {"microseconds": MICROSECONDS}}}}))
        spikelet("golden", folder / "deployment.json", "-o", folder / "golden", "--events",
                 folder / "events", "--count", len(recordings), "--timesteps", timesteps)
        spikelet("trace", folder / "golden", "-o", folder / "trace.bin")
        return spikes_of((folder / "golden/integer.txt").read_text(encoding="utf-8"),
                         (folder / "trace.bin").read_bytes())


def spikes_of(vectors: str, trace: bytes) -> Spikes:
    """The spikes of a trace; docs/verification.md has the layout of both files."""
    lines = vectors.splitlines()
    words = lines[3].split()
    timesteps, layers, images = int(words[1]), int(words[3]), int(words[7])
    sizes = [tuple(map(int, line.split()[2:4])) for line in lines[4:4 + layers]]
    found, position = [], 0
    for _ in range(images):
        rows = []
        for _ in range(timesteps):
            row = []
            for potentials, spikes in sizes:
                row.append(struct.unpack_from(f"{spikes}B", trace, position + 4 * potentials))
                position += 4 * potentials + spikes
            rows.append(row)
        found.append(rows)
    return found
