"""Simulates, in floats, the spiking network an ONNX network would be converted to.

Integrate-and-fire neurons with soft reset start at half their threshold; a threshold is a
percentile of its channel's activations over training images. The image is a constant
current, the last layer only gathers potential, average pooling averages spikes, and a
max-pooling window fires when the largest spike count among its inputs rises.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from torch import Tensor

from spikelet_tools import datasets
from spikelet_tools.deployments import network_name
from spikelet_tools.training.calibration import channel_percentiles
from spikelet_tools.training.conversion import (
    Layer,
    SpikingNetwork,
    float_scores,
    load_layers,
    relu_activations,
)
from spikelet_tools.training.data import Images, load_mnist, to_unit

CALIBRATION_IMAGES = 20_000
BATCH = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("networks", type=Path, nargs="+", help="ONNX files")
    parser.add_argument("--percentiles", type=float, nargs="+", default=[99.0, 99.5, 99.9])
    parser.add_argument("--timesteps", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--test", action="store_true", help="test images, not held-back ones")
    parser.add_argument("--json", action="store_true", help="one JSON line a table row")
    datasets.add_argument(parser)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")


def calibrate(
    layers: list[Layer], images: Images, percentiles: list[float]
) -> dict[float, list[Tensor]]:
    """The thresholds of every firing layer, for each percentile."""
    batches = list(to_unit(images.pixels[:CALIBRATION_IMAGES]).split(BATCH))
    return channel_percentiles(lambda x: relu_activations(layers, x), batches, percentiles)


def float_accuracy(layers: list[Layer], images: Images) -> float:
    """The accuracy before conversion."""
    correct = 0
    for pixels, labels in zip(images.pixels.split(BATCH), images.labels.split(BATCH)):
        correct += int((float_scores(layers, to_unit(pixels)).argmax(1) == labels).sum())
    return correct / len(images)


def spiking_accuracy(
    layers: list[Layer], thresholds: list[Tensor], images: Images, timesteps: list[int]
) -> tuple[dict[int, float], float]:
    """The accuracy at each number of timesteps, and spikes an image at the last."""
    correct = dict.fromkeys(timesteps, 0)
    spikes = 0
    for pixels, labels in zip(images.pixels.split(BATCH), images.labels.split(BATCH)):
        network = SpikingNetwork(layers, thresholds)
        current = to_unit(pixels)
        for step in range(1, max(timesteps) + 1):
            scores = network.step(current)
            if step in correct:
                correct[step] += int((scores.argmax(1) == labels).sum())
        spikes += network.spikes
    return {step: count / len(images) for step, count in correct.items()}, spikes / len(images)


def print_row(name: str, percentile: float, floats: float, result: dict[int, float]) -> None:
    """One line of the table."""
    cells = "  ".join(f"T={step:<2} {accuracy:7.2%}" for step, accuracy in result.items())
    print(f"{name:<16} {percentile:>5}  float {floats:.2%}  {cells}", flush=True)


@torch.no_grad()
def run(arguments: argparse.Namespace) -> None:
    """Prints the table."""
    torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    data = load_mnist(arguments.data).to(device)
    images = data.test if arguments.test else data.held_back
    for path in arguments.networks:
        layers = [layer.to(device) for layer in load_layers(path)]
        floats = float_accuracy(layers, images)
        limits = calibrate(layers, data.train, arguments.percentiles)
        for percentile, thresholds in limits.items():
            result, spikes = spiking_accuracy(layers, thresholds, images, arguments.timesteps)
            if arguments.json:
                record = {"network": network_name(path), "percentile": percentile, "float": floats}
                print(json.dumps(record | {"timesteps": result, "spikes": spikes}), flush=True)
            else:
                print_row(network_name(path), percentile, floats, result)
