"""Percentiles of activations, a channel at a time, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

BINS = 4096

Forward = Callable[[Tensor], list[Tensor]]
"""Maps a batch of images to the activations of every ReLU, first to last."""


def _by_channel(activation: Tensor) -> Tensor:
    return activation.transpose(0, 1).flatten(1)


def _maxima(forward: Forward, batches: Iterable[Tensor]) -> list[Tensor]:
    maxima: list[Tensor] = []
    for batch in batches:
        found = [_by_channel(a).amax(dim=1) for a in forward(batch)]
        maxima = [m.maximum(f) for m, f in zip(maxima, found)] if maxima else found
    return maxima


def _count(histogram: Tensor, activation: Tensor, maximum: Tensor) -> None:
    values = _by_channel(activation)
    scale = BINS / maximum.clamp_min(1e-9)
    bins = (values * scale[:, None]).long().clamp_(0, BINS - 1)
    bins += torch.arange(values.shape[0], device=values.device)[:, None] * BINS
    histogram += torch.bincount(bins.flatten(), minlength=histogram.numel()).view_as(histogram)


def _read(histogram: Tensor, maximum: Tensor, percentile: float) -> Tensor:
    if percentile >= 100:
        return maximum.clamp_min(1e-6)
    wanted = histogram.sum(dim=1, keepdim=True).double() * (percentile / 100)
    below = (histogram.cumsum(dim=1) < wanted).sum(dim=1)
    return ((below + 1) / BINS * maximum).clamp_min(1e-6)


@torch.no_grad()
def channel_percentiles(
    forward: Forward, batches: list[Tensor], percentiles: list[float]
) -> dict[float, list[Tensor]]:
    """For each percentile, one limit a channel for every ReLU `forward` returns.

    All activations count, zeros too. A limit is the upper edge of one of 4,096 equal bins
    between zero and the channel's maximum.
    """
    maxima = _maxima(forward, batches)
    histograms = [m.new_zeros((m.numel(), BINS), dtype=torch.long) for m in maxima]
    for batch in batches:
        for histogram, activation, maximum in zip(histograms, forward(batch), maxima):
            _count(histogram, activation, maximum)
    return {
        percentile: [_read(h, m, percentile) for h, m in zip(histograms, maxima)]
        for percentile in percentiles
    }
