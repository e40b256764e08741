"""Fine-tuning through the spiking network that a network will be converted to."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from spikelet_tools.training.models import LeNet5, CalibratedReLU


def spiking_scores(model: LeNet5, x: Tensor, timesteps: int) -> Tensor:
    """The converted network's scores a timestep, with gradients a ReLU network can use.

    Forwards, every ReLU is a population of integrate-and-fire neurons simulated spike by
    spike. Backwards, a population counts as its mean output, a ReLU clipped at the
    threshold (Meng et al. 2022, differentiation on spike representation): layers are
    linear, so the mean current through them is the current of the mean.
    """
    mean, train = x, x.unsqueeze(0)
    for module in (*model.features, *model.classifier):
        if isinstance(module, nn.Dropout):
            continue
        if isinstance(module, CalibratedReLU):
            mean, train = _fire(module, mean, train, timesteps)
        else:
            mean, train = module(mean), _through(module, train)
    return mean


@torch.no_grad()
def _through(module: nn.Module, train: Tensor) -> Tensor:
    if isinstance(module, nn.MaxPool2d):
        # Count-max: a window fires when the largest spike count among its inputs rises.
        counts = module(train.cumsum(0).flatten(0, 1)).unflatten(0, train.shape[:2])
        return counts.diff(dim=0, prepend=torch.zeros_like(counts[:1]))
    return module(train.flatten(0, 1)).unflatten(0, train.shape[:2])


def _fire(
    relu: CalibratedReLU, mean: Tensor, train: Tensor, timesteps: int
) -> tuple[Tensor, Tensor]:
    threshold = relu.threshold.view(1, -1, *(1 for _ in mean.shape[2:]))
    spikes = _integrate(train, threshold, timesteps)
    clipped = mean.clamp(min=0).minimum(threshold)
    return clipped + (spikes.mean(0) - clipped).detach(), spikes


@torch.no_grad()
def _integrate(train: Tensor, threshold: Tensor, timesteps: int) -> Tensor:
    potential = (threshold / 2).expand_as(train[0]).clone()
    outputs = []
    for step in range(timesteps):
        # The image is a constant current: one entry stands for every timestep.
        potential += train[min(step, train.shape[0] - 1)]
        outputs.append((potential >= threshold) * threshold)
        potential -= outputs[-1]
    return torch.stack(outputs)
