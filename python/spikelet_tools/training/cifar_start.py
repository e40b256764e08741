"""What a chain's training starts from: an ONNX network with ReLUs or bounds, or one of spikes."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import ModelProto, numpy_helper
from torch import Tensor, nn

from spikelet_tools.training.cifar_alexnet import Chain, ChainLayer
from spikelet_tools.training.cifar_models import Dense

SMALLEST_SCALE = 0.05
"""A channel's bound is at least this share of its layer's mean bound."""


@torch.no_grad()
def start_from_onnx(model: Chain, path: Path, pictures: Tensor, percentile: float) -> None:
    """Takes the network of an ONNX file with the same layers.

    One with ReLUs is bounded at the percentile of what it does on `pictures`; one with bounds or
    thresholds starts as it is.
    """
    proto = onnx.load(path)
    kinds = {node.op_type for node in proto.graph.node}
    if "Greater" in kinds:
        take_thresholds(model, proto, pictures)
    else:
        take_weights(model, proto)
        if "Clip" not in kinds:
            bound(model, pictures, percentile)


@torch.no_grad()
def take_weights(model: Chain, proto: ModelProto) -> None:
    """Takes weights and batch norm of a network with ReLUs, or with activations bounded at 1.

    Where it has a bias and no batch norm, batch norm comes to stand for it: `bound` then takes
    its statistics.
    """
    constants = _constants(proto)
    norms = {n.input[0]: n for n in proto.graph.node if n.op_type == "BatchNormalization"}
    for node, target in _paired(model, proto):
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
def take_thresholds(model: Chain, proto: ModelProto, pictures: Tensor) -> None:
    """Takes weights and thresholds of a network of one timestep, as `export_cifar10` writes it.

    Weights of convolutions get the norm at which Muon keeps them. A current less its threshold
    is then a potential less one half, in the unit that the file has.
    """
    model.eval()
    constants = _constants(proto)
    limits = [constants[n.input[1]].flatten() for n in proto.graph.node if n.op_type == "Greater"]
    x = pictures
    for (node, target), limit in zip(_paired(model, proto), [*limits, None]):
        weight, *bias = (constants[name] for name in node.input[1:])
        if limit is None:
            target.weight.copy_(weight)
            target.bias.copy_(bias[0])
            continue
        size = len(weight) ** 0.5 / weight.norm() if weight.ndim == 4 else torch.ones(())
        target.weights.weight.copy_(weight * size)
        target.norm.weight.fill_(1 / size)
        target.norm.bias.fill_(0.5)
        target.norm.running_mean.copy_(limit * size)
        target.norm.running_var.fill_(1 - target.norm.eps)
        current = target.weights(_entering(target, x))
        _take_statistics(target.norm, current)
        x = target.pooled((target.norm(current) > 0.5).float())


def _paired(model: Chain, proto: ModelProto) -> list[tuple[onnx.NodeProto, nn.Module]]:
    weighted = [node for node in proto.graph.node if node.op_type in ("Conv", "Gemm")]
    targets = [*model.layers, model.readout]
    if len(weighted) != len(targets):
        raise ValueError(f"{len(weighted)} layers with weights, not {len(targets)}")
    return list(zip(weighted, targets))


def _constants(proto: ModelProto) -> dict[str, Tensor]:
    """Constants by name, also those that integers and a scale stand for."""
    found = {t.name: torch.tensor(numpy_helper.to_array(t)) for t in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type == "DequantizeLinear":
            codes, scale = (found[name] for name in node.input[:2])
            found[node.output[0]] = codes.float() * scale.view(-1, *(1,) * (codes.ndim - 1))
    return found


@torch.no_grad()
def bound(model: Chain, pictures: Tensor, percentile: float) -> None:
    """Scales every channel so that its activation's percentile becomes 1, the upper bound.

    The network with ReLUs computes the same scores before and after. Statistics of batch norm
    become those of the pictures, its gain and shift make up for that.
    """
    model.eval()
    x = pictures
    for layer, reader in zip(model.layers, model.readers()):
        current = layer.weights(_entering(layer, x))
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


def _entering(layer: ChainLayer, x: Tensor) -> Tensor:
    return x.flatten(1) if isinstance(layer.weights, Dense) else x


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
