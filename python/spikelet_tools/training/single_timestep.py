"""The networks of few timesteps that are committed, each with its recipe."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from spikelet_tools.training.ladder import LadderRecipe, Stage
from spikelet_tools.training.spiking_network import SpikePool


@dataclass(frozen=True)
class Preset:
    """One training run: a network, a data set, stages, and which of them are exported.

    `exports` maps a stage's name to the exported file's stem. `teacher` is the preset whose
    float network (stage "cnn") teaches this one. `start` ("preset/stage") is a network trained
    before, to go on from.
    """

    architecture: str
    dataset: str
    stages: tuple[str, ...]
    exports: dict[str, str]
    thresholds: int = 1
    pool: SpikePool = "avg"
    copies: int = 6
    teacher: str | None = None
    start: str | None = None
    recipe: LadderRecipe = field(default_factory=LadderRecipe)

    def parsed_stages(self) -> list[Stage]:
        """The stages, in order."""
        return [Stage.parse(text) for text in self.stages]


_LADDER = ("cnn:4", "5x8:6@0.01", "3x8:6@0.01", "2x8:8@0.01", "1x8:36@0.01+12", "1x4:10@0.005+4")
"""The whole way of IIR-SNN, with time at every rung."""
_HIGHER = ("cnn:3", "5x8:{0}@0.01", "3x8:{0}@0.01", "2x8:{0}@0.01")
_IIR_STAGES = {
    "mnist": (*(stage.format(2) for stage in _HIGHER), "1x8:16@0.01"),
    "fashion": (*(stage.format(1) for stage in _HIGHER), "1x8:18@0.01", "1x4:4@0.005"),
}
"""In a hurry to one timestep: the rungs above are only its start."""
_DUAL_STAGES = {
    "mnist": ("3x8:1@0.01", "1x8:14@0.01", "1x4:4@0.005"),
    "fashion": ("3x8:1@0.01", "1x8:14@0.01", "1x4:2@0.005"),
}
_TRIPLE_STAGES = ("3x8:4@0.01", "1x8:24@0.01", "1x4:8@0.005")
_VGG4_STAGES = {
    "mnist": ("cnn:4@0.002", "1x8:4@0.003+1", "1x4:1@0.001+1"),
    "fashion": ("cnn:8@0.002", "1x8:7@0.001+0", "1x8:2@0.001+2", "1x4:1@0.001+1"),
}
"""VGG4 goes from floats to one timestep at once: higher rungs take too long without a GPU."""


# Without a teacher new augmented copies cost little, and for digits they are worth more: the test
# images are by other writers. On Fashion-MNIST the teacher is worth more.
_COPIES: dict[str, dict[str, Any]] = {
    "mnist": {"copies": 16, "teacher": None},
    "fashion": {"copies": 8, "teacher": "vgg4-fashion"},
}


def _iir(dataset: str) -> Preset:
    name = f"lenet5-iir-{dataset}"
    return Preset(
        architecture="lenet5",
        dataset=dataset,
        stages=_IIR_STAGES[dataset],
        exports={"1x8": name, "1x4": f"{name}-int4"},
        teacher=f"vgg4-{dataset}",
    )


def _ladder(dataset: str) -> Preset:
    """The networks of several timesteps."""
    name = f"lenet5-iir-{dataset}"
    return Preset(
        architecture="lenet5",
        dataset=dataset,
        stages=_LADDER,
        exports={f"{timesteps}x8": f"{name}-t{timesteps}" for timesteps in (5, 3, 2)},
        **_COPIES[dataset],
    )


def _dual(dataset: str, thresholds: int, percentiles: tuple[float, ...]) -> Preset:
    name = f"lenet5-dt{thresholds if thresholds > 2 else ''}-{dataset}"
    return Preset(
        architecture="lenet5",
        dataset=dataset,
        stages=_DUAL_STAGES[dataset] if thresholds == 2 else _TRIPLE_STAGES,
        exports={"1x8": name, "1x4": f"{name}-int4"},
        thresholds=thresholds,
        teacher=f"vgg4-{dataset}",
        recipe=LadderRecipe(percentiles=percentiles),
    )


PENALTIES = {"sparse1": 0.03, "sparse2": 0.1, "sparse3": 0.3}
"""Weights of the expected share of synaptic operations in the loss: fewer spikes, for speed."""


def _sparse(dataset: str, name: str) -> Preset:
    """The LeNet-5 of one timestep, trained on with a penalty on spikes."""
    return replace(
        _ladder(dataset),
        stages=("1x8:10@0.006+4",),
        exports={"1x8": f"lenet5-iir-{dataset}-{name}"},
        start=f"lenet5-iir-{dataset}-ladder/1x8",
        recipe=LadderRecipe(rate_penalty=PENALTIES[name]),
    )


def _pooled(name: str, pool: SpikePool, dataset: str) -> Preset:
    """LeNet-5 with another pool than the average of spikes."""
    return Preset(
        architecture="lenet5",
        dataset=dataset,
        stages=("cnn:4", "1x8:30@0.01+10"),
        exports={"1x8": f"lenet5-{name}-{dataset}"},
        pool=pool,
        **_COPIES[dataset],
    )


def _vgg4(dataset: str) -> Preset:
    name = f"vgg4-{dataset}"
    return Preset(
        architecture="vgg4",
        dataset=dataset,
        stages=_VGG4_STAGES[dataset],
        exports={"1x8": name, "1x4": f"{name}-int4"},
        teacher=name,
        recipe=LadderRecipe(batch_size=256, dropout=0.3, half=True),
    )


PRESETS: dict[str, Preset] = {
    "lenet5-iir-mnist": _iir("mnist"),
    # Without a teacher new augmented copies cost little; the test images are by other writers.
    "lenet5-iir-mnist-tuned": replace(
        _iir("mnist"),
        stages=("1x8:8@0.005", "1x4:2@0.003", "1x8:2@0.003+2"),
        copies=12,
        teacher=None,
        start="lenet5-iir-mnist/1x8",
    ),
    "lenet5-iir-mnist-long": replace(
        _iir("mnist"),
        stages=("1x8:20@0.006+6",),
        copies=16,
        teacher=None,
        start="lenet5-iir-mnist-tuned/1x8",
    ),
    "lenet5-iir-fashion": _iir("fashion"),
    "lenet5-iir-mnist-ladder": _ladder("mnist"),
    "lenet5-iir-fashion-ladder": _ladder("fashion"),
    "lenet5-dt-mnist": _dual("mnist", 2, (70.0, 90.0)),
    "lenet5-dt-fashion": _dual("fashion", 2, (70.0, 90.0)),
    "lenet5-dt-mnist-long": replace(
        _dual("mnist", 2, (70.0, 90.0)),
        stages=("1x8:16@0.006+5",),
        copies=16,
        teacher=None,
        start="lenet5-dt-mnist/1x8",
    ),
    "lenet5-dt-fashion-tuned": replace(
        _dual("fashion", 2, (70.0, 90.0)),
        stages=("1x8:14@0.01", "1x4:2@0.005"),
        start="lenet5-dt-fashion/1x8",
    ),
    "lenet5-dt-mnist-int4": replace(
        _dual("mnist", 2, (70.0, 90.0)),
        stages=("1x4:10@0.005+4",),
        copies=16,
        teacher=None,
        start="lenet5-dt-mnist-long/1x8",
    ),
    "lenet5-dt-fashion-int4": replace(
        _dual("fashion", 2, (70.0, 90.0)),
        stages=("1x4:10@0.005+4",),
        start="lenet5-dt-fashion-tuned/1x8",
    ),
    "lenet5-dt3-mnist": _dual("mnist", 3, (60.0, 75.0, 90.0)),
    "lenet5-dt3-fashion": _dual("fashion", 3, (60.0, 75.0, 90.0)),
    "vgg4-mnist": _vgg4("mnist"),
    "vgg4-mnist-tuned": replace(
        _vgg4("mnist"),
        stages=("1x8:3@0.002+1",),
        copies=12,
        teacher=None,
        start="vgg4-mnist/1x8",
    ),
    "vgg4-mnist-long": replace(
        _vgg4("mnist"),
        stages=("1x8:5@0.002+2",),
        copies=16,
        teacher=None,
        start="vgg4-mnist-tuned/1x8",
    ),
    "vgg4-mnist-int4": replace(
        _vgg4("mnist"),
        stages=("1x4:3@0.002+1",),
        copies=16,
        teacher=None,
        start="vgg4-mnist-long/1x8",
    ),
    "vgg4-fashion": _vgg4("fashion"),
    **{
        f"lenet5-{name}-{dataset}": _pooled(name, pool, dataset)
        for name, pool in (("poolfirst", "before"), ("maxpool", "max"))
        for dataset in ("mnist", "fashion")
    },
    **{
        f"lenet5-iir-{dataset}-{name}": _sparse(dataset, name)
        for dataset in ("mnist", "fashion")
        for name in PENALTIES
    },
}
