"""The networks of few timesteps that are committed, each with its recipe."""

from __future__ import annotations

from dataclasses import dataclass, field

from spikelet_training.ladder import LadderRecipe, Stage
from spikelet_training.spiking_network import SpikePool


@dataclass(frozen=True)
class Preset:
    """One training run: a network, a data set, stages, and which of them are exported.

    `exports` maps a stage's name to the exported file's stem. `teacher` is the preset whose
    float network (stage "cnn") teaches this one.
    """

    architecture: str
    dataset: str
    stages: tuple[str, ...]
    exports: dict[str, str]
    thresholds: int = 1
    pool: SpikePool = "avg"
    copies: int = 6
    teacher: str | None = None
    recipe: LadderRecipe = field(default_factory=LadderRecipe)

    def parsed_stages(self) -> list[Stage]:
        """The stages, in order."""
        return [Stage.parse(text) for text in self.stages]


_EPOCHS = {"mnist": (24, 8), "fashion": (32, 10)}
"""Epochs of LeNet-5 at one timestep, with int8 weights and then with int4."""


def _iir(dataset: str) -> Preset:
    name = f"lenet5-iir-{dataset}"
    ladder = {f"{timesteps}x8": f"{name}-t{timesteps}" for timesteps in (5, 3, 2)}
    int8, int4 = _EPOCHS[dataset]
    return Preset(
        architecture="lenet5",
        dataset=dataset,
        stages=("cnn:4", "5x8:3", "3x8:3", "2x8:3", f"1x8:{int8}", f"1x4:{int4}"),
        exports={**ladder, "1x8": name, "1x4": f"{name}-int4"},
        teacher=f"vgg4-{dataset}",
    )


def _dual(dataset: str, thresholds: int, percentiles: tuple[float, ...]) -> Preset:
    name = f"lenet5-dt{thresholds if thresholds > 2 else ''}-{dataset}"
    int8, int4 = _EPOCHS[dataset]
    return Preset(
        architecture="lenet5",
        dataset=dataset,
        stages=("3x8:3", f"1x8:{int8}", f"1x4:{int4}"),
        exports={"1x8": name, "1x4": f"{name}-int4"},
        thresholds=thresholds,
        teacher=f"vgg4-{dataset}",
        recipe=LadderRecipe(percentiles=percentiles),
    )


def _vgg4(dataset: str, stages: tuple[str, ...]) -> Preset:
    name = f"vgg4-{dataset}"
    return Preset(
        architecture="vgg4",
        dataset=dataset,
        stages=stages,
        exports={"1x8": name, "1x4": f"{name}-int4"},
        teacher=name,
        recipe=LadderRecipe(batch_size=256, dropout=0.3, half=True),
    )


PRESETS: dict[str, Preset] = {
    "lenet5-iir-mnist": _iir("mnist"),
    "lenet5-iir-fashion": _iir("fashion"),
    "lenet5-dt-mnist": _dual("mnist", 2, (70.0, 90.0)),
    "lenet5-dt-fashion": _dual("fashion", 2, (70.0, 90.0)),
    "lenet5-dt3-mnist": _dual("mnist", 3, (60.0, 75.0, 90.0)),
    "lenet5-dt3-fashion": _dual("fashion", 3, (60.0, 75.0, 90.0)),
    "vgg4-mnist": _vgg4("mnist", ("cnn:4@0.002", "2x0:1@0.001", "1x8:6@0.001", "1x4:2@0.0005")),
    "vgg4-fashion": _vgg4(
        "fashion", ("cnn:8@0.002", "2x0:1@0.001", "1x8:12@0.001", "1x4:3@0.0005")
    ),
}
