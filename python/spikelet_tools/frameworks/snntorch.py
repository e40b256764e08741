"""Networks of snnTorch.

`Leaky` maps, with every reset mechanism, and `Lapicque`, but not to zero. snnTorch subtracts the
threshold from what the leak has left one timestep later, unless `reset_delay` is off.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from spikelet_tools.frameworks.rules import Framework, Neurons, one_value
from spikelet_tools.frameworks.writing import Exported
from spikelet_tools.frameworks.writing import export as write


class SnnTorch(Framework):
    """What snnTorch's neurons mean."""

    title = "snnTorch"

    def __init__(self, scores: str = "spikes", last: nn.Module | None = None) -> None:
        self.last = last if scores == "membrane" else None

    def is_neurons(self, module: nn.Module) -> bool:
        """Every module with snnTorch's neuron as its base."""
        return any(base.__name__ == "SpikingNeuron" for base in type(module).__mro__)

    def neurons(self, module: nn.Module, problems: list[str]) -> Neurons:
        """Leaky and Lapicque; other neurons have more state than a potential."""
        kind = type(module).__name__
        if kind not in ("Leaky", "Lapicque"):
            problems.append("keeps more than a potential, or feeds its spikes back; use Leaky")
            return Neurons(torch.ones(()))
        gain = 1.0
        if kind == "Leaky":
            leak = min(max(one_value(module.beta, "beta", problems), 0.0), 1.0)
        else:
            resistance, capacity = (one_value(part, name, problems) for part, name in (
                (module.R, "R"), (module.C, "C")))
            step = one_value(module.time_step, "time_step", problems)
            leak, gain = 1 - step / (resistance * capacity), step / capacity
        if getattr(module, "state_quant", False):
            problems.append("rounds its potential (state_quant), as Spikelet does on its own")
        if module.inhibition:
            problems.append("lets only one neuron fire (inhibition)")
        factor = one_value(module.graded_spikes_factor, "graded_spikes_factor", problems)
        if factor != 1:
            problems.append(
                f"has spikes of {factor:g}; put graded_spikes_factor into the next weights")
        reset = module.reset_mechanism
        if module is self.last:
            if reset != "none":
                problems.append(
                    f"is read by its potential, but resets ({reset}); set reset_mechanism=\"none\"")
            return Neurons(None, leak)
        delayed = getattr(module, "reset_delay", True)
        if reset == "zero" and kind == "Lapicque":
            problems.append(
                "loses the current of the timestep after a spike (Lapicque with "
                "reset_mechanism=\"zero\"); use Leaky")
        if reset == "subtract" and delayed and leak < 1:
            reset = "subtract-after-leak"
        elif reset == "subtract" and not delayed:
            problems.append(
                "resets without a delay by subtraction, which counts a potential that is above the "
                "threshold after its reset in another way; leave reset_delay on")
        return Neurons(module.threshold.detach().cpu() / gain, leak, reset)

    def prepare(self, network: nn.Module) -> None:
        """Empties hidden states."""
        for module in network.modules():
            if self.is_neurons(module) and hasattr(module, "reset_mem"):
                module.reset_mem()


def export(
    network: nn.Module, example: Tensor, path: Path | str, timesteps: int,
    shape: tuple[int, ...] | None = None, scores: str = "spikes",
) -> Exported:
    """Writes a network of snnTorch; see `writing.export`.

    - network: one step or a loop over all; `init_hidden` or not.
    - scores: "spikes" of the last neurons, or their "membrane" at the last timestep.
    """
    if scores not in ("spikes", "membrane"):
        raise ValueError(f"scores is {scores!r}, needed 'spikes' or 'membrane'")
    plain = SnnTorch()
    neurons = [module for module in network.modules() if plain.is_neurons(module)]
    framework = SnnTorch(scores, neurons[-1] if neurons else None)
    return write(framework, network, example, path, timesteps, shape)
