"""Norse: a SequentialState in a loop, boxed LIF cells, a leaky integrator that is the score."""

from __future__ import annotations

from pathlib import Path

import norse.torch as norse
import torch
from torch import Tensor, nn

from spikelet_tools.frameworks import norse as frameworks
from spikelet_tools.frameworks.writing import Exported

TIMESTEPS = 6


def _cell() -> nn.Module:
    # With dt = 1 ms a potential keeps 0.75 of itself, and the current counts a quarter.
    return norse.LIFBoxCell(
        norse.LIFBoxParameters(
            tau_mem_inv=torch.tensor(250.0), v_th=torch.tensor(0.25), alpha=torch.tensor(20.0)))


def network() -> nn.Module:
    """The untrained network, one timestep."""
    return norse.SequentialState(
        nn.Conv2d(1, 12, 5), _cell(), nn.AvgPool2d(2),
        nn.Conv2d(12, 24, 5), _cell(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24 * 4 * 4, 10),
        norse.LIBoxCell(norse.LIBoxParameters(tau_mem_inv=torch.tensor(100.0))))


def scores(trained: nn.Module, pictures: Tensor) -> Tensor:
    """The potential of the leaky integrator after the last timestep."""
    state, values = None, pictures
    for _ in range(TIMESTEPS):
        values, state = trained(pictures, state)
    return values


def export_to(trained: nn.Module, path: Path) -> Exported:
    """The file for Spikelet."""
    return frameworks.export(trained, torch.zeros(1, 1, 28, 28), path, TIMESTEPS)
