"""The networks for CIFAR-10, each with its recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from spikelet_training.cifar_models import Teacher
from spikelet_training.cifar_training import CifarRecipe


@dataclass(frozen=True)
class CifarPreset:
    """A training run: a network, its recipe and the run that teaches it."""

    network: Callable[[], nn.Module]
    recipe: CifarRecipe
    teacher: str | None = "teacher"


PRESETS: dict[str, CifarPreset] = {
    "teacher": CifarPreset(
        Teacher,
        CifarRecipe(
            levels=((None, 8),),
            batch_size=1500,
            filter_rate=0.24,
            warm_up=0.0,
            smoothing=0.1,
            copies=8,
            shift=3,
        ),
        teacher=None,
    ),
}
