"""The networks for CIFAR-10, each with its recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from spikelet_tools.training.cifar_alexnet import alexnet, alexnet_dual, alexnet_t2, vgg11, vgg16
from spikelet_tools.training.cifar_branches import densenet22, resnet8, resnet20
from spikelet_tools.training.cifar_models import Teacher
from spikelet_tools.training.cifar_recipe import CifarRecipe


@dataclass(frozen=True)
class CifarPreset:
    """A training run: a network, its recipe, the run that teaches it and the one before it.

    `start` is the preset whose network this one goes on from; `"onnx"` is a network that the
    command line names: with ReLUs, which are bounded at a `percentile` first, or bounded or of one
    timestep, as it was exported. A network with ReLUs can be the teacher. The scores of several
    teachers are averaged. `takes_all`: the pictures that are otherwise held back are trained on,
    too; so nothing can be chosen by them.
    """

    network: Callable[[], nn.Module]
    recipe: CifarRecipe
    teachers: tuple[str, ...] = ("teacher",)
    start: str | None = None
    percentile: float = 99.5
    takes_all: bool = False


def _from_scratch(levels: int | None, epochs: int) -> CifarRecipe:
    """Plain training from random weights."""
    return CifarRecipe(
        levels=((levels, epochs),), filter_rate=0.15, other_rate=2e-3, copies=24, shift=3
    )


def _bounded(epochs: int) -> CifarRecipe:
    """Training from random weights for conversion: bounds throughout, and at last eight levels.

    A network that has learnt with the bound in place loses nothing to clipping, and little to
    what its branches round at few timesteps; the last epochs round weights, too.
    """
    return CifarRecipe(
        levels=((0, epochs - 3), (8, 3)), filter_rate=0.15, other_rate=2e-3, bits=8,
        quantized_epochs=2, copies=24, shift=3,
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
        teachers=(),
    ),
    "alexnet-bounded": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((4, 6),),
            filter_rate=0.08,
            bits=8,
            quantized_epochs=2,
            copies=24,
            shift=3,
        ),
        start="onnx",
    ),
    "alexnet-bounded-sparse": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((4, 5),),
            filter_rate=0.05,
            bits=8,
            quantized_epochs=5,
            rate_penalty=1.0,
            rate_limit=0.065,
            copies=24,
            shift=3,
            seed=7,
        ),
        start="onnx",
        takes_all=True,
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
        teachers=("onnx",),
        start="onnx",
        percentile=97.0,
    ),
    "alexnet-t1-bounded": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((2, 1), (1, 7)),
            filter_rate=0.06,
            falling_epochs=5,
            quantized_epochs=2,
            fixed_epochs=1,
            **_SPIKING | {"rate_limit": 0.15},
        ),
        teachers=("alexnet-bounded",),
        start="alexnet-bounded",
    ),
    "alexnet-t1-tuned": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((1, 6),),
            filter_rate=0.03,
            other_rate=5e-4,
            quantized_epochs=6,
            fixed_epochs=1,
            **_SPIKING | {"rate_limit": 0.15, "seed": 2},
        ),
        teachers=("alexnet-bounded",),
        start="alexnet-t1-bounded",
    ),
    "alexnet-t1-long": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((1, 14),),
            filter_rate=0.06,
            quantized_epochs=4,
            fixed_epochs=1,
            **_SPIKING | {"rate_limit": 0.15, "seed": 3},
        ),
        teachers=("teacher", "alexnet-bounded"),
        start="alexnet-t1-tuned",
        takes_all=True,
    ),
    "alexnet-t1-again": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((1, 5),),
            filter_rate=0.05,
            quantized_epochs=5,
            fixed_epochs=1,
            **_SPIKING | {"rate_limit": 0.15, "seed": 6},
        ),
        start="onnx",
        takes_all=True,
    ),
    "alexnet-t1-int4": CifarPreset(
        alexnet,
        CifarRecipe(
            levels=((1, 3),),
            filter_rate=0.03,
            other_rate=5e-4,
            quantized_epochs=3,
            fixed_epochs=1,
            **_SPIKING | {"rate_limit": 0.15, "seed": 4, "bits": 4},
        ),
        teachers=("teacher", "alexnet-bounded"),
        start="alexnet-t1-long",
        takes_all=True,
    ),
    "alexnet-t2": CifarPreset(
        alexnet_t2,
        CifarRecipe(
            levels=((1, 3),),
            filter_rate=0.04,
            other_rate=5e-4,
            quantized_epochs=3,
            fixed_epochs=1,
            earlier_share=0.3,
            **_SPIKING | {"rate_limit": 0.15, "seed": 5},
        ),
        start="onnx",
        takes_all=True,
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
    "resnet8": CifarPreset(resnet8, _bounded(30)),
    "resnet20": CifarPreset(resnet20, _bounded(10)),
    "densenet22": CifarPreset(densenet22, _bounded(9)),
}
