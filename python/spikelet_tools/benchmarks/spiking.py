"""The converted network in SpikingJelly and in snnTorch.

Both get the float weights that Spikelet converts, divided by Spikelet's own calibrated λ so that
every threshold is 1: integrate-and-fire neurons with a soft reset that start at half a threshold,
the picture as a constant current, and the last layer's current summed up as scores.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from spikelet_tools.benchmarks.engines import weighted
from spikelet_tools.benchmarks.networks import Layer

START = 0.5
"""The share of a threshold that potentials start with."""


class SpikingJellyNetwork(nn.Module):
    """Multi-step mode, in which all timesteps pass through a layer before the next one's turn."""

    def __init__(self, layers: list[Layer], timesteps: int) -> None:
        from spikingjelly.activation_based import functional, layer, neuron

        super().__init__()
        self._reset = functional.reset_net
        self._timesteps = timesteps
        parts: list[nn.Module] = []
        for index, one in enumerate(layers):
            if one.is_dense and not layers[index - 1].is_dense:
                parts.append(layer.Flatten(step_mode="m"))
            parts.append(weighted(one, layer.Conv2d, layer.Linear))
            parts[-1].step_mode = "m"
            if one.rectified:
                parts.append(neuron.IFNode(v_threshold=1.0, v_reset=None, step_mode="m"))
            if one.pooled:
                parts.append(layer.AvgPool2d(2, step_mode="m"))
        self.parts = nn.Sequential(*parts)
        self._neurons = [part for part in parts if isinstance(part, neuron.IFNode)]

    def forward(self, pictures: Tensor) -> Tensor:
        """Scores of a batch."""
        self._reset(self.parts)
        for part in self._neurons:
            part.v = START
        return self.parts(pictures.expand(self._timesteps, *pictures.shape)).sum(0)


class SnnTorchNetwork(nn.Module):
    """A loop over timesteps, as its tutorials have it."""

    def __init__(self, layers: list[Layer], timesteps: int) -> None:
        import snntorch

        super().__init__()
        self._timesteps = timesteps
        self.parts = nn.ModuleList()
        for index, one in enumerate(layers):
            if one.is_dense and not layers[index - 1].is_dense:
                self.parts.append(nn.Flatten())
            self.parts.append(weighted(one, nn.Conv2d, nn.Linear))
            if one.rectified:
                self.parts.append(snntorch.Leaky(beta=1.0, threshold=1.0, reset_delay=False,
                                                 reset_mechanism="subtract"))
            if one.pooled:
                self.parts.append(nn.AvgPool2d(2))
        self._neuron = snntorch.Leaky

    def forward(self, pictures: Tensor) -> Tensor:
        """Scores of a batch."""
        potentials: dict[int, Tensor] = {}
        scores = None
        for _ in range(self._timesteps):
            x = pictures
            for index, part in enumerate(self.parts):
                if isinstance(part, self._neuron):
                    before = potentials.get(index)
                    before = torch.full_like(x, START) if before is None else before
                    x, potentials[index] = part(x, before)
                else:
                    x = part(x)
            scores = x if scores is None else scores + x
        return scores


def spikingjelly_module(layers: list[Layer], timesteps: int) -> nn.Module:
    """The network in SpikingJelly."""
    return SpikingJellyNetwork(layers, timesteps)


def snntorch_module(layers: list[Layer], timesteps: int) -> nn.Module:
    """The network in snnTorch."""
    return SnnTorchNetwork(layers, timesteps)
