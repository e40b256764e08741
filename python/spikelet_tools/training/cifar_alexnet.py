"""AlexNet and VGG for 32x32 pictures: chains of layers that become spiking ones.

A layer is weights, batch norm, an activation and perhaps an average pool. With one level the
network spikes: at one timestep, where `integer_network.fold` makes whole numbers of it, or at a
few, as the network does that a bounded one converts to.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.cifar10 import SIZE
from spikelet_tools.training.cifar_models import CLASSES, Convolution, Dense, Levels
from spikelet_tools.training.cifar_plans import ALEXNET, VGG11, VGG16, Plan
from spikelet_tools.training.spiking_network import SpikePool

class ChainLayer(nn.Module):
    """Weights -> batch norm -> activation, perhaps of two thresholds [-> 2x2 average pool]."""

    def __init__(
        self, weights: Convolution | Dense, pool: SpikePool | None, thresholds: int = 1
    ) -> None:
        super().__init__()
        self.weights = weights
        outputs = weights.weight.shape[0]
        conv = isinstance(weights, Convolution)
        self.norm = nn.BatchNorm2d(outputs) if conv else nn.BatchNorm1d(outputs)
        self.activation = Levels(0, thresholds)
        self.pool = pool

    @property
    def thresholds(self) -> Tensor:
        """Where a single level begins, for every threshold."""
        return torch.tensor(self.activation.thresholds)

    @property
    def leak(self) -> Tensor:
        """No leak; at one timestep it means nothing."""
        return torch.ones(())

    def forward(self, x: Tensor) -> Tensor:
        """The layer's output."""
        return self.pooled(self.activation(self.norm(self.weights(x))))

    def spikes(self, x: Tensor, timesteps: int, constant: bool) -> Tensor:
        """The pooled spikes of all timesteps; `constant`: of a picture, not of other spikes."""
        current = self.norm(self.weights(x))
        return self.pooled(self.activation.spikes(current, timesteps, constant))

    def pooled(self, x: Tensor) -> Tensor:
        """The pool, where there is one."""
        return F.avg_pool2d(x, 2) if self.pool == "avg" else x


class Chain(nn.Module):
    """Convolutions, dense layers, and ten scores.

    With two thresholds on its potentials a convolution has half of the maps that the plan names.
    `timesteps` holds for activations of one level; `earlier` then has the scores after each
    timestep but the last of the pass before.
    """

    def __init__(
        self, plan: Plan, dense: tuple[int, ...], thresholds: int = 1, timesteps: int = 1
    ) -> None:
        super().__init__()
        self.timesteps = timesteps
        self.earlier: list[Tensor] = []
        layers: list[ChainLayer] = []
        inputs, size = 3, SIZE
        for maps, pooled in plan:
            weights = Convolution(inputs, maps // thresholds)
            layers.append(ChainLayer(weights, "avg" if pooled else None, thresholds))
            inputs = maps // thresholds * thresholds
            size = size // 2 if pooled else size
        features = inputs * size * size
        for width in dense:
            layers.append(ChainLayer(Dense(features, width), None))
            features = width
        self.layers = nn.ModuleList(layers)
        self.readout = Dense(features, CLASSES, bias=True)

    @property
    def bits(self) -> int:
        """The bits of all weights, 0 for floats."""
        return self.readout.bits

    def forward(self, x: Tensor) -> Tensor:
        """The ten scores of every picture."""
        spiking = self.timesteps > 1 and self.layers[0].activation.levels == 1
        for index, layer in enumerate(self.layers):
            if isinstance(layer.weights, Dense):
                x = x.flatten(1)
            x = layer.spikes(x, self.timesteps, constant=index == 0) if spiking else layer(x)
        scores = self.readout(x.flatten(1))
        if not spiking:
            return scores
        *self.earlier, mean = _means(scores.chunk(self.timesteps))
        return mean

    def readers(self) -> list[Convolution | Dense]:
        """For each layer, the weights that read its output."""
        return [*(layer.weights for layer in self.layers[1:]), self.readout]


def _means(scores: tuple[Tensor, ...]) -> list[Tensor]:
    """The mean of the first, of the first two, and so on."""
    return [torch.stack(scores[: count + 1]).mean(0) for count in range(len(scores))]


def alexnet() -> Chain:
    """AlexNet for 32x32 pictures: five convolutions, two dense layers."""
    return Chain(ALEXNET, (1024,))


def alexnet_t2() -> Chain:
    """AlexNet that spikes at two timesteps."""
    return Chain(ALEXNET, (1024,), timesteps=2)


def alexnet_dual() -> Chain:
    """AlexNet with two thresholds on every potential, and half of the convolutions."""
    return Chain(ALEXNET, (1024,), thresholds=2)


def vgg11() -> Chain:
    """A small VGG: eight convolutions, pooled after the first, and two dense layers."""
    return Chain(VGG11, (512,))


def vgg16() -> Chain:
    """VGG-16 for 32x32 pictures, with one dense layer of 512 before the read-out."""
    return Chain(VGG16, (512,))
