#!/usr/bin/env python3
"""Makes the ONNX fixtures: small networks, exported the ways that people export them.

Every fixture NAME is NAME.onnx (perhaps with NAME.onnx.data beside it), one input picture
NAME.input.f32 and the class scores that onnxruntime computes for it, NAME.output.f32 (raw
little-endian float32). Needs torch, onnx, onnxscript and onnxruntime:

    python3 Tests/SpikeletImportTests/make_fixtures.py
"""

import io
import logging
import pathlib
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

FIXTURES = pathlib.Path(__file__).resolve().parent / "Fixtures"

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
onnxruntime.set_default_logger_severity(3)


class LeNet(nn.Module):
    """Convolutions with a bias, both pools, a view with a computed batch, dropout."""

    input_shape = (1, 12, 12)

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, padding=2)
        self.conv2 = nn.Conv2d(4, 6, 3)
        self.fc1 = nn.Linear(6 * 2 * 2, 16)
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        return self.fc2(self.dropout(F.relu(self.fc1(x))))


class Residual(nn.Module):
    """Convolutions without a bias, batch normalization, a strided shortcut, a global pool."""

    input_shape = (3, 10, 10)

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.stem_bn = nn.BatchNorm2d(6)
        self.conv1 = nn.Conv2d(6, 8, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(8)
        self.shortcut = nn.Conv2d(6, 8, 1, stride=2, bias=False)
        self.shortcut_bn = nn.BatchNorm2d(8)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = F.relu(self.stem_bn(self.stem(x)))
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        x = F.relu(y + self.shortcut_bn(self.shortcut(x)))
        return self.fc(torch.flatten(self.pool(x), 1))


class Mobile(nn.Module):
    """Grouped convolutions, clipped ReLU, concatenation, a mean over rows and columns."""

    input_shape = (4, 9, 7)

    def __init__(self):
        super().__init__()
        self.depthwise = nn.Conv2d(4, 8, 3, padding=1, groups=4)
        self.pointwise = nn.Conv2d(8, 6, 1)
        self.grouped = nn.Conv2d(8, 4, (3, 2), stride=(2, 1), padding=(1, 0), groups=2)
        self.strided = nn.Conv2d(6, 4, (3, 2), stride=(2, 1), padding=(1, 0))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = F.relu6(self.depthwise(x))
        a = torch.clamp(self.grouped(x), 0, 1)
        b = F.relu(self.strided(F.relu6(self.pointwise(x))))
        x = torch.cat([a, b], dim=1).mean(dim=(2, 3))
        return F.log_softmax(self.fc(x), dim=1)


class Pools(nn.Module):
    """Every way to pool: padding, counted and not, rounding up, explicit padding, global."""

    input_shape = (2, 11, 11)

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=(0, 1))
        self.narrow = nn.Conv2d(4, 6, 3)
        self.fc = nn.Linear(12, 4)

    def forward(self, x):
        x = F.relu(self.conv(F.pad(x, (1, 0, 2, 1))))
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        x = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
        x = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=True)
        x = self.narrow(x)
        x = F.max_pool2d(x, 2, stride=2, ceil_mode=True)
        average = x.mean((-1, -2), keepdim=True)
        largest = F.adaptive_max_pool2d(x, 1)
        x = torch.cat([average, largest], dim=1)
        return self.fc(x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3]))


class Perceptron(nn.Module):
    """A picture without a channel axis, normalized in the network; dense layers alone."""

    input_shape = (6, 5)

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(30, 12, bias=False)
        self.bn = nn.BatchNorm1d(12)
        self.fc2 = nn.Linear(12, 7)

    def forward(self, x):
        x = (x - 0.1307) / 0.3081
        x = F.relu(self.bn(self.fc1(torch.flatten(x, 1))))
        return F.softmax(self.fc2(x), dim=-1)


class Scaled(nn.Module):
    """Constants a channel: a normalized input, a bias and a scale as operations of their own."""

    input_shape = (3, 6, 6)

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.48, 0.45, 0.4]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.22, 0.23, 0.24]).view(3, 1, 1))
        self.conv = nn.Conv2d(3, 5, 3, bias=False)
        self.bias = nn.Parameter(torch.randn(5, 1, 1))
        self.scale = nn.Parameter(torch.rand(1, 5, 1, 1) + 0.5)
        self.fc = nn.Parameter(torch.randn(20, 4) * 0.3)
        self.fc_bias = nn.Parameter(torch.randn(4))

    def forward(self, x):
        x = (x - self.mean) / self.std
        x = F.relu((self.conv(x) + self.bias) * self.scale)
        x = F.avg_pool2d(x, 2).flatten(1)
        return x @ self.fc + self.fc_bias


def seeded(factory, seed):
    """A network in inference mode with weights and statistics that no layer leaves idle."""
    torch.manual_seed(seed)
    model = factory()
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.3, 1.2)
    return model.eval()


def strip(model):
    """Drops what speaks of the machine that exported: traces and comments."""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    model.doc_string = model.graph.doc_string = ""
    for item in [*model.graph.node, *model.graph.input, *model.graph.output]:
        del item.metadata_props[:]
        item.doc_string = ""
    for tensor in model.graph.initializer:
        del tensor.metadata_props[:]
        tensor.doc_string = ""
    return model


def legacy(network, opset, **options):
    """The exporter that traces, as the option dynamo=False selects it."""
    buffer = io.BytesIO()
    picture = torch.zeros(1, *network.input_shape)
    torch.onnx.export(
        network, (picture,), buffer, dynamo=False, opset_version=opset,
        input_names=["input"], output_names=["output"], **options)
    return strip(onnx.load_from_string(buffer.getvalue()))


def write(name, model, network, seed=0):
    """Stores a model without external data, and what onnxruntime makes of one picture."""
    (FIXTURES / f"{name}.onnx").write_bytes(model.SerializeToString())
    write_values(name, network, seed)


def write_dynamo(name, network, dynamic, optimize=True, seed=0):
    """Stores what torch's default exporter writes: opset 20, weights in a file beside it."""
    path = FIXTURES / f"{name}.onnx"
    picture = torch.zeros(2 if dynamic else 1, *network.input_shape)
    shapes = ({0: torch.export.Dim("batch")},) if dynamic else None
    torch.onnx.export(
        network, (picture,), str(path), dynamo=True, external_data=True,
        dynamic_shapes=shapes, optimize=optimize, verbose=False)
    model = strip(onnx.load(str(path), load_external_data=False))
    path.write_bytes(model.SerializeToString())
    write_values(name, network, seed)


def write_values(name, network, seed):
    rng = np.random.default_rng(seed)
    picture = rng.uniform(0, 1, (1, *network.input_shape)).astype(np.float32)
    session = onnxruntime.InferenceSession(
        str(FIXTURES / f"{name}.onnx"), providers=["CPUExecutionProvider"])
    declared = session.get_inputs()[0]
    half = declared.type == "tensor(float16)"
    fed = picture.astype(np.float16) if half else picture
    output = session.run(None, {declared.name: fed})[0]
    output = np.asarray(output).astype("<f4").reshape(-1)
    assert np.isfinite(output).all() and np.abs(output).max() > 1e-3
    (FIXTURES / f"{name}.input.f32").write_bytes(fed.astype("<f4").tobytes())
    (FIXTURES / f"{name}.output.f32").write_bytes(output.tobytes())
    kinds = sorted({n.op_type for n in onnx.load(
        str(FIXTURES / f"{name}.onnx"), load_external_data=False).graph.node})
    print(f"{name}: {' '.join(kinds)}")


def half_weights(model):
    """Stores the weights as float16, with a Cast to float32 behind each."""
    for index, tensor in enumerate(list(model.graph.initializer)):
        if tensor.data_type != TensorProto.FLOAT:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
        stored = helper.make_tensor(
            name + "_half", TensorProto.FLOAT16, values.shape, values.tobytes(), raw=True)
        if index % 2:  # The bits of a float16 may also be stored as integers.
            stored = helper.make_tensor(
                name + "_half", TensorProto.FLOAT16, values.shape, values.flatten())
        tensor.CopyFrom(stored)
        model.graph.node.insert(0, helper.make_node(
            "Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
    return model


def typed_data(model):
    """Stores weights as lists of floats in place of raw bytes."""
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT:
            continue
        tensor.CopyFrom(helper.make_tensor(
            tensor.name, TensorProto.FLOAT, values.shape, values.flatten().tolist()))
    return model


def main():
    FIXTURES.mkdir(exist_ok=True)
    for old in FIXTURES.iterdir():
        old.unlink()
    batch = {"input": {0: "batch"}}
    keep = {"training": torch.onnx.TrainingMode.PRESERVE}
    networks = [LeNet, Residual, Mobile, Pools, Perceptron, Scaled]
    for seed, factory in enumerate(networks, start=1):
        name = factory.__name__.lower()
        network = seeded(factory, seed)
        write(f"{name}-legacy13", legacy(network, 13), network)
        write(f"{name}-legacy17", legacy(network, 17, dynamic_axes=batch), network)
        write_dynamo(f"{name}-dynamo20", network, dynamic=seed % 2 == 1)
    lenet, residual, mobile = seeded(LeNet, 1), seeded(Residual, 2), seeded(Mobile, 3)
    perceptron = seeded(Perceptron, 5)
    write("residual-batchnorm13", legacy(residual, 13, **keep), residual)
    write("residual-batchnorm17", legacy(residual, 17, dynamic_axes=batch, **keep), residual)
    write("perceptron-batchnorm18", legacy(perceptron, 18, **keep), perceptron)
    write_dynamo("residual-unoptimized20", residual, dynamic=True, optimize=False)
    write("lenet-inputs9", legacy(lenet, 9, keep_initializers_as_inputs=True), lenet)
    write("mobile-clip10", legacy(mobile, 10), mobile)
    write("lenet-unfolded14", legacy(
        lenet, 14, dynamic_axes=batch, do_constant_folding=False), lenet)
    write("lenet-halfweights15", half_weights(legacy(lenet, 15)), lenet)
    write("lenet-typed16", typed_data(legacy(lenet, 16)), lenet)
    write("lenet-half17", legacy_half(lenet), lenet)


def legacy_half(network):
    """A network that computes in float16 from input to output."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(legacy(network, 17), keep_io_types=False)


if __name__ == "__main__":
    main()
