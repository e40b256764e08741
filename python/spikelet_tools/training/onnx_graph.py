"""Walks an ONNX network with torch operations, one node at a time.

Only what networks that can be converted consist of; anything else is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor

Attributes = dict[str, object]
FIRING_OPERATORS = ("Relu", "Clip")
_SAME = ("Identity", "Dropout", "Cast")
_LAST = ("Softmax", "LogSoftmax")


@dataclass(frozen=True)
class Node:
    """One node: its label is its name, or that of its first output where it has none."""

    label: str
    operator: str
    inputs: tuple[str, ...]
    output: str
    attributes: Attributes


@dataclass(frozen=True)
class Graph:
    """A network of one input and one output; a softmax at the end is left out."""

    nodes: tuple[Node, ...]
    constants: dict[str, Tensor]
    input: str
    input_shape: tuple[int, ...]
    output: str

    def readers(self, value: str) -> list[Node]:
        """The nodes that take `value`."""
        return [node for node in self.nodes if value in node.inputs]


def load_graph(path: Path, dtype: torch.dtype) -> Graph:
    """Reads an ONNX file; its weights become tensors of `dtype`."""
    model = onnx.load(path)
    constants = {
        tensor.name: _constant(numpy_helper.to_array(tensor), dtype)
        for tensor in model.graph.initializer
    }
    nodes: list[Node] = []
    for proto in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}
        if proto.op_type == "Constant":
            value = numpy_helper.to_array(attributes["value"])
            constants[proto.output[0]] = _constant(value, dtype)
            continue
        label = proto.name or proto.output[0]
        names = tuple(proto.input)
        nodes.append(Node(label, proto.op_type, names, proto.output[0], attributes))
    source = next(i for i in model.graph.input if i.name not in constants)
    shape = tuple(d.dim_value for d in source.type.tensor_type.shape.dim[1:])
    graph = Graph(tuple(nodes), constants, source.name, shape, model.graph.output[0].name)
    return _without_softmax(graph)


def _constant(array: object, dtype: torch.dtype) -> Tensor:
    tensor = torch.tensor(array)
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def _without_softmax(graph: Graph) -> Graph:
    last = graph.nodes[-1]
    if last.output != graph.output or last.operator not in _LAST:
        return graph
    return replace(graph, nodes=graph.nodes[:-1], output=last.inputs[0])


def with_relu_before_max_pool(graph: Graph, firing_order: list[str]) -> Graph:
    """Swaps ReLU(max pool(x)) where `firing_order` has the ReLU's label before the pool's."""
    nodes = list(graph.nodes)
    for pool_index, pool in enumerate(nodes):
        readers = graph.readers(pool.output)
        if pool.operator != "MaxPool" or [r.operator for r in readers] != ["Relu"]:
            continue
        relu, order = readers[0], [pool.label, readers[0].label]
        if [label for label in firing_order if label in order] != order[::-1]:
            continue
        nodes[nodes.index(relu)] = replace(pool, inputs=(pool.output,), output=relu.output)
        nodes[pool_index] = replace(relu, inputs=pool.inputs, output=pool.output)
    return replace(graph, nodes=tuple(nodes))


def evaluate(node: Node, inputs: list[Tensor]) -> Tensor:
    """The output of one node of the float network."""
    if node.operator in _SAME:
        return inputs[0]
    operation = _OPERATIONS.get(node.operator)
    if operation is None:
        raise ValueError(f"{node.label}: {node.operator} is not simulated")
    return operation(inputs, node.attributes)


@dataclass(frozen=True)
class Window:
    """Kernel, stride and padding of a pool or a convolution."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pads: tuple[int, ...]

    def padded(self, x: Tensor, value: float) -> Tensor:
        """`x` with `value` around it."""
        top, left, bottom, right = self.pads
        return F.pad(x, (left, right, top, bottom), value=value) if any(self.pads) else x

    def maxima(self, x: Tensor, padding: float) -> Tensor:
        """The largest value of every window."""
        return F.max_pool2d(self.padded(x, padding), self.kernel, self.stride)

    def patches(self, x: Tensor, padding: float) -> Tensor:
        """Every window's values in row-major order, along a last dimension."""
        rows = self.padded(x, padding).unfold(2, self.kernel[0], self.stride[0])
        return rows.unfold(3, self.kernel[1], self.stride[1]).flatten(-2)


def window_of(attributes: Attributes) -> Window:
    """The window a node's attributes describe; what is not simulated is refused."""
    dilated = any(value != 1 for value in attributes.get("dilations", [1]))
    automatic = attributes.get("auto_pad", b"NOTSET") != b"NOTSET"
    if dilated or automatic or attributes.get("ceil_mode", 0):
        raise ValueError("dilations, auto_pad and ceil_mode are not simulated")
    kernel = tuple(attributes["kernel_shape"])
    stride = tuple(attributes.get("strides", (1, 1)))
    return Window(kernel, stride, tuple(attributes.get("pads", (0, 0, 0, 0))))


def _convolution(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    window = window_of({"kernel_shape": inputs[1].shape[2:]} | attributes)
    bias = inputs[2] if len(inputs) > 2 else None
    groups = attributes.get("group", 1)
    x = window.padded(inputs[0], 0)
    return F.conv2d(x, inputs[1], bias, stride=window.stride, groups=groups)


def _dense(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    if attributes.get("transA"):
        raise ValueError("Gemm with transA is not simulated")
    weight = inputs[1].T if attributes.get("transB") else inputs[1]
    product = attributes.get("alpha", 1.0) * (inputs[0] @ weight)
    return product + attributes.get("beta", 1.0) * inputs[2] if len(inputs) > 2 else product


def _batch_norm(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    x, scale, shift, mean, variance = inputs
    return F.batch_norm(x, mean, variance, scale, shift, eps=attributes.get("epsilon", 1e-5))


def _average_pool(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    window = window_of(attributes)
    mean = F.avg_pool2d(window.padded(inputs[0], 0), window.kernel, window.stride)
    if attributes.get("count_include_pad", 0) or not any(window.pads):
        return mean
    inside = window.padded(torch.ones_like(inputs[0][:1, :1]), 0)
    return mean / F.avg_pool2d(inside, window.kernel, window.stride)


def _max_pool(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    return window_of(attributes).maxima(inputs[0], -torch.inf)


def _clip(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    low = inputs[1] if len(inputs) > 1 else attributes.get("min", -torch.inf)
    high = inputs[2] if len(inputs) > 2 else attributes.get("max", torch.inf)
    return inputs[0].clamp(float(low), float(high))


def _flatten(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    if attributes.get("axis", 1) != 1:
        raise ValueError("Flatten is simulated for axis 1 only")
    return inputs[0].flatten(1)


def _concat(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    return torch.cat(inputs, dim=attributes["axis"])


_OPERATIONS: dict[str, Callable[[list[Tensor], Attributes], Tensor]] = {
    "Conv": _convolution,
    "Gemm": _dense,
    "MatMul": lambda inputs, _: inputs[0] @ inputs[1],
    "BatchNormalization": _batch_norm,
    "Relu": lambda inputs, _: inputs[0].relu(),
    "Clip": _clip,
    "AveragePool": _average_pool,
    "GlobalAveragePool": lambda inputs, _: inputs[0].mean((2, 3), keepdim=True),
    "MaxPool": _max_pool,
    "Flatten": _flatten,
    "Reshape": lambda inputs, _: inputs[0].reshape(len(inputs[0]), *inputs[1].tolist()[1:]),
    "Concat": _concat,
    "Add": lambda inputs, _: inputs[0] + inputs[1],
    "Mul": lambda inputs, _: inputs[0] * inputs[1],
}
