"""The networks for CIFAR-10, each with its recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from spikelet_tools.training.cifar_alexnet import alexnet, alexnet_dual, vgg11, vgg16
from spikelet_tools.training.cifar_branches import densenet22, resnet8, resnet20
from spikelet_tools.training.cifar_models import Teacher
from spikelet_tools.training.cifar_recipe import CifarRecipe


@dataclass(frozen=True)
class CifarPreset:
    """A training run: a network, its recipe, the run that teaches it and the one before it.

    `start` is the preset whose network this one goes on from; `"onnx"` is a network with ReLUs
    that the command line names, whose activations are bounded at a `percentile` first. The same
    network can be the teacher.
    """

    network: Callable[[], nn.Module]
    recipe: CifarRecipe
    teacher: str | None = "teacher"
    start: str | None = None
    percentile: float = 99.5


def _from_scratch(levels: int | None, epochs: int) -> CifarRecipe:
    """Plain training from random weights."""
    return CifarRecipe(
        levels=((levels, epochs),), filter_rate=0.15, other_rate=2e-3, copies=24, shift=3
    )


_SPIKING: dict[str, Any] = {
    "bits": 8,
    "rate_penalty": 0.02,
    "copies": 24,
    "shift": 3,
}
"""What all networks of one timestep have in common."""

PRESETS: dict[str, CifarPreset] = {
    "teacher": CifarPreset(
        Teacher,
        CifarRecipe(
            levels=((None, 5),),
            batch_size=1500,
            filter_rate=0.24,
            warm_up=0.0,
            smoothing=0.1,
            copies=8,
            shift=3,
        ),
        teacher=None,
    ),
    "alexnet-bounded": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((4, 3),),
            filter_rate=0.06,
            bits=8,
            quantized_epochs=1,
            copies=24,
            shift=3,
        ),
        start="onnx",
    ),
    "alexnet-t1": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((2, 1), (1, 7)),
            batch_size=300,
            filter_rate=0.06,
            falling_epochs=4,
            quantized_epochs=2,
            fixed_epochs=1,
            **_SPIKING | {"rate_limit": 0.15},
        ),
        teacher="onnx",
        start="onnx",
        percentile=97.0,
    ),
    "alexnet-t1-long": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((2, 3), (1, 33)),
            filter_rate=0.08,
            quantized_epochs=7,
            fixed_epochs=3,
            **_SPIKING,
        ),
        start="alexnet-bounded",
    ),
    "alexnet-dual-t1": CifarPreset(
        alexnet_dual,
        CifarRecipe(
            levels=((4, 6), (2, 2), (1, 16)), filter_rate=0.12, quantized_epochs=5, **_SPIKING
        ),
    ),
    "vgg11": CifarPreset(vgg11, _from_scratch(0, 20)),
    "vgg16": CifarPreset(vgg16, _from_scratch(0, 40)),
    "vgg16-t1": CifarPreset(
        vgg16,
        CifarRecipe(levels=((2, 3), (1, 37)), filter_rate=0.08, quantized_epochs=8, **_SPIKING),
        start="vgg16",
    ),
    "resnet8": CifarPreset(resnet8, _from_scratch(None, 30)),
    "resnet20": CifarPreset(resnet20, _from_scratch(None, 40)),
    "densenet22": CifarPreset(densenet22, _from_scratch(None, 40)),
}
