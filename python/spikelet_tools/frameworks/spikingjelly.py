"""Networks of SpikingJelly, in step mode "s" or "m".

`IFNode`, `LIFNode` and `ParametricLIFNode` map, with a soft reset (`v_reset=None`) or a hard one,
and the neurons that never fire as the last layer. A neuron fires where it reaches its threshold.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from spikelet_tools.frameworks.rules import Framework, Neurons, one_value
from spikelet_tools.frameworks.writing import Exported
from spikelet_tools.frameworks.writing import export as write

FIRING = {"IFNode", "LIFNode", "ParametricLIFNode", "SimpleIFNode", "SimpleLIFNode"}
SILENT = {"NonSpikingIFNode", "NonSpikingLIFNode"}
BASES = {"BaseNode", "SimpleBaseNode", "NonSpikingBaseNode"}


class SpikingJelly(Framework):
    """What SpikingJelly's neurons mean."""

    title = "SpikingJelly"

    def is_neurons(self, module: nn.Module) -> bool:
        """Every node, and every other module of SpikingJelly's neurons that has a memory."""
        return any(
            base.__name__ in BASES or base.__module__.startswith("spikingjelly")
            and ".neuron" in base.__module__ for base in type(module).__mro__)

    def neurons(self, module: nn.Module, problems: list[str]) -> Neurons:
        """Integrate-and-fire nodes with and without a leak."""
        kind = type(module).__name__
        if kind not in FIRING | SILENT:
            problems.append("has no counterpart; use IFNode, LIFNode or ParametricLIFNode")
            return Neurons(torch.ones(()))
        if kind == "ParametricLIFNode":
            rate = float(module.w.detach().double().sigmoid())
        elif "LIF" in kind:
            rate = 1 / one_value(module.tau, "tau", problems)
        else:
            rate = 0.0
        decays = rate > 0 and getattr(module, "decay_input", True)
        if kind in SILENT:
            if getattr(module, "decode", None) not in ("last-mem", None):
                problems.append(
                    f"decodes by '{module.decode}'; only the potential at the "
                    "last timestep is read")
            return Neurons(None, 1 - rate)
        zero = module.v_reset
        rest = 0.0 if zero is None else one_value(zero, "v_reset", problems)
        # Counted from v_reset, a potential begins at zero, leaks toward it and is reset to it.
        threshold = torch.as_tensor(module.v_threshold, dtype=torch.float64) - rest
        gain = rate if decays else 1.0
        reset = "subtract" if zero is None else "zero"
        return Neurons(threshold / gain, 1 - rate, reset, strict=False)

    def prepare(self, network: nn.Module) -> None:
        """Resets every module with a memory."""
        for module in network.modules():
            if hasattr(module, "reset") and type(module).__module__.startswith("spikingjelly"):
                module.reset()


def export(
    network: nn.Module, example: Tensor, path: Path | str, timesteps: int,
    shape: tuple[int, ...] | None = None,
) -> Exported:
    """Writes a network of SpikingJelly; see `writing.export`.

    - example: (batch, …), or (time, batch, …) where the network's step mode is "m".
    """
    return write(SpikingJelly(), network, example, path, timesteps, shape)
