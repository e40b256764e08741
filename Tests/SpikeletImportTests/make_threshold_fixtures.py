#!/usr/bin/env python3
"""Makes the fixtures of networks with thresholds: the ways in which people's spikes are exported.

Like make_fixtures.py, whose helpers it uses; it touches only files that start with "spikes-".

    python3 Tests/SpikeletImportTests/make_threshold_fixtures.py
"""

import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from make_fixtures import FIXTURES, legacy, seeded, write, write_dynamo


class Spike(torch.autograd.Function):
    """A surrogate's forward pass, as most training code writes it."""

    @staticmethod
    def forward(ctx, x):
        return (x > 0).float()


class SpikeAtOnce(torch.autograd.Function):
    """The same where a potential fires that equals its threshold."""

    @staticmethod
    def forward(ctx, x):
        return x.ge(0.0).to(x)


class Forms(nn.Module):
    """One layer for each way to write a spike."""

    input_shape = (2, 8, 8)

    def __init__(self, with_heaviside=False):
        super().__init__()
        self.with_heaviside = with_heaviside
        self.convs = nn.ModuleList(
            nn.Conv2d(2 if i == 0 else 4, 4, 3, padding=1) for i in range(10))
        self.norms = nn.ModuleList(nn.BatchNorm2d(4) for _ in range(10))
        self.thresholds = nn.ParameterList(torch.rand(1, 4, 1, 1) * 0.2 for _ in range(10))
        self.fc = nn.Linear(64, 6)

    def forward(self, x):
        currents = iter(zip(self.convs, self.norms, self.thresholds))

        def current(x):
            conv, norm, threshold = next(currents)
            return norm(conv(x)), threshold

        u, threshold = current(x)
        x = (u > threshold).float()
        u, threshold = current(x)
        x = (threshold < u).to(torch.float32)
        u, _ = current(x)
        x = (u >= 0.125).float()
        x = F.avg_pool2d(x, 2)
        u, threshold = current(x)
        x = Spike.apply(u / (threshold + 0.1) - 1.0)
        u, threshold = current(x)
        x = SpikeAtOnce.apply(u - threshold)
        u, threshold = current(x)
        x = torch.where(u > threshold, 1.0, 0.0)
        u, threshold = current(x)
        x = F.relu(torch.sign(u - threshold))
        u, threshold = current(x)
        x = torch.clamp(torch.sign(u - threshold), min=0)
        u, threshold = current(x)
        x = (torch.sign(u - threshold) + 1) / 2
        u, threshold = current(x)
        if self.with_heaviside:
            x = torch.heaviside(u - threshold, torch.tensor(0.0))
        else:
            x = (~(u <= threshold)).float()
        return self.fc(x.flatten(1))


class Below(nn.Module):
    """Neurons that fire below a threshold, beside some that fire above it."""

    input_shape = (1, 9, 9)

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 2)
        self.pooled = nn.Conv2d(6, 4, 1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.fc = nn.Linear(16, 5)
        self.threshold = nn.Parameter(torch.rand(3, 1, 1) * 0.3)

    def forward(self, x):
        u = self.conv(x)
        x = torch.cat([(u > self.threshold).float(), (u < -self.threshold).float()], 1)
        u = F.avg_pool2d(self.norm(self.pooled(x)), 4)
        x = (u <= 0.05).float()
        return self.fc(x.flatten(1))


class Several(nn.Module):
    """Several thresholds a potential: behind convolutions and a dense layer, and both pools."""

    input_shape = (1, 12, 12)

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 3)
        self.norm1 = nn.BatchNorm2d(3)
        self.conv2 = nn.Conv2d(6, 4, 3, padding=1)
        self.fc1 = nn.Linear(12 * 2 * 2, 7)
        self.fc2 = nn.Linear(14, 4)
        self.low = nn.Parameter(torch.rand(1, 3, 1, 1) * 0.1)
        self.gap = nn.Parameter(torch.rand(1, 3, 1, 1) * 0.4)

    def forward(self, x):
        u = self.norm1(self.conv1(x))
        x = torch.cat([(u > self.low).float(), (u > self.low + self.gap).float()], 1)
        u = self.conv2(F.max_pool2d(x, 2))
        x = torch.cat([(u > th).float() for th in (-0.2, 0.0, 0.3)], dim=1)
        x = F.avg_pool2d(x, 2)
        u = self.fc1(x.flatten(1))
        x = torch.cat([Spike.apply(u), Spike.apply(u - 0.25)], 1)
        return self.fc2(x)


class Shortcut(nn.Module):
    """Currents and spikes added to one potential, and spikes of two layers side by side."""

    input_shape = (2, 6, 6)

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 4, 3, padding=1)
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        stem = (self.stem(x) > 0.1).float()
        inner = (self.conv1(stem) > 0.05).float()
        outer = ((self.conv2(inner) + stem) > 0.6).float()
        return self.fc(torch.cat([outer, inner], 1).mean((2, 3)))


def quantized(values, name, axis, kind):
    """Initializers and the node that give back a tensor from integers, and the tensor's name."""
    others = tuple(i for i in range(values.ndim) if i != axis) if axis is not None else None
    largest = np.abs(values).max(axis=others)
    limit, kinds = {
        "int8": (127, TensorProto.INT8), "uint8": (127, TensorProto.UINT8),
        "int4": (7, TensorProto.INT4)}[kind]
    scale = np.asarray(largest / limit, np.float32)
    zero = np.zeros(scale.shape, np.int64) + (128 if kind == "uint8" else 0)
    shape = [1] * values.ndim
    if axis is not None:
        shape[axis] = -1
    integers = np.rint(values / scale.reshape(shape)).astype(np.int64) + zero.reshape(shape)
    tensors = [
        helper.make_tensor(f"{name}.q", kinds, values.shape, integers.flatten().tolist()),
        numpy_helper.from_array(scale, f"{name}.scale")]
    inputs = [f"{name}.q", f"{name}.scale"]
    if kind == "uint8":
        tensors.append(helper.make_tensor(
            f"{name}.zero", kinds, zero.shape, zero.flatten().tolist()))
        inputs.append(f"{name}.zero")
    node = helper.make_node(
        "DequantizeLinear", inputs, [name], name=f"{name}/dequantize", axis=axis or 0)
    return tensors, node, scale


def integer_network(kind, levels, opset):
    """A network of the form that this project's training exports; see docs/import.md."""
    rng = np.random.default_rng(levels)
    tensors, nodes = [], []

    def layer(name, shape, axis=0):
        values = rng.normal(0, 1, shape)
        more, node, scale = quantized(values, name, axis, kind)
        tensors.extend(more)
        nodes.append(node)
        return scale

    def fire(source, name, scale, spread, extents):
        spikes = []
        for level in range(levels):
            whole = np.floor(rng.uniform(0, spread, scale.shape)) + level * spread
            bound = ((whole + 0.5) * scale).astype(np.float32).reshape(extents)
            tensors.append(numpy_helper.from_array(bound, f"{name}.threshold{level}"))
            nodes.append(helper.make_node(
                "Greater", [source, f"{name}.threshold{level}"], [f"{name}.above{level}"],
                name=f"{name}/greater{level}"))
            nodes.append(helper.make_node(
                "Cast", [f"{name}.above{level}"], [f"{name}.spikes{level}"],
                name=f"{name}/cast{level}", to=TensorProto.FLOAT))
            spikes.append(f"{name}.spikes{level}")
        if levels == 1:
            return spikes[0]
        nodes.append(helper.make_node(
            "Concat", spikes, [f"{name}.spikes"], name=f"{name}/concat", axis=1))
        return f"{name}.spikes"

    scale = layer("conv1.weight", (4, 1, 3, 3))
    nodes.append(helper.make_node(
        "Conv", ["image", "conv1.weight"], ["conv1"], name="conv1/conv", pads=[1, 1, 1, 1]))
    spikes = fire("conv1", "conv1", scale / 255, 60 * 255 / levels, (1, -1, 1, 1))
    nodes.append(helper.make_node(
        "AveragePool", [spikes], ["pool1"], name="pool1", kernel_shape=[2, 2], strides=[2, 2]))
    scale = layer("conv2.weight", (5, 4 * levels, 3, 3))
    nodes.append(helper.make_node("Conv", ["pool1", "conv2.weight"], ["conv2"], name="conv2/conv"))
    spikes = fire("conv2", "conv2", scale / 4, 40 * 4 / levels, (1, -1, 1, 1))
    nodes.append(helper.make_node(
        "MaxPool", [spikes], ["pool2"], name="pool2", kernel_shape=[2, 2], strides=[2, 2]))
    nodes.append(helper.make_node("Flatten", ["pool2"], ["flat"], name="flatten"))
    layer("fc.weight", (6, 5 * levels * 4), axis=None)
    tensors.append(numpy_helper.from_array(
        rng.normal(0, 0.3, 6).astype(np.float32), "fc.bias"))
    nodes.append(helper.make_node(
        "Gemm", ["flat", "fc.weight", "fc.bias"], ["scores"], name="fc/gemm", transB=1))
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "spikes", [value("image", TensorProto.FLOAT, ["batch", 1, 12, 12])],
        [value("scores", TensorProto.FLOAT, ["batch", 6])], tensors)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    if levels == 2:
        helper.set_model_props(model, {
            "spikelet.timesteps": "3",
            "spikelet.neurons.conv1/greater0":
                '{"leak": {"multiplier": 230, "shift": 8}, "reset": "subtract"}',
            "spikelet.neurons.conv2/greater1": '{"leak": null, "reset": "zero"}',
        })
    return model


class Shape:
    """The input of the networks that are made by hand."""

    input_shape = (1, 12, 12)


def main():
    for old in FIXTURES.glob("spikes-*"):
        old.unlink()
    batch = {"input": {0: "batch"}}
    for seed, factory in enumerate([Forms, Below, Several, Shortcut], start=11):
        name = f"spikes-{factory.__name__.lower()}"
        network = seeded(factory, seed)
        write(f"{name}-legacy17", legacy(network, 17, dynamic_axes=batch), network)
        write_dynamo(f"{name}-dynamo20", network, dynamic=seed % 2 == 1)
    heaviside = seeded(lambda: Forms(with_heaviside=True), 11)
    write_dynamo("spikes-heaviside-dynamo20", heaviside, dynamic=True)
    unfolded = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
    several = seeded(Several, 13)
    write("spikes-several-batchnorm17", legacy(several, 17, **unfolded), several)
    write("spikes-int8-17", integer_network("int8", 1, 17), Shape)
    write("spikes-int8dual-17", integer_network("int8", 2, 17), Shape)
    write("spikes-uint8-13", integer_network("uint8", 1, 13), Shape)
    write("spikes-int4-21", integer_network("int4", 3, 21), Shape)


if __name__ == "__main__":
    main()
