"""Writes a whole-number spiking network as plain ONNX, so that ONNX Runtime runs it too.

int8 or int4 weights with DequantizeLinear, Greater with a constant threshold, Cast to float32; K
thresholds are K comparisons of one tensor, joined by one Concat. A threshold stands half a
unit above the whole number that it means: float32 rounding cannot flip a comparison. At
several timesteps the graph is that of one timestep, and leak and reset are metadata.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from ml_dtypes import int4
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from spikelet_tools.training.data import Images, to_unit
from spikelet_tools.training.integer_network import IntegerLayer, IntegerNetwork
from spikelet_tools.training.spiking_network import LEAK_SHIFT

OPSETS = {8: (17, 8), 4: (21, 10)}
"""By the bits of a weight: opset and IR version. Opset 21 is the first with int4 weights."""


class _Graph:
    """Nodes and constants in the order they are made; `bits` a weight."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(
        self, name: str, values: Tensor | np.ndarray | float, dtype: type[np.generic]
    ) -> str:
        """An initializer, by the name it is used by."""
        array = np.asarray(values, dtype=np.float64).astype(dtype)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def codes(self, name: str, values: np.ndarray) -> str:
        """An initializer of int8, or of int4, two a byte; by the name it is used by."""
        return self.constant(name, values, np.int8 if self.bits == 8 else int4)

    def node(self, operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        """A node named as its output; gives that name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def weights(self, name: str, codes: Tensor, step: Tensor | float) -> str:
        """Weights and what makes floats of them; a step a channel, or one for all."""
        steps = np.asarray(step, dtype=np.float64)
        inputs = [
            self.codes(f"{name}.weight", codes.numpy()),
            self.constant(f"{name}.scale", steps, np.float32),
            self.codes(f"{name}.zero_point", np.zeros(steps.shape)),
        ]
        axis = {"axis": 0} if steps.ndim else {}
        return self.node("DequantizeLinear", inputs, f"{name}.dequantized", **axis)


def write_onnx(
    network: IntegerNetwork,
    path: Path,
    metadata: dict[str, str],
    image_shape: tuple[int, int, int] = (1, 28, 28),
) -> None:
    """Writes `network` to `path`; `metadata` says what it is and where it comes from."""
    graph = _Graph(network.bits)
    opset, ir_version = OPSETS[network.bits]
    properties = dict(metadata)
    if network.timesteps > 1:
        properties["spikelet.timesteps"] = str(network.timesteps)
    x, spatial = "image", True
    for layer in network.layers:
        if spatial and not layer.is_convolution:
            x, spatial = graph.node("Flatten", [x], "flatten", axis=1), False
        x = _add_layer(graph, layer, x, network.timesteps, properties)
    if spatial:
        x = graph.node("Flatten", [x], "flatten", axis=1)
    readout = network.readout
    inputs = [
        x,
        graph.weights("readout", readout.weights, readout.step),
        graph.constant("readout.bias", readout.bias.double() * readout.step, np.float32),
    ]
    graph.node("Gemm", inputs, "scores", transB=1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *image_shape])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT,
                                           ["batch", len(readout.weights)])
    proto = helper.make_model(
        helper.make_graph(graph.nodes, path.stem, [image], [scores], graph.constants),
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=ir_version,
        producer_name="spikelet training",
    )
    helper.set_model_props(proto, properties)
    onnx.checker.check_model(proto, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(proto, path)


def _add_layer(
    graph: _Graph, layer: IntegerLayer, x: str, timesteps: int, properties: dict[str, str]
) -> str:
    name, unit = layer.name, layer.unit
    inputs = [x, graph.weights(name, layer.weights, layer.step)]
    if timesteps > 1:
        inputs.append(graph.constant(f"{name}.bias", layer.bias * unit, np.float32))
    if layer.is_convolution:
        kernel = list(layer.weights.shape[2:])
        pads = [layer.padding] * 4
        x = graph.node("Conv", inputs, f"{name}.current", kernel_shape=kernel, pads=pads)
    else:
        x = graph.node("Gemm", inputs, f"{name}.current", transB=1)
    if layer.pool == "before":
        x = _add_pool(graph, "AveragePool", x, f"{name}.pooled")
    spikes = []
    for k, levels in enumerate(layer.thresholds):
        suffix = f".{k + 1}" if len(layer.thresholds) > 1 else ""
        # Rounded down or to the nearest, the threshold in units is the whole number meant.
        values = (levels + (0.5 if timesteps == 1 else 0.25)) * unit
        shape = (1, -1, 1, 1) if layer.is_convolution else (1, -1)
        limit = graph.constant(f"{name}.threshold{suffix}", values.view(shape), np.float32)
        fired = graph.node("Greater", [x, limit], f"{name}.fire{suffix}")
        spikes.append(graph.node("Cast", [fired], f"{name}.spikes{suffix}", to=TensorProto.FLOAT))
        if timesteps > 1:
            properties[f"spikelet.neurons.{fired}"] = json.dumps(neuron_properties(layer))
    x = spikes[0]
    if len(spikes) > 1:
        x = graph.node("Concat", spikes, f"{name}.spikes", axis=1)
    if layer.pool in ("avg", "max"):
        operator = "AveragePool" if layer.pool == "avg" else "MaxPool"
        x = _add_pool(graph, operator, x, f"{name}.pooled")
    return x


def _add_pool(graph: _Graph, operator: str, x: str, output: str) -> str:
    return graph.node(operator, [x], output, kernel_shape=[2, 2], strides=[2, 2])


def neuron_properties(layer: IntegerLayer) -> dict[str, object]:
    """Leak and reset, as the ONNX metadata names them; no leak where it is 1."""
    whole = layer.leak == 2**LEAK_SHIFT
    leak = None if whole else {"multiplier": layer.leak, "shift": LEAK_SHIFT}
    return {"leak": leak, "reset": "subtract"}


def onnx_scores(path: Path, images: Images, batch_size: int = 1000) -> Tensor:
    """The scores (images, 10) ONNX Runtime computes from the file: one timestep."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    parts = [
        session.run(["scores"], {"image": to_unit(pixels).cpu().numpy()})[0]
        for pixels in images.pixels.split(batch_size)
    ]
    return torch.from_numpy(np.concatenate(parts))
