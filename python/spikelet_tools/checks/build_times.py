"""Builds AlexNet and VGG-16 of drawn weights and holds the time of it to its limits.

Both are converted and of 32x32 pictures in colour; VGG-16 has 15 million weights. Times
are those of the processor, so that other work on the machine is not counted: the least of several.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from pathlib import Path

from spikelet_tools.cost.onnx_file import Graph
from spikelet_tools.cost.statistics import write_statistics
from spikelet_tools.processes import build, stop
from spikelet_tools.training.cifar_plans import ALEXNET, VGG16, Plan

NETWORKS: dict[str, tuple[Plan, int, float]] = {
    "alexnet": (ALEXNET, 1024, 5),
    "vgg16": (VGG16, 512, 15),
}
"""Convolutions, neurons of the dense layer, and the seconds that a build may take."""
SIZE, CLASSES = 32, 10


def drawn(draw: random.Random, count: int, inputs: int) -> list[float]:
    """Weights of both signs, the smaller the more of them are summed."""
    table = [(value - 127.5) / 128 / inputs ** 0.5 for value in range(256)]
    return [table[value] for value in draw.randbytes(count)]


def write(plan: Plan, dense: int, folder: Path) -> Path:
    """Writes network, statistics and configuration; returns the last."""
    draw, graph = random.Random(1), Graph(3, SIZE, SIZE)
    channels, size = 3, SIZE
    for maps, pooled in plan:
        shape = (maps, channels, 3, 3)
        weights = graph.tensor(drawn(draw, maps * channels * 9, channels * 9), shape)
        biases = graph.tensor(drawn(draw, maps, 1), (maps,))
        graph.add("Conv", weights, biases, kernel_shape=[3, 3], pads=[1] * 4)
        graph.add("Relu")
        channels = maps
        if pooled:
            graph.add("AveragePool", kernel_shape=[2, 2], strides=[2, 2])
            size //= 2
    graph.add("Flatten", axis=1)
    features = channels * size * size
    for width in (dense, CLASSES):
        weights = graph.tensor(drawn(draw, width * features, features), (width, features))
        graph.add("Gemm", weights, transB=1)
        if width != CLASSES:
            graph.add("Relu")
        features = width
    network = folder / "network.onnx"
    graph.write(network, (CLASSES,))
    write_statistics(folder / "calibration.json", graph, network, 1.0)
    path = folder / "deployment.json"
    path.write_text(json.dumps({
        "name": "drawn", "network": "network.onnx", "calibration": "calibration.json",
        "timesteps": 16, "maximumTimesteps": 64}))
    return path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How often."""
    parser.add_argument("--rounds", type=int, default=3, help="builds of each network")


def run(options: argparse.Namespace) -> None:
    """Draws the networks, builds them, and says how long it took."""
    over = []
    for name, (plan, dense, limit) in NETWORKS.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            path, times = write(plan, dense, folder), []
            for _ in range(options.rounds):
                before = os.times()
                build(path, folder / "model.spk")
                after = os.times()
                times.append(after.children_user - before.children_user
                             + after.children_system - before.children_system)
            size = (folder / "model.spk").stat().st_size
        print(f"{name}: {min(times):.1f} s for a model of {size:,} bytes, allowed {limit} s",
              flush=True)
        if min(times) > limit:
            over.append(name)
    if over:
        stop(f"built too slowly: {', '.join(over)}")
