"""Symmetric int8 and int4 weights, and training through their rounding."""

from __future__ import annotations

import torch
from torch import Tensor

INT4_CLIP = 2.6
"""int4 weights are cut off at this many root mean squares of their channel."""


def largest_code(bits: int) -> int:
    """127 for 8 bits, 7 for 4: the most negative code is not used."""
    return 2 ** (bits - 1) - 1


def weight_scale(weight: Tensor, bits: int, per_channel: bool) -> Tensor:
    """The step between two codes, shaped (C, 1, ...) or, for a whole tensor, (1, 1, ...).

    For 8 bits the largest weight has the largest code. For fewer, weights far out are cut off:
    a finer step for all others is worth more.
    """
    rows = weight.detach().flatten(1) if per_channel else weight.detach().reshape(1, -1)
    limit = rows.abs().amax(dim=1)
    if bits < 8:
        limit = limit.minimum(INT4_CLIP * rows.square().mean(dim=1).sqrt())
    step = limit.clamp_min(1e-12) / largest_code(bits)
    return step.view(-1, *(1 for _ in weight.shape[1:]))


def weight_codes(weight: Tensor, bits: int, per_channel: bool) -> tuple[Tensor, Tensor]:
    """The whole-number weights (as floats) and their steps, as the network will run with."""
    step = weight_scale(weight, bits, per_channel)
    limit = largest_code(bits)
    return (weight.detach() / step).round().clamp(-limit, limit), step


def fake_quantized(weight: Tensor, bits: int, per_channel: bool) -> Tensor:
    """Rounded weights; gradients pass as if there were no rounding. 0 bits: as they are."""
    if bits == 0:
        return weight
    codes, step = weight_codes(weight, bits, per_channel)
    return weight + (codes * step - weight).detach()


def rounded_leak(leak: Tensor, levels: int) -> Tensor:
    """A leak as a whole number of 1/`levels`, at most 1; gradients pass."""
    bounded = leak.clamp(0, 1)
    return bounded + ((bounded * levels).round() / levels - bounded).detach()
