"""Networks of sinabs, with `Squeeze` layers or without.

`IAF` and `LIF` map, with one spike a timestep or several, and `ExpLeak` as the last layer. A
neuron fires where it reaches its threshold; sum pools become part of the next weights.
"""

from __future__ import annotations

from math import prod
from pathlib import Path

import torch
from torch import Tensor, nn

from spikelet_tools.frameworks.rules import Framework, Neurons, one_value
from spikelet_tools.frameworks.writing import Exported
from spikelet_tools.frameworks.writing import export as write

FIRING = {"IAF", "IAFSqueeze", "LIF", "LIFSqueeze"}
SILENT = {"ExpLeak", "ExpLeakSqueeze"}


class Sinabs(Framework):
    """What sinabs's layers mean; neurons that may spike any number of times do up to `spikes`."""

    title = "sinabs"

    def __init__(self, spikes: int | None = None) -> None:
        self.spikes = spikes

    def is_neurons(self, module: nn.Module) -> bool:
        """Every layer with a state."""
        return any(base.__name__ == "StatefulLayer" for base in type(module).__mro__)

    def sum_pool_area(self, module: nn.Module) -> int:
        """SumPool2d is a pool of the norm 1."""
        if not isinstance(module, nn.LPPool2d) or module.norm_type != 1:
            return 0
        size = module.kernel_size
        return prod(size) if isinstance(size, (tuple, list)) else size * size

    def neurons(self, module: nn.Module, problems: list[str]) -> Neurons:
        """IAF and LIF; ExpLeak never fires."""
        kind = type(module).__name__
        if kind not in FIRING | SILENT:
            problems.append("has no counterpart; use IAF, LIF, or ExpLeak as the last layer")
            return Neurons(torch.ones(()))
        leak, gain = 1.0, 1.0
        if not kind.startswith("IAF"):
            leak = one_value(module.alpha_mem_calculated, "tau_mem", problems)
            gain = 1 - leak if module.norm_input else 1.0
            if module.alpha_syn_calculated is not None:
                problems.append("has a synaptic current (tau_syn), a second state")
        if module.min_v_mem is not None:
            problems.append("has a lowest potential (min_v_mem); train with min_v_mem=None")
        if kind in SILENT or module.spike_fn is None:
            return Neurons(None, leak)
        return Neurons(
            module.spike_threshold.detach().cpu().double() / gain, leak,
            self.reset(module, problems), strict=False, levels=self.levels(module, problems))

    def levels(self, module: nn.Module, problems: list[str]) -> int:
        """How often a neuron may spike in a timestep."""
        function = module.spike_fn
        kind = function.__name__ if isinstance(function, type) else type(function).__name__
        if kind == "SingleSpike":
            return 1
        most = getattr(function, "max_num_spikes_per_bin", None) if kind == "MaxSpike" else None
        if kind not in ("MaxSpike", "MultiSpike"):
            problems.append(f"fires by {kind}; needed SingleSpike, MaxSpike or MultiSpike")
        elif most is None and self.spikes is None:
            problems.append(
                "may spike any number of times a timestep; give spikes=N, up to 8, or train with "
                "SingleSpike")
        return most or self.spikes or 1

    def reset(self, module: nn.Module, problems: list[str]) -> str:
        """The reset after a spike."""
        reset = module.reset_fn
        kind = type(reset).__name__
        if kind == "MembraneReset":
            if reset.reset_value:
                problems.append(f"is reset to {reset.reset_value:g}, needed 0")
            return "zero"
        if kind != "MembraneSubtract":
            problems.append(f"resets by {kind}; needed MembraneSubtract or MembraneReset")
        elif reset.subtract_value is not None and bool(
                (module.spike_threshold != reset.subtract_value).any()):
            problems.append(
                f"subtracts {float(reset.subtract_value):g} and not its threshold")
        return "subtract"

    def prepare(self, network: nn.Module) -> None:
        """Resets every layer with a state."""
        for module in network.modules():
            if self.is_neurons(module) and module.is_state_initialised():
                module.reset_states()


def export(
    network: nn.Module, example: Tensor, path: Path | str, timesteps: int,
    shape: tuple[int, ...] | None = None, spikes: int | None = None,
) -> Exported:
    """Writes a network of sinabs; see `writing.export`.

    - example: (batch · time, …) with `Squeeze` layers, otherwise (batch, time, …).
    - spikes: how many spikes a timestep to keep of neurons that may have any number, 1 to 8.
    """
    if spikes is not None and not 1 <= spikes <= 8:
        raise ValueError(f"spikes is {spikes}, needed 1 to 8")
    return write(Sinabs(spikes), network, example, path, timesteps, shape)
