"""What a trained spiking network computes in whole numbers, and how it folds to that.

A layer's potential counts in units of its channel's weight step (times 1/255 behind the
image, times 1/4 behind or before an average pool). At one timestep batch norm, bias and
threshold become one whole number TH a channel and threshold: a spike where A > TH, A being
the sum of whole-number weights. This is exact. At more timesteps the bias acts each time, so
bias and threshold are rounded separately, and the leak is a whole number of 1/256.

Sums of weights are made in float32, where whole numbers below 2^24 are exact (`fold` checks
that they stay there), potentials of several timesteps in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.fake_quant import weight_codes
from spikelet_tools.training.spiking_network import (
    LEAK_LEVELS,
    SpikePool,
    SpikingClassifier,
    SpikingLayer,
)

PIXEL_LEVELS = 255
POOL_SITES = 4
LARGEST_EXACT = 2**24


@dataclass(frozen=True)
class IntegerLayer:
    """One spiking layer. All numbers but `step` (C,) are whole.

    weights: (C, inputs[, kernel, kernel]), float32; thresholds: (K, C), ascending;
    bias: (C,), zero where it is folded into the thresholds; leak: U <- (U * leak) >> 8.
    """

    name: str
    weights: Tensor
    step: Tensor
    thresholds: Tensor
    bias: Tensor
    leak: int
    input_levels: int
    padding: int
    pool: SpikePool | None

    @property
    def is_convolution(self) -> bool:
        """Whether it is a convolution, rather than dense."""
        return self.weights.ndim == 4

    @property
    def unit(self) -> Tensor:
        """What 1 in the potential is worth, a channel (C,)."""
        sites = POOL_SITES if self.pool == "before" else 1
        return self.step / (self.input_levels * sites)

    def accumulate(self, x: Tensor) -> Tensor:
        """Sums of weights over whole-number inputs (batch, ...): one timestep's current."""
        if not self.is_convolution:
            return F.linear(x.flatten(1), self.weights)
        sums = F.conv2d(x, self.weights, padding=self.padding)
        return F.avg_pool2d(sums, 2) * POOL_SITES if self.pool == "before" else sums

    def shaped(self, values: Tensor) -> Tensor:
        """Values a channel, to be broadcast over (batch, C[, height, width])."""
        return values.view(-1, 1, 1) if self.is_convolution else values

    def fire(self, potential: Tensor) -> tuple[Tensor, Tensor]:
        """Spikes of all thresholds, and the largest threshold crossed, or 0."""
        spikes, crossed = [], torch.zeros_like(potential)
        for threshold in self.thresholds:
            limit = self.shaped(threshold).to(potential.dtype)
            spikes.append(potential > limit)
            crossed = torch.where(spikes[-1], limit, crossed)
        return torch.cat(spikes, dim=1).to(potential.dtype), crossed

    def pooled(self, spikes: Tensor) -> Tensor:
        """Spike counts of 2x2 sites, or whether any of them spiked."""
        if self.pool == "avg":
            return F.avg_pool2d(spikes, 2) * POOL_SITES
        return F.max_pool2d(spikes, 2) if self.pool == "max" else spikes


@dataclass(frozen=True)
class Readout:
    """The last layer, behind a dense one: whole-number weights (10, inputs) and bias (10,)."""

    weights: Tensor
    step: float
    bias: Tensor


@dataclass(frozen=True)
class IntegerNetwork:
    """Spiking layers, a read-out and a number of timesteps."""

    layers: list[IntegerLayer]
    readout: Readout
    timesteps: int
    bits: int

    @torch.no_grad()
    def run(self, pixels: Tensor) -> Run:
        """Runs all timesteps on bytes (batch, 1, 28, 28)."""
        image = pixels.float()
        potentials: list[Tensor | None] = [None] * len(self.layers)
        counts: list[Tensor] = []
        scores: list[Tensor] = []
        busy = [0.0] * len(self.layers)
        encoded = self.layers[0].accumulate(image)
        for step in range(self.timesteps):
            x = image
            for index, layer in enumerate(self.layers):
                current = encoded if index == 0 else layer.accumulate(x)
                if self.timesteps > 1:
                    current = current.double()
                potential = current + layer.shaped(layer.bias).to(current.dtype)
                before = potentials[index]
                if before is not None:
                    potential = potential + torch.floor(before * layer.leak / LEAK_LEVELS)
                spikes, crossed = layer.fire(potential)
                potentials[index] = potential - crossed
                if step == 0:
                    counts.append(spikes)
                else:
                    counts[index] = counts[index] + spikes
                x = layer.pooled(spikes.float())
                busy[index] += float((x > 0).float().mean())
            score = F.linear(x.flatten(1), self.readout.weights) + self.readout.bias
            scores.append(score if step == 0 else score + scores[-1])
        return Run(torch.stack(scores), counts, busy)

    def classify(self, pixels: Tensor, batch_size: int = 500) -> Classification:
        """Classes after every timestep, and how busy the layers are."""
        predictions, rates, busy = [], [], []
        for batch in pixels.split(batch_size):
            run = self.run(batch)
            predictions.append(run.scores.argmax(2))
            mean = torch.stack([count.double().mean() for count in run.spikes]) / self.timesteps
            rates.append(mean * len(batch) / len(pixels))
            busy.append(torch.tensor(run.busy) * len(batch) / len(pixels))
        return Classification(
            torch.cat(predictions, dim=1),
            torch.stack(rates).sum(0).tolist(),
            torch.stack(busy).sum(0).tolist(),
        )


@dataclass(frozen=True)
class Run:
    """What a run of a batch gives.

    scores: (timesteps, batch, 10), summed so far; spikes: a layer's (batch, ...), summed over
    timesteps; busy: the share of sites behind a layer and its pool that are not zero, summed
    over timesteps.
    """

    scores: Tensor
    spikes: list[Tensor]
    busy: list[float]


@dataclass(frozen=True)
class Classification:
    """Classes (timesteps, images) after each timestep; spike rates and busy shares a layer."""

    predictions: Tensor
    spike_rates: list[float]
    busy: list[float]

    def correct(self, labels: Tensor) -> list[int]:
        """How many images are right after each timestep."""
        return (self.predictions == labels).sum(1).tolist()


def fold(model: SpikingClassifier, input_levels: int = PIXEL_LEVELS) -> IntegerNetwork:
    """The whole-number network of a trained one, as it is configured.

    `input_levels` is the largest whole number of the input: 255 for pixels, 1 for spikes.
    """
    if not model.timesteps or not model.bits:
        raise ValueError("only a spiking network with quantized weights folds to integers")
    layers: list[IntegerLayer] = []
    convolutions = 0
    for layer in model.layers:
        conv = isinstance(layer.weights, nn.Conv2d)
        convolutions += conv
        name = f"conv{convolutions}" if conv else f"fc{len(layers) + 1 - convolutions}"
        layers.append(_fold_layer(layer, name, model, input_levels))
        input_levels = POOL_SITES if layer.pool == "avg" else 1
    codes, step = weight_codes(model.readout.weight, model.bits, per_channel=False)
    bias = (model.readout.bias.detach() / step.flatten()).round()
    readout = Readout(codes, _power_of_two(step).item(), bias)
    return IntegerNetwork(layers, readout, model.timesteps, model.bits)


def _power_of_two(step: Tensor) -> Tensor:
    """The nearest power of two, so that float32 sums of whole multiples are exact.

    A potential's unit means nothing by itself: weights, bias and thresholds of a channel may be
    multiplied by one number, and so may all scores.
    """
    return torch.exp2(step.double().log2().round())


def _fold_layer(
    layer: SpikingLayer, name: str, model: SpikingClassifier, input_levels: int
) -> IntegerLayer:
    norm = layer.norm
    codes, step = weight_codes(layer.weights.weight, model.bits, per_channel=True)
    codes, step = codes.double(), step.double().flatten()
    gain = norm.weight.detach().double() / (norm.running_var.double() + norm.eps).sqrt()
    gain = torch.where(gain.abs() < 1e-9, torch.full_like(gain, 1e-9), gain)
    offset = norm.bias.detach().double() - gain * norm.running_mean.double()
    sites = POOL_SITES if layer.pool == "before" else 1
    unit = gain.abs() * step / (input_levels * sites)
    codes = codes * gain.sign().view(-1, *(1 for _ in codes.shape[1:]))
    bound = codes.flatten(1).abs().sum(1) * sites * input_levels + 1
    if bound.max() > LARGEST_EXACT or (bound == 1).any():
        raise ValueError(f"{name}: sums up to {bound.max():.0f}, or a channel without weights")
    thresholds = layer.thresholds.detach().double()[:, None]
    if model.timesteps == 1:
        bias = torch.zeros_like(offset)
        levels = ((thresholds - offset) / unit).floor()
        levels = _ascending(levels.maximum(-bound).minimum(bound))
    else:
        bias = (offset / (unit * sites)).round() * sites
        levels = _ascending((thresholds / unit).round().clamp_min(1))
    return IntegerLayer(
        name=name,
        weights=codes.float(),
        step=_power_of_two(gain.abs() * step),
        thresholds=levels,
        bias=bias,
        leak=int((layer.leak.detach().clamp(0, 1) * LEAK_LEVELS).round()),
        input_levels=input_levels,
        padding=layer.weights.padding[0] if isinstance(layer.weights, nn.Conv2d) else 0,
        pool=layer.pool,
    )


def _ascending(levels: Tensor) -> Tensor:
    """Thresholds (K, C) a channel of which strictly ascend; equal ones move apart by one."""
    rows = [levels[0]]
    for row in levels[1:]:
        rows.append(row.maximum(rows[-1] + 1))
    return torch.stack(rows)
