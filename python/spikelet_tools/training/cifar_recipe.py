"""What a recipe for CIFAR-10 says: phases, rates, bits; and the optimizers that it means."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from spikelet_tools.training.cifar_models import Teacher
from spikelet_tools.training.muon import Muon


@dataclass(frozen=True)
class CifarRecipe:
    """Everything that shapes a training run besides the network and its teacher.

    `levels`: (levels, epochs) of each phase, in order; None a ReLU, 0 a bounded one. The last
    `quantized_epochs` train with weights rounded to `bits`, the last `fixed_epochs` with batch
    norm's statistics as they are then. `filter_rate` is Muon's, for convolutions; the others
    have AdamW at `other_rate` (the teacher: SGD at rates of its own); rates fall to zero over the
    last `falling_epochs`, or all the way where that is 0. `rate_limit`: the firing above which a
    layer costs `rate_penalty`. `earlier_share`: of the loss, for scores before the last timestep.
    `copies`: views of each picture, one an epoch.
    """

    levels: tuple[tuple[int | None, int], ...]
    seed: int = 1
    batch_size: int = 500
    filter_rate: float = 0.05
    other_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.3
    falling_epochs: int = 0
    smoothing: float = 0.0
    teacher_share: float = 0.9
    temperature: float = 2.0
    bits: int = 0
    quantized_epochs: int = 0
    fixed_epochs: int = 0
    margin: float = 0.0
    rate_penalty: float = 0.0
    rate_limit: float = 0.1
    earlier_share: float = 0.0
    copies: int = 10
    shift: int = 4
    half: bool = True

    @property
    def epochs(self) -> int:
        """Epochs of all phases."""
        return sum(epochs for _, epochs in self.levels)

    def levels_at(self, epoch: int) -> int | None:
        """The levels of an epoch (from 0)."""
        for levels, epochs in self.levels:
            if epoch < epochs:
                return levels
            epoch -= epochs
        return self.levels[-1][0]

    def bits_at(self, epoch: int) -> int:
        """The bits of weights in an epoch (from 0), 0 for floats."""
        return self.bits if epoch >= self.epochs - self.quantized_epochs else 0

    def factor(self, progress: float) -> float:
        """The share of the full learning rates after `progress` epochs: up, then down to zero."""
        warm = min(1.0, (progress + 0.01) / self.warm_up) if self.warm_up else 1.0
        return warm * min(1.0, (self.epochs - progress) / (self.falling_epochs or self.epochs))

    def course(self, epochs: int) -> str:
        """What the first epochs are, as text: equal for recipes that part only later."""
        first_fixed = self.epochs - self.fixed_epochs
        each = [
            (self.levels_at(epoch), self.bits_at(epoch), epoch >= first_fixed,
             round(self.factor(epoch + 0.99), 6))
            for epoch in range(epochs)
        ]
        rest = replace(self, levels=(), falling_epochs=0, quantized_epochs=0, fixed_epochs=0)
        return f"{rest} {each}"


def optimizers(model: nn.Module, recipe: CifarRecipe) -> list[torch.optim.Optimizer]:
    """Muon for the convolutions, AdamW for the rest; the teacher's rest takes SGD."""
    trained = [p for p in model.parameters() if p.requires_grad]
    filters = [p for p in trained if p.ndim == 4]
    vectors = [p for p in trained if p.ndim == 1]
    matrices = [p for p in trained if p.ndim == 2]
    muon = Muon(filters, lr=recipe.filter_rate)
    if isinstance(model, Teacher):
        return [muon, _teacher_optimizer(vectors, matrices, recipe)]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return [muon, torch.optim.AdamW(groups, lr=recipe.other_rate)]


def _teacher_optimizer(
    vectors: list[Tensor], matrices: list[Tensor], recipe: CifarRecipe
) -> torch.optim.Optimizer:
    """airbench94's rates, which are meant for losses summed over a batch."""
    groups = []
    for parameters, rate in ((vectors, 0.053), (matrices, 0.67)):
        full = rate * recipe.batch_size
        groups.append({"params": parameters, "lr": full, "weight_decay": 2e-6 / rate})
    return torch.optim.SGD(groups, momentum=0.85, nesterov=True)
