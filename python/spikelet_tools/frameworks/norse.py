"""Networks of Norse: cells in a loop, or modules over all timesteps.

`LIFBoxCell` and `IAF` map, `LIF` where the synaptic current lasts one timestep, and leaky
integrators as the last layer. The leak is 1 − dt / tau; the current counts dt / tau times.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from spikelet_tools.frameworks.rules import Framework, Neurons, one_value
from spikelet_tools.frameworks.writing import Exported
from spikelet_tools.frameworks.writing import export as write

BASES = {"SNNCell", "SNN", "SNNRecurrentCell", "SNNRecurrent"}
FIRING = {"LIFBoxCell", "IAFCell", "IAF", "LIFCell", "LIF"}
SILENT = {"LIBoxCell", "LICell", "LI"}


class Norse(Framework):
    """What Norse's cells mean."""

    title = "Norse"

    def is_neurons(self, module: nn.Module) -> bool:
        """Every module with a state of Norse's."""
        names = {base.__name__ for base in type(module).__mro__}
        return bool(names & BASES) or type(module).__name__ == "LILinearCell"

    def neurons(self, module: nn.Module, problems: list[str]) -> Neurons:
        """Integrate-and-fire cells; leaky integrators never fire."""
        kind = type(module).__name__
        if kind not in FIRING | SILENT:
            problems.append(
                "has no counterpart; use LIFBoxCell, IAFCell, or LIBoxCell as the last layer")
            return Neurons(torch.ones(()))
        parameters = module.p
        rate = 0.0
        if not kind.startswith("IAF"):
            rate = one_value(parameters.tau_mem_inv, "tau_mem_inv", problems) * module.dt
        if kind in ("LIFCell", "LIF", "LICell", "LI"):
            lost = one_value(parameters.tau_syn_inv, "tau_syn_inv", problems) * module.dt
            if abs(lost - 1) > 1e-6:
                problems.append(
                    f"has a synaptic current that keeps {1 - lost:g} of itself a timestep, a "
                    f"second state; use {'LIFBoxCell' if kind in FIRING else 'LIBoxCell'}, "
                    "or tau_syn = dt")
        rest = 0.0
        if rate:
            rest = one_value(parameters.v_leak, "v_leak", problems)
        if kind in SILENT:
            if rest:
                problems.append(f"leaks toward {rest:g}; needed v_leak 0 for scores")
            return Neurons(None, 1 - rate)
        value = one_value(parameters.v_reset, "v_reset", problems)
        if not rate:
            rest = value
        method = getattr(getattr(parameters, "reset_method", None), "__name__", "reset_value")
        if method not in ("reset_value", "reset_subtract"):
            problems.append(f"resets by {method}; needed reset_value or reset_subtract")
        if method == "reset_value" and value != rest:
            problems.append(
                f"is reset to {value:g} and leaks toward {rest:g}; both must be the same")
        # Counted from the value that it leaks toward, a potential begins and leaks at zero.
        threshold = torch.as_tensor(parameters.v_th).detach().cpu().double() - rest
        if method == "reset_subtract" and rest:
            problems.append(f"subtracts its threshold and leaks toward {rest:g}; needed v_leak 0")
        return Neurons(
            threshold / (rate or 1.0), 1 - rate,
            "subtract" if method == "reset_subtract" else "zero")


def export(
    network: nn.Module, example: Tensor, path: Path | str, timesteps: int,
    shape: tuple[int, ...] | None = None,
) -> Exported:
    """Writes a network of Norse; see `writing.export`.

    - example: (batch, …), or (time, batch, …) where the network's modules run over the time.
    """
    return write(Norse(), network, example, path, timesteps, shape)
