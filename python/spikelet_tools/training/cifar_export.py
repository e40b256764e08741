"""Writes networks for CIFAR-10 as ONNX, and simulates what bounded ones become."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.cifar10 import SIZE
from spikelet_tools.training.cifar_alexnet import Chain
from spikelet_tools.training.cifar_models import Dense, configure
from spikelet_tools.training.data import Images, to_unit
from spikelet_tools.training.export import export_network
from spikelet_tools.training.fake_quant import weight_codes
from spikelet_tools.training.neurons import PlainNeurons

BATCH = 500


def export_floats(
    model: nn.Module, levels: int | None, path: Path, metadata: dict[str, str]
) -> None:
    """Writes a network of ReLUs (`levels` None) or bounded ones (0), batch norm kept."""
    model.eval()
    configure(model, levels, 0)
    plain = model.to(memory_format=torch.contiguous_format)
    export_network(plain, (3, SIZE, SIZE), path, metadata)
    _name_layers(path)


def _name_layers(path: Path) -> None:
    """Numbers convolutions and dense layers, in place of the names of nested modules."""
    proto = onnx.load(path)
    counts = dict.fromkeys(("conv", "fc"), 0)
    layers = [node for node in proto.graph.node if node.op_type in ("Conv", "Gemm")]
    for node in layers[:-1]:
        kind = "conv" if node.op_type == "Conv" else "fc"
        counts[kind] += 1
        node.name = f"{kind}{counts[kind]}"
    layers[-1].name = "scores"
    onnx.save(proto, path)


def onnx_classes(path: Path, images: Images, threads: int) -> Tensor:
    """The classes ONNX Runtime finds."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    parts = [
        session.run(["scores"], {"image": to_unit(pixels).numpy()})[0].argmax(1)
        for pixels in images.pixels.split(BATCH)
    ]
    return torch.from_numpy(np.concatenate(parts))


def with_integer_weights(path: Path, bits: int) -> None:
    """Replaces an ONNX file's weights by integers with a scale a channel, and DequantizeLinear.

    These are the weights that a network configured to `bits` computes with. The read-out has
    one scale for all.
    """
    proto = onnx.load(path)
    nodes, constants = [], []
    for tensor in proto.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        if array.ndim < 2:
            constants.append(tensor)
            continue
        name, per_channel = tensor.name, not tensor.name.startswith("readout")
        codes, step = weight_codes(torch.tensor(array), bits, per_channel)
        scale = step.flatten().numpy() if per_channel else step.item()
        whole = {"codes": (codes.numpy(), np.int8), "scale": (scale, np.float32)}
        whole["zero_point"] = (np.zeros_like(scale), np.int8)
        inputs = [f"{name}.{part}" for part in whole]
        for label, (values, dtype) in zip(inputs, whole.values()):
            constants.append(onnx.numpy_helper.from_array(np.asarray(values, dtype), label))
        axis = {"axis": 0} if per_channel else {}
        nodes.append(onnx.helper.make_node("DequantizeLinear", inputs, [name], name, **axis))
    nodes.extend(proto.graph.node)
    del proto.graph.node[:], proto.graph.initializer[:]
    proto.graph.node.extend(nodes)
    proto.graph.initializer.extend(constants)
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


@torch.no_grad()
def spiking_accuracy(model: Chain, images: Images, timesteps: list[int]) -> dict[int, float]:
    """Accuracies of a bounded chain as a spiking network, in floats, by timesteps.

    Thresholds are the bounds, potentials start at half of them and lose one at a spike; the
    picture is a constant current and the read-out gathers.
    """
    model.eval()
    correct = dict.fromkeys(timesteps, 0)
    for pixels, labels in zip(images.pixels.split(BATCH), images.labels.split(BATCH)):
        neurons = [PlainNeurons("soft", 0.5) for _ in model.layers]
        image = to_unit(pixels).contiguous(memory_format=torch.channels_last)
        scores = torch.zeros(len(image), 10)
        for step in range(1, max(timesteps) + 1):
            x = image
            for layer, fire in zip(model.layers, neurons):
                x = x.flatten(1) if isinstance(layer.weights, Dense) else x
                x = layer.pooled(fire(layer.norm(layer.weights(x))))
            scores = scores + model.readout(x.flatten(1))
            if step in correct:
                correct[step] += int((scores.argmax(1) == labels).sum())
    return {step: count / len(images) for step, count in correct.items()}
