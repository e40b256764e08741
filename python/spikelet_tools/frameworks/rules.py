"""What Spikelet can say of a layer of neurons, and how a refusal reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

LEAK_SHIFT = 15
MOST_LEVELS = 8
RESETS = ("subtract", "subtract-after-leak", "zero", "none")


class MappingError(ValueError):
    """Everything of a network that has no counterpart in Spikelet, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = [f"the network cannot be exported: {count}", *self.problems]
        super().__init__("\n  ".join(lines))


@dataclass(frozen=True)
class Neurons:
    """u ← leak · u + current; a spike where u exceeds (or reaches) the threshold; then a reset.

    `threshold` is one value, or one a channel, in units of the current; None for potentials that
    never fire, whose value at the last timestep are the scores. With several `levels` a neuron
    gives a spike for every whole threshold that it reaches, up to so many, and the reset
    subtracts all of them.
    """

    threshold: Tensor | None
    leak: float = 1.0
    reset: str = "subtract"
    strict: bool = True
    levels: int = 1


def one_value(tensor: object, what: str, problems: list[str]) -> float:
    """The value that all elements have; a problem where they differ."""
    values = torch.as_tensor(tensor, dtype=torch.float64).detach().flatten()
    if not len(values) or bool((values != values[0]).any()):
        problems.append(f"has {len(values)} values of {what}, needed one for the layer")
        return 1.0
    return float(values[0])


def checked(neurons: Neurons, problems: list[str]) -> Neurons:
    """The same neurons; what lies out of range becomes a problem."""
    if not 0 <= neurons.leak <= 1:
        problems.append(f"keeps {neurons.leak:g} of a potential a timestep, needed 0 to 1")
    if neurons.threshold is not None and not bool((neurons.threshold > 0).all()):
        problems.append(f"has the threshold {float(neurons.threshold.min()):g}, needed more than 0")
    if neurons.reset == "subtract-after-leak" and leak_multiplier(neurons.leak)[0] == 0:
        problems.append(
            f"keeps {neurons.leak:g} of a potential and subtracts after that, which nothing that "
            "is done before can equal: needed a leak of at least 2^-15, or a reset to zero")
    return neurons


def leak_multiplier(leak: float) -> tuple[int, int]:
    """The multiplier and shift nearest to a leak, in lowest terms; shift 1 at least."""
    multiplier, shift = round(leak * 2**LEAK_SHIFT), LEAK_SHIFT
    while shift > 1 and multiplier % 2 == 0:
        multiplier, shift = multiplier // 2, shift - 1
    return multiplier, shift


def leak_entry(leak: float) -> dict[str, int] | None:
    """A leak as the metadata of a file have it; None where nothing is lost."""
    multiplier, shift = leak_multiplier(leak)
    return None if multiplier == 2**shift else {"multiplier": multiplier, "shift": shift}


class Framework:
    """What one framework's layers mean; the base knows those of PyTorch alone."""

    title = "PyTorch"

    def is_neurons(self, module: nn.Module) -> bool:
        """Whether a module is a layer of neurons, of a kind that maps or not."""
        return False

    def neurons(self, module: nn.Module, problems: list[str]) -> Neurons:
        """What neurons do; what does not map is added to `problems`, without their name."""
        raise NotImplementedError

    def sum_pool_area(self, module: nn.Module) -> int:
        """The sites of a module that sums windows, each its own stride; 0 for other modules."""
        return 0

    def prepare(self, network: nn.Module) -> None:
        """Forgets the state that an earlier picture has left."""
