"""The networks that are compared, as chains of layers in numpy, and as files of other engines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT, SCORES = "image", "scores"


@dataclass(frozen=True)
class Layer:
    """A convolution or dense layer: its weights as ONNX has them, and what follows it."""

    weight: np.ndarray
    bias: np.ndarray
    padding: int = 0
    rectified: bool = False
    pooled: bool = False
    ceiling: float = np.inf
    """Where the rectifier is cut off."""

    @property
    def is_dense(self) -> bool:
        """Whether it is a dense layer; else a convolution."""
        return self.weight.ndim == 2


def read_chain(path: Path) -> list[Layer]:
    """The float layers of an ONNX file with one path; batch norms and scales are multiplied in."""
    graph = onnx.load(path).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    layers: list[Layer] = []
    for node in graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "DequantizeLinear":
            values[node.output[0]] = _dequantized(*(values[name] for name in node.input))
        elif node.op_type in ("Conv", "Gemm"):
            layers.append(_weighted(node.op_type, [values[name] for name in node.input[1:]],
                                    attributes))
        elif node.op_type == "BatchNormalization":
            layers[-1] = _folded(layers[-1], [values[name] for name in node.input[1:]],
                                 attributes["epsilon"])
        elif node.op_type == "Constant":
            values[node.output[0]] = numpy_helper.to_array(attributes["value"])
        elif node.op_type == "Relu":
            layers[-1] = replace(layers[-1], rectified=True)
        elif node.op_type == "Clip" and values[node.input[1]] == 0:
            layers[-1] = replace(layers[-1], rectified=True,
                                 ceiling=float(values[node.input[2]]))
        elif node.op_type == "AveragePool" and list(attributes["kernel_shape"]) == [2, 2] \
                and list(attributes["strides"]) == [2, 2]:
            layers[-1] = replace(layers[-1], pooled=True)
        elif node.op_type != "Flatten":
            raise ValueError(f"{path}: {node.op_type} is not part of these benchmarks' networks")
    return layers


def _dequantized(values: np.ndarray, scale: np.ndarray, zero: np.ndarray) -> np.ndarray:
    """One scale for each output, along the first axis."""
    shape = (-1, *(1 for _ in values.shape[1:])) if scale.ndim else ()
    steps = values.astype(np.float32) - zero.reshape(shape).astype(np.float32)
    return steps * scale.reshape(shape)


def _weighted(kind: str, inputs: list[np.ndarray], attributes: dict) -> Layer:
    weight = inputs[0]
    outputs = weight.shape[0] if kind == "Conv" or attributes.get("transB") else weight.shape[1]
    bias = inputs[1] if len(inputs) == 2 else np.zeros(outputs, np.float32)
    if kind == "Gemm":
        return Layer(weight if attributes.get("transB") else weight.T.copy(), bias)
    pads, strides = attributes.get("pads", [0]), attributes.get("strides", [1])
    if len(set(pads)) > 1 or set(strides) != {1}:
        raise ValueError("only convolutions with equal pads and stride 1 are compared")
    return Layer(weight, bias, padding=pads[0])


def _folded(layer: Layer, inputs: list[np.ndarray], epsilon: float) -> Layer:
    scale, shift, mean, variance = inputs
    factor = scale / np.sqrt(variance + np.float32(epsilon))
    weight = layer.weight * factor.reshape(-1, *(1 for _ in layer.weight.shape[1:]))
    return replace(layer, weight=weight, bias=(layer.bias - mean) * factor + shift)


def normalized(layers: list[Layer], limits: list[np.ndarray]) -> list[Layer]:
    """The same network with a threshold of 1: spikes stand for λ of their channel.

    `limits` has λ of each layer that fires, one a channel.
    """
    source = np.ones(layers[0].weight.shape[1], np.float32)
    result = []
    for index, layer in enumerate(layers):
        inputs = layer.weight.shape[1]
        # Behind a flattening each channel has its pixels side by side.
        of_input = np.repeat(source, inputs // len(source))
        of_output = limits[index] if index < len(limits) else np.ones_like(layer.bias)
        rest = (1,) * (layer.weight.ndim - 2)
        weight = layer.weight * of_input.reshape(1, -1, *rest) / of_output.reshape(-1, 1, *rest)
        result.append(replace(layer, weight=weight, bias=layer.bias / of_output, ceiling=np.inf))
        source = of_output
    return result


def macs(layers: list[Layer], height: int) -> int:
    """Multiplications of a picture."""
    total = 0
    for layer in layers:
        if layer.is_dense:
            total += layer.weight.size
            continue
        height += 2 * layer.padding - layer.weight.shape[2] + 1
        total += layer.weight.size * height * height
        if layer.pooled:
            height //= 2
    return total


def save(layers: list[Layer], path: Path) -> None:
    """Writes the layers for other processes."""
    arrays = {}
    for index, layer in enumerate(layers):
        arrays[f"{index}.weight"] = layer.weight.astype(np.float32)
        arrays[f"{index}.bias"] = layer.bias.astype(np.float32)
        arrays[f"{index}.rest"] = np.array(
            [layer.padding, layer.rectified, layer.pooled, layer.ceiling])
    np.savez(path, **arrays)


def load(path: Path) -> list[Layer]:
    """Reads what `save` wrote."""
    arrays = np.load(path)
    layers = []
    for index in range(len(arrays.files) // 3):
        padding, rectified, pooled, ceiling = arrays[f"{index}.rest"]
        layers.append(Layer(arrays[f"{index}.weight"], arrays[f"{index}.bias"], int(padding),
                            bool(rectified), bool(pooled), float(ceiling)))
    return layers


def write_onnx(layers: list[Layer], shape: tuple[int, int, int], path: Path) -> None:
    """The layers as plain float ONNX for one picture."""
    nodes, constants, name = [], [], INPUT

    def add(kind: str, *inputs: str, **attributes) -> str:
        output = f"{kind}{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    for index, layer in enumerate(layers):
        if layer.is_dense and not layers[index - 1].is_dense:
            name = add("Flatten", name)
        parameters = [f"weight{index}", f"bias{index}"]
        for key, array in zip(parameters, (layer.weight, layer.bias)):
            constants.append(numpy_helper.from_array(array.astype(np.float32), key))
        if layer.is_dense:
            name = add("Gemm", name, *parameters, transB=1)
        else:
            name = add("Conv", name, *parameters, pads=[layer.padding] * 4)
        if layer.rectified and layer.ceiling < np.inf:
            limits = [f"floor{index}", f"ceiling{index}"]
            for key, value in zip(limits, (0, layer.ceiling)):
                constants.append(numpy_helper.from_array(np.array(value, np.float32), key))
            name = add("Clip", name, *limits)
        elif layer.rectified:
            name = add("Relu", name)
        if layer.pooled:
            name = add("AveragePool", name, kernel_shape=[2, 2], strides=[2, 2])
    nodes[-1].output[0] = SCORES
    ends = [helper.make_tensor_value_info(key, TensorProto.FLOAT, dimensions) for key, dimensions in
            [(INPUT, [1, *shape]), (SCORES, [1, len(layers[-1].bias)])]]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, path)
