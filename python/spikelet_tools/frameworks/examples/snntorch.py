"""snnTorch: a class with a loop over the timesteps, Leaky neurons, the spikes counted."""

from __future__ import annotations

from pathlib import Path

import snntorch
import torch
import torch.nn.functional as F
from snntorch import surrogate
from torch import Tensor, nn

from spikelet_tools.frameworks import snntorch as frameworks
from spikelet_tools.frameworks.writing import Exported

TIMESTEPS = 8


class Network(nn.Module):
    """Two convolutions and a dense layer; the threshold is subtracted after the leak."""

    def __init__(self) -> None:
        super().__init__()
        gradient = surrogate.fast_sigmoid(slope=10)
        self.conv1 = nn.Conv2d(1, 12, 5)
        self.lif1 = snntorch.Leaky(beta=0.8, spike_grad=gradient)
        self.conv2 = nn.Conv2d(12, 24, 5)
        self.lif2 = snntorch.Leaky(beta=0.8, spike_grad=gradient, learn_beta=True)
        self.dense = nn.Linear(24 * 4 * 4, 10)
        self.lif3 = snntorch.Leaky(
            beta=0.9, spike_grad=gradient, learn_threshold=True)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Spikes and potentials of the last layer, (timesteps, batch, 10) each."""
        mem1, mem2, mem3 = (lif.reset_mem() for lif in (self.lif1, self.lif2, self.lif3))
        spikes, potentials = [], []
        for _ in range(TIMESTEPS):
            spk1, mem1 = self.lif1(self.conv1(pictures), mem1)
            spk2, mem2 = self.lif2(self.conv2(F.avg_pool2d(spk1, 2)), mem2)
            current = self.dense(torch.flatten(F.max_pool2d(spk2, 2), 1))
            spk3, mem3 = self.lif3(current, mem3)
            spikes.append(spk3)
            potentials.append(mem3)
        return torch.stack(spikes), torch.stack(potentials)


def network() -> nn.Module:
    """The untrained network."""
    return Network()


def scores(trained: nn.Module, pictures: Tensor) -> Tensor:
    """How often each class spiked."""
    return trained(pictures)[0].sum(0)


def export_to(trained: nn.Module, path: Path) -> Exported:
    """The file for Spikelet."""
    return frameworks.export(trained, torch.zeros(1, 1, 28, 28), path, TIMESTEPS)
