"""AlexNet and VGG for 32x32 pictures: chains of layers that become spiking ones.

A layer is weights, batch norm, an activation and perhaps an average pool. With one level the
network is one of a single timestep: `integer_network.fold` makes whole numbers of it.
"""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor, nn

from spikelet_tools.training.cifar10 import SIZE
from spikelet_tools.training.cifar_models import CLASSES, Convolution, Dense, Levels
from spikelet_tools.training.cifar_plans import ALEXNET, VGG11, VGG16, Plan
from spikelet_tools.training.spiking_network import SpikePool

SMALLEST_SCALE = 0.05
"""A channel's bound is at least this share of its layer's mean bound."""


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

    def pooled(self, x: Tensor) -> Tensor:
        """The pool, where there is one."""
        return F.avg_pool2d(x, 2) if self.pool == "avg" else x


class Chain(nn.Module):
    """Convolutions, dense layers, and ten scores.

    With two thresholds on its potentials a convolution has half of the maps that the plan names.
    """

    timesteps = 1

    def __init__(self, plan: Plan, dense: tuple[int, ...], thresholds: int = 1) -> None:
        super().__init__()
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
        for layer in self.layers:
            if isinstance(layer.weights, Dense):
                x = x.flatten(1)
            x = layer(x)
        return self.readout(x.flatten(1))

    def readers(self) -> list[Convolution | Dense]:
        """For each layer, the weights that read its output."""
        return [*(layer.weights for layer in self.layers[1:]), self.readout]


@torch.no_grad()
def start_from_onnx(model: Chain, path: Path) -> None:
    """Takes weights and batch norm of an ONNX network with the same layers, ReLUs all.

    Where it has a bias and no batch norm, batch norm comes to stand for it: `bound` then takes
    its statistics.
    """
    proto = onnx.load(path)
    constants = {t.name: torch.tensor(numpy_helper.to_array(t)) for t in proto.graph.initializer}
    weighted = [node for node in proto.graph.node if node.op_type in ("Conv", "Gemm")]
    norms = {n.input[0]: n for n in proto.graph.node if n.op_type == "BatchNormalization"}
    targets = [*model.layers, model.readout]
    if len(weighted) != len(targets):
        raise ValueError(f"{path}: {len(weighted)} layers with weights, not {len(targets)}")
    for node, target in zip(weighted, targets):
        weight, *bias = (constants[name] for name in node.input[1:])
        shift = bias[0] if bias else torch.zeros(len(weight))
        if target is model.readout:
            target.weight.copy_(weight)
            target.bias.copy_(shift)
            continue
        target.weights.weight.copy_(weight)
        norm = norms.get(node.output[0])
        if norm is None:
            target.norm.running_mean.zero_()
            target.norm.running_var.fill_(1 - target.norm.eps)
            target.norm.weight.fill_(1)
            target.norm.bias.copy_(shift)
        else:
            gain, offset, mean, variance = (constants[name] for name in norm.input[1:])
            target.norm.weight.copy_(gain)
            target.norm.bias.copy_(offset)
            target.norm.running_mean.copy_(mean - shift)
            target.norm.running_var.copy_(variance)


@torch.no_grad()
def bound(model: Chain, pictures: Tensor, percentile: float) -> None:
    """Scales every channel so that its activation's percentile becomes 1, the upper bound.

    The network with ReLUs computes the same scores before and after. Statistics of batch norm
    become those of the pictures, its gain and shift make up for that.
    """
    model.eval()
    x = pictures
    for layer, reader in zip(model.layers, model.readers()):
        x = x.flatten(1) if isinstance(layer.weights, Dense) else x
        current = layer.weights(x)
        _take_statistics(layer.norm, current)
        x = F.relu(layer.norm(current))
        scale = _percentiles(x, percentile)
        scale = scale.maximum(SMALLEST_SCALE * scale.mean())
        layer.norm.weight.div_(scale)
        layer.norm.bias.div_(scale)
        inputs = reader.weight.shape[1] // len(scale)
        columns = scale.repeat_interleave(inputs)
        reader.weight.mul_(columns.view(1, -1, *(1,) * (reader.weight.ndim - 2)))
        x = layer.pooled(x / scale.view(1, -1, *(1,) * (x.ndim - 2)))


def _take_statistics(norm: nn.BatchNorm1d | nn.BatchNorm2d, current: Tensor) -> None:
    columns = current.transpose(0, 1).flatten(1)
    mean, variance = columns.mean(1), columns.var(1, unbiased=False)
    gain = norm.weight / (norm.running_var + norm.eps).sqrt()
    norm.bias.add_(gain * (mean - norm.running_mean))
    norm.weight.copy_(gain * (variance + norm.eps).sqrt())
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)


def _percentiles(x: Tensor, percentile: float) -> Tensor:
    columns = x.transpose(0, 1).flatten(1)
    place = max(1, round(columns.shape[1] * percentile / 100))
    return columns.kthvalue(place, dim=1).values


def alexnet() -> Chain:
    """AlexNet for 32x32 pictures: five convolutions, two dense layers."""
    return Chain(ALEXNET, (1024,))


def alexnet_dual() -> Chain:
    """AlexNet with two thresholds on every potential, and half of the convolutions."""
    return Chain(ALEXNET, (1024,), thresholds=2)


def vgg11() -> Chain:
    """A small VGG: eight convolutions, pooled after the first, and two dense layers."""
    return Chain(VGG11, (512,))


def vgg16() -> Chain:
    """VGG-16 for 32x32 pictures, with one dense layer of 512 before the read-out."""
    return Chain(VGG16, (512,))
