"""A float simulation of the spiking network an ONNX file would be converted to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor


@dataclass(frozen=True)
class Layer:
    """A convolution or dense layer (batch norm folded in), and what follows it."""

    weight: Tensor
    bias: Tensor
    padding: int = 0
    fires: bool = False
    pool: str = ""

    def current(self, x: Tensor) -> Tensor:
        """The layer's output before its activation."""
        if self.weight.ndim == 2:
            return F.linear(x.flatten(1), self.weight, self.bias)
        return F.conv2d(x, self.weight, self.bias, padding=self.padding)

    def to(self, device: torch.device) -> Layer:
        """The same layer on another device."""
        return replace(self, weight=self.weight.to(device), bias=self.bias.to(device))


def load_layers(path: Path) -> list[Layer]:
    """Reads a chain of Conv, Gemm, BatchNormalization, Relu, pooling and Flatten nodes."""
    graph = onnx.load(path).graph
    values = {
        tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
        for tensor in graph.initializer
    }
    layers: list[Layer] = []
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs = [values[name] for name in node.input if name in values]
        if node.op_type in ("Conv", "Gemm"):
            layers.append(_weighted(node.op_type, inputs, attributes))
        elif node.op_type == "BatchNormalization":
            layers[-1] = _fold(layers[-1], inputs, attributes.get("epsilon", 1e-5))
        elif node.op_type == "Relu":
            layers[-1] = replace(layers[-1], fires=True)
        elif node.op_type in ("AveragePool", "MaxPool"):
            _check_pool(attributes)
            layers[-1] = replace(layers[-1], pool=node.op_type)
        elif node.op_type != "Flatten":
            raise ValueError(f"{path}: {node.op_type} is not part of this simulation")
    return layers


def _weighted(kind: str, inputs: list[Tensor], attributes: dict[str, object]) -> Layer:
    weight, bias = inputs
    if kind == "Gemm":
        if not attributes.get("transB"):
            weight = weight.T.contiguous()
        return Layer(weight, bias)
    pads = attributes.get("pads", [0])
    if len(set(pads)) > 1 or set(attributes.get("strides", [1])) != {1}:
        raise ValueError("only convolutions with equal pads and stride 1 are simulated")
    return Layer(weight, bias, padding=pads[0])


def _fold(layer: Layer, inputs: list[Tensor], epsilon: float) -> Layer:
    scale, shift, mean, variance = inputs
    factor = scale / torch.sqrt(variance + epsilon)
    weight = layer.weight * factor.view(-1, *(1 for _ in layer.weight.shape[1:]))
    return replace(layer, weight=weight, bias=(layer.bias - mean) * factor + shift)


def _check_pool(attributes: dict[str, object]) -> None:
    if list(attributes["kernel_shape"]) != [2, 2] or list(attributes["strides"]) != [2, 2]:
        raise ValueError("only 2x2 pooling with stride 2 is simulated")


def relu_activations(layers: list[Layer], x: Tensor) -> list[Tensor]:
    """Every ReLU's output in the network before conversion, first to last."""
    outputs: list[Tensor] = []
    for layer in layers:
        if not layer.fires:
            break
        outputs.append(layer.current(x).relu())
        x = _float_pool(layer, outputs[-1])
    return outputs


def float_scores(layers: list[Layer], x: Tensor) -> Tensor:
    """The scores of the network before conversion."""
    outputs = relu_activations(layers, x)
    return layers[-1].current(_float_pool(layers[len(outputs) - 1], outputs[-1]))


def _float_pool(layer: Layer, x: Tensor) -> Tensor:
    if layer.pool == "AveragePool":
        return F.avg_pool2d(x, 2)
    return F.max_pool2d(x, 2) if layer.pool == "MaxPool" else x


class Population:
    """Integrate-and-fire neurons of one layer, soft reset, started at half a threshold."""

    def __init__(self, layer: Layer, threshold: Tensor) -> None:
        self._layer = layer
        self._threshold = threshold
        self._potential: Tensor | None = None
        self._count: Tensor | None = None
        self.spikes = 0

    def step(self, x: Tensor) -> Tensor:
        """One timestep: the spikes, weighted by the threshold, after pooling."""
        current = self._layer.current(x)
        threshold = self._threshold.view(1, -1, *(1 for _ in current.shape[2:]))
        if self._potential is None:
            self._potential = (threshold / 2).expand_as(current).clone()
        self._potential += current
        spikes = (self._potential >= threshold).to(current.dtype)
        self._potential -= spikes * threshold
        self.spikes += int(spikes.sum())
        return self._pool(spikes) * threshold

    def _pool(self, spikes: Tensor) -> Tensor:
        if self._layer.pool == "AveragePool":
            return F.avg_pool2d(spikes, 2)
        if self._layer.pool != "MaxPool":
            return spikes
        # Count-max: a window fires when the largest spike count among its inputs rises.
        before = torch.zeros_like(spikes) if self._count is None else self._count
        self._count = before + spikes
        return F.max_pool2d(self._count, 2) - F.max_pool2d(before, 2)


class SpikingNetwork:
    """The converted network for one batch: constant input, potential read-out."""

    def __init__(self, layers: list[Layer], thresholds: list[Tensor]) -> None:
        self._populations = [Population(*pair) for pair in zip(layers, thresholds)]
        self._readout = layers[-1]
        self._scores: Tensor | None = None

    def step(self, pixels: Tensor) -> Tensor:
        """One timestep; returns the scores gathered so far."""
        x = pixels
        for population in self._populations:
            x = population.step(x)
        current = self._readout.current(x)
        self._scores = current if self._scores is None else self._scores + current
        return self._scores

    @property
    def spikes(self) -> int:
        """How many spikes all neurons fired so far."""
        return sum(population.spikes for population in self._populations)
