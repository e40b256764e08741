"""Spiking networks of few timesteps: IIR-SNN's neuron, and K thresholds on one potential.

Direct encoding, integrate and fire with a trained threshold and a trained leak a layer, a
strict comparison, a soft reset, a read-out without a threshold: as in IIR-SNN (Chowdhury,
Rathi, Roy, ECCV 2022, and its public code). Batch norm stands before the threshold, which
IIR-SNN does not have; at one timestep it folds into the threshold exactly. The layer with
several thresholds is a reconstruction of DT-SCNN (Lei et al. 2024) from its abstract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.fake_quant import fake_quantized, rounded_leak

SpikePool = Literal["avg", "max", "before"]
"""Where a 2x2 pool stands: the average or the maximum of spikes, or the average of currents."""

LEAK_SHIFT = 8
LEAK_LEVELS = 2**LEAK_SHIFT
SURROGATE_HEIGHT = 0.3
SMALLEST_THRESHOLD = 0.05


@dataclass(frozen=True)
class Convolution:
    """A convolution's output maps, its square kernel and its padding; a 2x2 pool follows."""

    maps: int
    kernel: int
    padding: int


@dataclass(frozen=True)
class Architecture:
    """Convolutions, each with a pool, then dense layers; ten classes from 28x28 images."""

    title: str
    convolutions: tuple[Convolution, ...]
    dense: tuple[int, ...]


ARCHITECTURES = {
    "lenet5": Architecture("LeNet-5", (Convolution(6, 5, 2), Convolution(16, 5, 0)), (120, 84)),
    "vgg4": Architecture("VGG4", (Convolution(64, 3, 1), Convolution(128, 3, 1)), (1024,)),
}
IMAGE_SIZE, CLASSES = 28, 10


class _Fire(torch.autograd.Function):
    """1 where z = U / v - 1 > 0; backwards dS/dz = 0.3 max(0, 1 - |z|), IIR-SNN's surrogate."""

    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, potential: Tensor, threshold: Tensor
    ) -> Tensor:
        ctx.save_for_backward(potential, threshold)
        return (potential > threshold).to(potential.dtype)

    @staticmethod
    def backward(
        ctx: torch.autograd.function.FunctionCtx, gradient: Tensor
    ) -> tuple[Tensor, Tensor]:
        potential, threshold = ctx.saved_tensors
        ratio = potential / threshold
        by_potential = (ratio - 1).abs_().neg_().add_(1).clamp_(min=0)
        by_potential = by_potential.mul_(SURROGATE_HEIGHT / threshold).mul_(gradient)
        # dz/dv = -U / v^2: what dz/dU = 1 / v is, times -U / v.
        return by_potential, -by_potential.flatten().dot(ratio.flatten()).float()


def fire(potential: Tensor, threshold: Tensor) -> Tensor:
    """Spikes (0 or 1) where the potential is above the threshold, with surrogate gradients."""
    return _Fire.apply(potential, threshold)


class SpikingLayer(nn.Module):
    """Weights -> [pool] -> batch norm -> K thresholds -> [pool].

    K thresholds on C potentials give K * C maps: all maps of the lowest threshold, then all
    of the next. Values are shaped (timesteps, batch, channels, ...); one timestep of input
    stands for all where it is the same in each.
    """

    def __init__(
        self, weights: nn.Conv2d | nn.Linear, thresholds: int, pool: SpikePool | None
    ) -> None:
        super().__init__()
        self.weights = weights
        potentials = weights.weight.shape[0]
        conv = isinstance(weights, nn.Conv2d)
        self.norm = nn.BatchNorm2d(potentials) if conv else nn.BatchNorm1d(potentials)
        self.thresholds = nn.Parameter(torch.linspace(0, 1.5, thresholds + 1)[1:].clone())
        self.leak = nn.Parameter(torch.ones(()))
        self.pool = pool
        self.bits = 0
        self.spikes: Tensor | None = None

    def forward(self, x: Tensor, timesteps: int) -> Tensor:
        """The pooled spikes of all timesteps."""
        current = self._each_timestep(self.current, x)
        if timesteps == 1:
            spikes = self.fire(current[0]).unsqueeze(0)
        else:
            spikes = self._integrate(current, timesteps)
        self.spikes = spikes
        return self._each_timestep(self.pooled, spikes)

    def current(self, x: Tensor) -> Tensor:
        """What inputs (batch, ...) add to the potentials."""
        weight = fake_quantized(self.weights.weight, self.bits, per_channel=True)
        if isinstance(self.weights, nn.Conv2d):
            x = F.conv2d(x, weight, padding=self.weights.padding)
        else:
            x = F.linear(x, weight)
        return self.norm(F.avg_pool2d(x, 2) if self.pool == "before" else x)

    def pooled(self, x: Tensor) -> Tensor:
        """The pool after the spike, where there is one."""
        if self.pool == "avg":
            return F.avg_pool2d(x, 2)
        return F.max_pool2d(x, 2) if self.pool == "max" else x

    def rectified(self, x: Tensor) -> Tensor:
        """The layer of the float network that IIR-SNN starts from: a ReLU, no spikes."""
        return self.pooled(F.relu(self.current(x)))

    def fire(self, potential: Tensor) -> Tensor:
        """The spikes of all thresholds, one threshold's maps after the other's."""
        spikes = [fire(potential, v) for v in self.thresholds]
        return torch.cat(spikes, dim=1) if len(spikes) > 1 else spikes[0]

    def _crossed(self, spikes: Tensor) -> Tensor:
        """The largest threshold that every potential crossed, or 0."""
        crossed, below = 0.0, 0.0
        for spike, threshold in zip(spikes.chunk(len(self.thresholds), dim=1), self.thresholds):
            crossed = crossed + (threshold - below) * spike.detach()
            below = threshold
        return crossed

    def _integrate(self, current: Tensor, timesteps: int) -> Tensor:
        leak = rounded_leak(self.leak, LEAK_LEVELS)
        potential = torch.zeros_like(current[0])
        outputs = []
        for step in range(timesteps):
            # The leak acts on what the reset left, before the next current.
            potential = leak * potential + current[min(step, len(current) - 1)]
            spikes = self.fire(potential)
            potential = potential - self._crossed(spikes)
            outputs.append(spikes)
        return torch.stack(outputs)

    @staticmethod
    def _each_timestep(operation: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        return operation(x.flatten(0, 1)).unflatten(0, x.shape[:2])

    @torch.no_grad()
    def keep_in_bounds(self) -> None:
        """Leaks stay at most 1, thresholds positive and in ascending order."""
        self.leak.clamp_(0, 1)
        smallest = SMALLEST_THRESHOLD
        for k in range(len(self.thresholds)):
            self.thresholds[k] = self.thresholds[k].clamp_min(smallest)
            smallest = self.thresholds[k] + SMALLEST_THRESHOLD


class SpikingClassifier(nn.Module):
    """A network of spiking layers and a dense read-out that sums its scores over timesteps.

    `thresholds` (K) is the number of thresholds of the convolutions, which then have 1/K of
    the potentials, rounded down. `timesteps` 0 makes it the float network with ReLUs that
    IIR-SNN's training starts from. `bits` (0: floats) holds for all layers.
    """

    def __init__(
        self,
        architecture: Architecture,
        thresholds: int = 1,
        pool: SpikePool = "avg",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.dropout = dropout
        self.timesteps, self.bits = 0, 0
        layers: list[SpikingLayer] = []
        channels, size = 1, IMAGE_SIZE
        for spec in architecture.convolutions:
            potentials = spec.maps // thresholds
            weights = nn.Conv2d(
                channels, potentials, spec.kernel, padding=spec.padding, bias=False
            )
            layers.append(SpikingLayer(weights, thresholds, pool))
            channels = potentials * thresholds
            size = (size + 2 * spec.padding - spec.kernel + 1) // 2
        features = channels * size * size
        for width in architecture.dense:
            layers.append(SpikingLayer(nn.Linear(features, width, bias=False), 1, None))
            features = width
        self.layers = nn.ModuleList(layers)
        self.readout = nn.Linear(features, CLASSES)
        for layer in layers:
            nn.init.kaiming_normal_(layer.weights.weight, nonlinearity="relu")
        nn.init.zeros_(self.readout.bias)

    def configure(self, timesteps: int, bits: int) -> None:
        """Sets how many timesteps (0: the float network) and how many bits a weight."""
        self.timesteps, self.bits = timesteps, bits
        for layer in self.layers:
            layer.bits = bits

    def forward(self, x: Tensor, until: int | None = None) -> Tensor:
        """The scores (batch, 10) of images (batch, 1, 28, 28).

        With `until`, the current of that layer instead, (timesteps, batch, ...).
        """
        x = x.unsqueeze(0)
        for index, layer in enumerate(self.layers):
            if isinstance(layer.weights, nn.Linear):
                x = self._dropped(x.flatten(2))
            if index == until:
                return layer.current(x.flatten(0, 1)).unflatten(0, x.shape[:2])
            if self.timesteps:
                x = layer(x, self.timesteps)
            else:
                x = layer.rectified(x[0]).unsqueeze(0)
        weight = fake_quantized(self.readout.weight, self.bits, per_channel=False)
        return F.linear(x.sum(0), weight, x.shape[0] * self.readout.bias)

    def _dropped(self, x: Tensor) -> Tensor:
        """Dropout with one mask an image, the same at all timesteps."""
        if not self.training or not self.dropout:
            return x
        return x * F.dropout(torch.ones_like(x[:1]), self.dropout)

    def spike_rates(self) -> list[Tensor]:
        """The share of sites that spiked in the last forward pass, layer by layer."""
        return [layer.spikes.mean() for layer in self.layers]

    def dense_operations(self) -> list[int]:
        """Accumulations a timestep in the layer that reads each spiking layer, if all spiked.

        The first layer is not among them: it reads the image, and multiplies.
        """
        counts, size = [], IMAGE_SIZE
        readers = [*(layer.weights for layer in self.layers[1:]), self.readout]
        for layer, reader in zip(self.layers, readers):
            if isinstance(layer.weights, nn.Conv2d):
                size = _convolved(layer.weights, size) // 2
            sites = _convolved(reader, size) ** 2 if isinstance(reader, nn.Conv2d) else 1
            counts.append(reader.weight.numel() * sites)
        return counts


def _convolved(convolution: nn.Conv2d, size: int) -> int:
    return size + 2 * convolution.padding[0] - convolution.kernel_size[0] + 1


@torch.no_grad()
def initialise_thresholds(
    model: SpikingClassifier, images: Tensor, percentiles: list[float]
) -> list[list[float]]:
    """Sets every threshold to a percentile of its layer's currents; leaks to 1.

    IIR-SNN takes the 90th percentile of all currents of one batch, layer by layer, where the
    layers before already spike. Here batch norm's statistics are taken anew at each layer
    first, over the same images (batch, 1, 28, 28). Layers of one threshold use the last
    percentile.
    """
    found = []
    model.eval()
    for index, layer in enumerate(model.layers):
        layer.norm.reset_running_stats()
        layer.norm.momentum, momentum = None, layer.norm.momentum
        layer.norm.train()
        model(images, until=index)
        layer.norm.eval()
        layer.norm.momentum = momentum
        currents = model(images, until=index).flatten().float().sort().values
        for k, percentile in enumerate(percentiles[-len(layer.thresholds) :]):
            place = round(percentile / 100 * (len(currents) - 1))
            layer.thresholds[k] = currents[place] if currents[place] > 0 else 0.1
        layer.leak.fill_(1)
        layer.keep_in_bounds()
        found.append([round(float(v), 4) for v in layer.thresholds])
    return found
