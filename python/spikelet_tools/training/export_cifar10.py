"""Exports a network trained for CIFAR-10 to ONNX, checks the file, and tests it where asked to.

A network of one level and one timestep becomes whole numbers with thresholds; a bounded one plain
ONNX with Clip, also where it was trained spiking at a few timesteps; one of ReLUs plain ONNX with
Relu. Weights are integers with DequantizeLinear, unless the recipe has no bits.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from spikelet_tools import datasets
from spikelet_tools.paths import CACHE
from spikelet_tools.training.cifar10 import SIZE, load_cifar10
from spikelet_tools.training.cifar_alexnet import Chain
from spikelet_tools.training.cifar_export import (
    export_floats,
    onnx_classes,
    spiking_accuracy,
    with_integer_weights,
)
from spikelet_tools.training.cifar_models import configure
from spikelet_tools.training.cifar_recipes import PRESETS
from spikelet_tools.training.data import Images
from spikelet_tools.training.integer_export import write_onnx
from spikelet_tools.training.integer_network import fold
from spikelet_tools.training.train_cifar10 import load_trained

TIMESTEPS = [1, 2, 4, 8, 16, 32]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line: a trained preset, and where the file goes."""
    parser.add_argument("preset", choices=sorted(PRESETS))
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--test", action="store_true",
        help="count on the test pictures too, and bounded networks as they spike")
    datasets.add_argument(parser)
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the checkpoints are")
    parser.add_argument("--threads", type=int, default=2)


def share(classes: Tensor, images: Images) -> float:
    """The share of pictures classified correctly."""
    return int((classes == images.labels).sum()) / len(images)


def metadata_of(name: str) -> dict[str, str]:
    """What the file says about itself."""
    preset = PRESETS[name]
    about = {"network": name, "dataset": "cifar10", "input": "pixel / 255"}
    about |= {"teacher": " and ".join(preset.teachers), "start": str(preset.start)}
    return about | {key: str(value) for key, value in asdict(preset.recipe).items()}


def export_spiking(
    model: Chain, name: str, path: Path, parts: dict[str, Images]
) -> dict[str, object]:
    """Writes the network of one timestep; ONNX Runtime has to find the same classes."""
    network = fold(model)
    write_onnx(network, path, metadata_of(name), (3, SIZE, SIZE))
    results: dict[str, object] = {}
    for part, images in parts.items():
        found = network.classify(images.pixels)
        exported = onnx_classes(path, images, torch.get_num_threads())
        if not torch.equal(found.predictions[0], exported):
            raise SystemExit(f"{path} does not classify as the trained network does")
        results[f"{part}_accuracy"] = share(exported, images)
        results[f"{part}_spike_rates"] = [round(rate, 4) for rate in found.spike_rates]
    return results


def export_rectified(
    model: nn.Module, name: str, path: Path, parts: dict[str, Images], simulates: bool = False
) -> dict[str, object]:
    """Writes the network of ReLUs, bounded or not, and counts it.

    `simulates`: a bounded one also as it spikes, which takes minutes.
    """
    recipe = PRESETS[name].recipe
    levels = None if recipe.levels[-1][0] is None else 0
    export_floats(model, levels, path, metadata_of(name))
    if recipe.bits:
        with_integer_weights(path, recipe.bits)
    configure(model, levels, recipe.bits)
    results: dict[str, object] = {}
    for part, images in parts.items():
        classes = onnx_classes(path, images, torch.get_num_threads())
        results[f"{part}_accuracy"] = share(classes, images)
        if simulates and levels == 0 and isinstance(model, Chain):
            results[f"{part}_by_timesteps"] = spiking_accuracy(model, images, TIMESTEPS)
    return results


def run(options: argparse.Namespace) -> None:
    """Exports one preset and prints what it gives."""
    torch.set_num_threads(options.threads)
    preset = PRESETS[options.preset]
    recipe = preset.recipe
    model = preset.network()
    load_trained(model, options.preset, options.cache)
    model.eval()
    configure(model, recipe.levels[-1][0], recipe.bits)
    data = load_cifar10(options.data)
    parts = {"seen" if preset.takes_all else "held_back": data.held_back}
    if options.test:
        parts["test"] = data.test
    once = recipe.levels[-1][0] == 1 and model.timesteps == 1
    if once:
        results = export_spiking(model, options.preset, options.output, parts)
    else:
        results = export_rectified(model, options.preset, options.output, parts, options.test)
    print(json.dumps({"network": options.preset} | results), flush=True)
