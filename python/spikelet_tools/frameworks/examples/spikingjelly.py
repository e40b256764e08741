"""SpikingJelly: a Sequential in step mode "m", batch norm, LIF nodes that reset to zero."""

from __future__ import annotations

from pathlib import Path

import torch
from spikingjelly.activation_based import functional, layer, neuron, surrogate
from torch import Tensor, nn

from spikelet_tools.frameworks import spikingjelly as frameworks
from spikelet_tools.frameworks.writing import Exported

TIMESTEPS = 4


def _neurons(kind: type[nn.Module] = neuron.LIFNode, **options: object) -> nn.Module:
    return kind(surrogate_function=surrogate.ATan(), detach_reset=True, **options)


def network() -> nn.Module:
    """The untrained network, over all timesteps at once."""
    made = nn.Sequential(
        layer.Conv2d(1, 12, 5, bias=False), layer.BatchNorm2d(12), _neurons(tau=2.0),
        layer.MaxPool2d(2),
        layer.Conv2d(12, 24, 5, bias=False), layer.BatchNorm2d(24),
        _neurons(neuron.ParametricLIFNode, init_tau=2.0),
        layer.AvgPool2d(2), layer.Flatten(), layer.Dropout(0.1), layer.Linear(24 * 4 * 4, 10),
        _neurons(neuron.IFNode, v_reset=None))
    functional.set_step_mode(made, "m")
    return made


def scores(trained: nn.Module, pictures: Tensor) -> Tensor:
    """How often each class spiked."""
    functional.reset_net(trained)
    return trained(pictures.unsqueeze(0).repeat(TIMESTEPS, 1, 1, 1, 1)).sum(0)


def export_to(trained: nn.Module, path: Path) -> Exported:
    """The file for Spikelet."""
    return frameworks.export(
        trained, torch.zeros(TIMESTEPS, 1, 1, 28, 28), path, TIMESTEPS)
