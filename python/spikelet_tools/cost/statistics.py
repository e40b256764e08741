"""Statistics of calibration for networks that no picture was shown to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from spikelet_tools.cost.onnx_file import Graph


def write_statistics(path: Path, graph: Graph, network: Path, threshold: float) -> None:
    """Statistics by which a neuron of `network` fires where its sum reaches the threshold."""
    values = {"values": [threshold] * 10, "clippedMeans": [threshold / 4] * 10}
    nodes = {name: {"layer": values, "channels": [values] * count}
             for name, count in graph.channels.items()}
    digest = hashlib.sha256(network.read_bytes()).hexdigest()
    path.write_text(json.dumps({
        "dataset": "drawn", "split": "train", "format": 1, "images": 1,
        "networkSHA256": digest, "nodes": nodes,
        "percentiles": [90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100]}))
