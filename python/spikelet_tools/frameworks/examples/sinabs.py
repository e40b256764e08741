"""sinabs: Squeeze layers, neurons of several spikes a timestep, sum pools, a dense read-out."""

from __future__ import annotations

from pathlib import Path

import sinabs.activation as activation
import sinabs.layers as layers
import torch
from torch import Tensor, nn

from spikelet_tools.frameworks import sinabs as frameworks
from spikelet_tools.frameworks.writing import Exported

TIMESTEPS = 4
SPIKES = 4


def network() -> nn.Module:
    """The untrained network; a neuron spikes at most four times a timestep."""
    options = {"num_timesteps": TIMESTEPS, "spike_fn": activation.MaxSpike(SPIKES)}
    return nn.Sequential(
        nn.Conv2d(1, 8, 5), layers.IAFSqueeze(**options), layers.SumPool2d(2),
        nn.Conv2d(8, 16, 5, bias=False), layers.LIFSqueeze(tau_mem=4.0, **options), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(16 * 4 * 4, 10))


def _reset(trained: nn.Module) -> None:
    for module in trained.modules():
        if isinstance(module, layers.StatefulLayer) and module.is_state_initialised():
            module.reset_states()


def scores(trained: nn.Module, pictures: Tensor) -> Tensor:
    """The read-out, added up over the timesteps."""
    _reset(trained)
    batch = len(pictures)
    frames = pictures.repeat_interleave(TIMESTEPS, dim=0)
    return trained(frames).unflatten(0, (batch, TIMESTEPS)).sum(1)


def export_to(trained: nn.Module, path: Path) -> Exported:
    """The file for Spikelet."""
    return frameworks.export(trained, torch.zeros(TIMESTEPS, 1, 28, 28), path, TIMESTEPS)
