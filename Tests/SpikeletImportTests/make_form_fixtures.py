#!/usr/bin/env python3
"""Makes small ONNX networks of the forms that exporters and quantizers write, besides PyTorch's.

Each fixture form-NAME is form-NAME.onnx, one picture form-NAME.input.f32 in the order channel, row,
column, and the class scores that onnxruntime computes for it, form-NAME.output.f32 (raw little-endian
float32). What stands behind the scores, such as a sigmoid, is dropped by the importer, so the scores
are those before it. Where a network rounds its activations, they are those of the same network
without the rounding. Needs numpy, onnx and onnxruntime:

    python3 Tests/SpikeletImportTests/make_form_fixtures.py
"""

import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FIXTURES = pathlib.Path(__file__).resolve().parent / "Fixtures"
FLOAT = TensorProto.FLOAT


def node(op, inputs, output, name=None, **attributes):
    domain = "com.microsoft" if op in ("QGemm", "QLinearAdd", "QLinearGlobalAveragePool") else ""
    return helper.make_node(op, inputs, [output], name or output, domain=domain, **attributes)


def model(nodes, tensors, shape, output, opset, extra=()):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "forms", [value("x", FLOAT, shape)],
        [value(output, FLOAT, None)] + [value(n, FLOAT, None) for n in extra],
        [numpy_helper.from_array(np.asarray(a), n) for n, a in tensors.items()
         if any(n in part.input for part in nodes)])
    return helper.make_model(
        graph, ir_version=8,
        opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)])


def run(proto, outputs, picture):
    options = onnxruntime.SessionOptions()
    # Optimized, it multiplies integers even where the graph says floats.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(outputs, {"x": picture[None]})[0]


def save(name, nodes, tensors, shape=("N", 1, 8, 8), output="y", scores=None, twin=None, opset=13,
         last=False, batch=1):
    """Writes a fixture; `scores` names the value before what is dropped, `twin` the same network
    without rounding, `last` says that channels come last."""
    random = np.random.default_rng(len(name))
    extents = [s for s in shape[1:]]
    picture = random.random(extents).astype(np.float32)
    path = FIXTURES / f"form-{name}.onnx"
    onnx.save(model(nodes, tensors, shape, output, opset), path)
    reference = model(twin or nodes, tensors, shape, scores or output, opset)
    expected = run(reference, [scores or output], picture)
    stored = np.moveaxis(picture, -1, 0) if last else picture
    stored.astype("<f4").tofile(FIXTURES / f"form-{name}.input.f32")
    np.asarray(expected).astype("<f4").tofile(FIXTURES / f"form-{name}.output.f32")
    print(name, path.stat().st_size)


class Weights:
    """Random tensors of a graph, by their names."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.tensors = {}

    def weight(self, name, *extents, fan=None):
        fan = fan or np.prod(extents[1:])
        self.tensors[name] = (self.random.standard_normal(extents) / np.sqrt(fan)).astype(np.float32)
        return name

    def constant(self, name, value, kind=np.float32):
        self.tensors[name] = np.asarray(value, kind)
        return name

    def normalization(self, name, channels):
        self.tensors[name + "_s"] = (self.random.random(channels) + 0.5).astype(np.float32)
        self.tensors[name + "_b"] = (self.random.standard_normal(channels) * 0.2).astype(np.float32)
        self.tensors[name + "_m"] = (self.random.random(channels) * 0.3).astype(np.float32)
        self.tensors[name + "_v"] = (self.random.random(channels) + 0.5).astype(np.float32)
        return [name + suffix for suffix in ("_s", "_b", "_m", "_v")]


def norm(x, output, parameters):
    return node("BatchNormalization", [x, *parameters], output)


def channels_last():
    """Keras by way of tf2onnx, with and without --inputs-as-nchw, and by way of keras2onnx."""
    def body(w, channels, x):
        w.weight("W1", 3, channels, 3, 3)
        w.weight("b1", 3)
        w.weight("W2", 4, 3, 3, 3)
        return [
            node("Conv", [x, "W1", "b1"], "c1"), node("Relu", ["c1"], "r1"),
            node("MaxPool", ["r1"], "p1", kernel_shape=[2, 2], strides=[2, 2]),
            node("Conv", ["p1", "W2"], "c2", pads=[1] * 4), node("Relu", ["c2"], "r2")]

    def tail(w, count):
        w.constant("flat", [-1, count], np.int64)
        w.weight("D", count, 5, fan=count)
        w.weight("d", 5)
        return [
            node("Transpose", ["r2"], "t2", perm=[0, 2, 3, 1]), node("Reshape", ["t2", "flat"], "f"),
            node("MatMul", ["f", "D"], "m"), node("Add", ["m", "d"], "y")]

    for tag, channels in (("gray", 1), ("rgb", 3)):
        w = Weights(1)
        first = node("Transpose", ["x"], "t1", perm=[0, 3, 1, 2])
        save(f"nhwc-{tag}", [first, *body(w, channels, "t1"), *tail(w, 36)], w.tensors,
             ("N", 8, 8, channels), last=True)
        w = Weights(1)
        save(f"nhwc-inputs-as-nchw-{tag}", [*body(w, channels, "x"), *tail(w, 36)], w.tensors,
             ("N", channels, 8, 8))
    w = Weights(2)
    w.constant("to", [-1, 1, 8, 8], np.int64)
    save("nhwc-reshape", [node("Reshape", ["x", "to"], "t1"), *body(w, 1, "t1"), *tail(w, 36)],
         w.tensors, ("N", 8, 8, 1), last=True)
    w = Weights(3)  # Rescaling and Normalization layers before the first transposition.
    w.constant("k", 0.5)
    w.constant("mean", [0.1, 0.2, 0.3])
    w.constant("std", [0.5, 0.25, 0.75])
    front = [node("Mul", ["x", "k"], "a"), node("Sub", ["a", "mean"], "b"),
             node("Div", ["b", "std"], "c"), node("Transpose", ["c"], "t1", perm=[0, 3, 1, 2])]
    save("nhwc-normalized", [*front, *body(w, 3, "t1"), *tail(w, 36)], w.tensors, ("N", 8, 8, 3),
         last=True)
    # A perceptron on pictures: the pixels of a row lie channel by channel.
    for tag, channels in (("gray", 1), ("rgb", 3)):
        w = Weights(4)
        count = 64 * channels
        w.constant("flat", [-1, count], np.int64)
        w.weight("A", count, 6, fan=count)
        w.weight("D", 6, 5, fan=6)
        save(f"nhwc-perceptron-{tag}", [
            node("Reshape", ["x", "flat"], "f"), node("MatMul", ["f", "A"], "m"),
            node("Relu", ["m"], "q"), node("MatMul", ["q", "D"], "y")], w.tensors,
            ("N", 8, 8, channels), last=True)
    # Between layers: to channels last for a batch normalization, an addition and a pool of a mean.
    w = Weights(5)
    w.weight("W", 3, 2, 3, 3)
    w.constant("k", [0.5, 2, 1.5])
    w.constant("axes", [1, 2], np.int64)
    w.weight("D", 3, 5, fan=3)
    save("nhwc-between", [
        node("Conv", ["x", "W"], "c"), node("Transpose", ["c"], "t", perm=[0, 2, 3, 1]),
        node("Mul", ["t", "k"], "s"), node("Add", ["s", "k"], "a"), node("Relu", ["a"], "r"),
        node("ReduceMean", ["r"], "g", axes=[1, 2], keepdims=0), node("MatMul", ["g", "D"], "y")],
        w.tensors, ("N", 2, 8, 8))
    w = Weights(6)  # Dense on a map, and a concatenation along the last axis.
    w.weight("W", 3, 1, 3, 3)
    w.weight("P", 3, 4, fan=3)
    w.constant("flat", [-1, 252], np.int64)
    w.weight("D", 252, 5, fan=252)
    save("nhwc-dense-on-map", [
        node("Conv", ["x", "W"], "c"), node("Relu", ["c"], "r"),
        node("Transpose", ["r"], "t", perm=[0, 2, 3, 1]), node("MatMul", ["t", "P"], "m"),
        node("Relu", ["m"], "q"), node("Concat", ["t", "q"], "k", axis=-1),
        node("Reshape", ["k", "flat"], "f"), node("MatMul", ["f", "D"], "y")], w.tensors)


def inputs():
    """Flat and oddly shaped pictures, batches that are open, fixed and −1."""
    w = Weights(7)
    w.weight("A", 6, 64)
    w.weight("D", 4, 6)
    dense = [node("Relu", ["m"], "q"), node("Gemm", ["q", "D"], "y", transB=1)]
    save("flat", [node("Gemm", ["x", "A"], "m", transB=1), *dense], w.tensors, ("N", 64))
    w.constant("At", w.tensors["A"].T.copy())
    w.constant("Dt", w.tensors["D"].T.copy())
    save("row", [node("MatMul", ["x", "At"], "m"), node("Relu", ["m"], "q"),
                 node("MatMul", ["q", "Dt"], "y")], w.tensors, ("N", 1, 64))
    save("batch-minus-one", [node("Flatten", ["x"], "f"), node("Gemm", ["f", "A"], "m", transB=1),
                             *dense], w.tensors, (-1, 1, 8, 8))
    save("flatten-axis-0", [node("Flatten", ["x"], "f", axis=0),
                            node("Gemm", ["f", "A"], "m", transB=1), *dense], w.tensors,
         (1, 1, 8, 8))
    w = Weights(8)
    w.constant("to", [-1, 1, 8, 8], np.int64)
    w.constant("k", 0.5)
    w.weight("W", 2, 1, 3, 3)
    w.weight("D", 4, 72)
    save("flat-to-map", [
        node("Mul", ["x", "k"], "s"), node("Reshape", ["s", "to"], "t"),
        node("Conv", ["t", "W"], "c"), node("Relu", ["c"], "q"), node("Flatten", ["q"], "f"),
        node("Gemm", ["f", "D"], "y", transB=1)], w.tensors, ("N", 64))


def normalizations():
    """Batch normalizations and scales that do not follow a layer of their own."""
    w = Weights(9)
    w.weight("A", 6, 64)
    w.weight("D", 4, 6)
    n = w.normalization("n", 6)
    head = [node("Flatten", ["x"], "f"), node("Gemm", ["f", "A"], "m", transB=1),
            node("Relu", ["m"], "q")]
    save("norm-after-relu-dense", [*head, norm("q", "b", n), node("Gemm", ["b", "D"], "y", transB=1)],
         w.tensors)
    w.weight("a", 6)
    w.weight("d", 4)
    save("norm-unsqueezed", [
        head[0], node("Gemm", ["f", "A", "a"], "m", transB=1), node("Unsqueeze", ["m"], "u", axes=[2]), norm("u", "v", n),
        node("Squeeze", ["v"], "t", axes=[2]), node("Relu", ["t"], "q"),
        node("Gemm", ["q", "D", "d"], "y", transB=1)], w.tensors, opset=9)

    def conv(name, middle, pads, count, extra=()):
        w = Weights(10)
        w.weight("W", 3, 1, 3, 3)
        w.weight("V", 4, 3, 3, 3)
        w.weight("D", 5, count)
        parameters = w.normalization("n", 3)
        w.constant("k", np.reshape([0.5, 2, 0.25], (3, 1, 1)))
        save(name, [
            node("Conv", ["x", "W"], "c"), node("Relu", ["c"], "q"), *middle(parameters),
            node("Conv", ["z", "V"], "d", pads=[pads] * 4), node("Relu", ["d"], "e"),
            node("Flatten", ["e"], "f"), node("Gemm", ["f", "D"], "y", transB=1)], w.tensors)

    pool = dict(kernel_shape=[2, 2], strides=[2, 2])
    conv("norm-after-relu-conv", lambda p: [norm("q", "z", p)], 0, 64)
    conv("norm-before-max-pool", lambda p: [norm("q", "b", p), node("MaxPool", ["b"], "z", **pool)],
         0, 4)
    conv("norm-after-mean-pool",
         lambda p: [node("AveragePool", ["q"], "b", **pool), norm("b", "z", p)], 0, 4)
    conv("scale-after-relu-padded", lambda p: [node("Mul", ["q", "k"], "z")], 1, 144)
    conv("norm-after-relu-padded", lambda p: [norm("q", "z", p)], 1, 144)
    conv("norm-before-pool-padded",
         lambda p: [norm("q", "b", p), node("MaxPool", ["b"], "z", **pool)], 1, 36)
    conv("norm-twice", lambda p: [norm("q", "b", p), norm("b", "z", p)], 0, 64)
    w = Weights(11)
    w.weight("W", 2, 1, 3, 3)
    w.weight("D", 4, 18)
    n = w.normalization("n", 18)
    save("norm-after-flatten", [
        node("Conv", ["x", "W"], "c"), node("Relu", ["c"], "q"),
        node("MaxPool", ["q"], "p", **pool), node("Flatten", ["p"], "f"), norm("f", "b", n),
        node("Gemm", ["b", "D"], "y", transB=1)], w.tensors)
    w = Weights(12)  # The normalization's readers are two layers; so are those of what it reads.
    for name, extents in (("W", (3, 1, 3, 3)), ("V", (3, 3, 3, 3)), ("U", (3, 3, 3, 3))):
        w.weight(name, *extents)
    w.weight("D", 4, 48)
    n, m = w.normalization("n", 3), w.normalization("m", 3)
    save("norm-of-shared", [
        node("Conv", ["x", "W"], "c0"), node("Relu", ["c0"], "r0"), node("Conv", ["r0", "V"], "c"),
        norm("c", "b", n), node("Relu", ["b"], "q"), node("Conv", ["q", "U"], "d", pads=[1] * 4),
        node("Add", ["d", "c"], "a"), norm("a", "b2", m), node("Relu", ["b2"], "e"),
        node("Flatten", ["e"], "f"), node("Gemm", ["f", "D"], "y", transB=1)], w.tensors)
    w = Weights(13)  # Dense blocks normalize what several layers read.
    w.weight("W", 3, 1, 3, 3)
    w.weight("V", 2, 3, 3, 3)
    w.weight("U", 2, 3, 3, 3)
    w.weight("D", 4, 64)
    n = w.normalization("n", 3)
    save("norm-of-two-readers", [
        node("Conv", ["x", "W"], "c"), node("Relu", ["c"], "q"), norm("q", "b", n),
        node("Conv", ["b", "V"], "d"), node("Relu", ["d"], "e"), node("Conv", ["b", "U"], "g"),
        node("Relu", ["g"], "h"), node("Concat", ["e", "h"], "k", axis=1),
        node("Flatten", ["k"], "f"), node("Gemm", ["f", "D"], "y", transB=1)], w.tensors)
    w = Weights(14)
    w.weight("W", 3, 2, 3, 3)
    w.weight("D", 4, 192)
    n = w.normalization("n", 2)
    save("norm-of-picture-padded", [
        norm("x", "b", n), node("Conv", ["b", "W"], "c", pads=[1] * 4), node("Relu", ["c"], "q"),
        node("Flatten", ["q"], "f"), node("Gemm", ["f", "D"], "y", transB=1)], w.tensors,
        ("N", 2, 8, 8))
    save("norm-after-norm-relu", [
        node("Conv", ["x", "W"], "c", pads=[1] * 4), node("Relu", ["c"], "q"),
        norm("q", "b", w.normalization("o", 3)), node("Relu", ["b"], "r"),
        node("Flatten", ["r"], "f"), node("Gemm", ["f", "D"], "y", transB=1)], w.tensors,
        ("N", 2, 8, 8))


def pairs():
    """Linear layers that no rectifier separates."""
    w = Weights(20)
    w.weight("A", 6, 64)
    w.weight("a", 6)
    w.weight("D", 5, 6)
    w.weight("d", 5)
    w.weight("E", 4, 5)
    w.weight("e", 4)
    flat = node("Flatten", ["x"], "f")
    save("pair-dense", [
        flat, node("Gemm", ["f", "A", "a"], "m", transB=1), node("Relu", ["m"], "q"),
        node("Gemm", ["q", "D", "d"], "n", transB=1), node("Dropout", ["n"], "o"),
        node("Gemm", ["o", "E", "e"], "y", transB=1)], w.tensors)
    w = Weights(21)
    w.weight("W", 4, 1, 3, 3)
    w.weight("V", 6, 4, 3, 3)
    w.weight("v", 6)
    w.weight("D", 5, 54)
    w.weight("d", 5)
    stem = [node("Conv", ["x", "W"], "c"), node("Relu", ["c"], "q")]
    save("pair-conv-flatten-dense", [
        *stem, node("Conv", ["q", "V", "v"], "e", strides=[2, 2], pads=[1] * 4),
        node("Flatten", ["e"], "f"), node("Gemm", ["f", "D", "d"], "y", transB=1)], w.tensors)

    def separable(name, layers, channels, side, head=True):
        w = Weights(22)
        w.weight("W", 4, 1, 3, 3)
        nodes, last, inputs = [node("Conv", ["x", "W"], "c"), node("Relu", ["c"], "q")], "q", 4
        for index, (outputs, kernel, attributes, bias) in enumerate(layers):
            groups = attributes.get("group", 1)
            names = [last, w.weight(f"V{index}", outputs, inputs // groups, kernel, kernel)]
            if bias:
                names.append(w.weight(f"v{index}", outputs, fan=4))
            nodes.append(node("Conv", names, f"d{index}", **attributes))
            last, inputs = f"d{index}", outputs
        w.weight("D", 5, channels * side * side)
        save(name, [*nodes, node("Relu", [last], "r"), node("Flatten", ["r"], "f"),
                    node("Gemm", ["f", "D"], "y", transB=1)], w.tensors)

    pad = dict(pads=[1] * 4)
    separable("pair-depthwise-pointwise", [(4, 3, dict(group=4, **pad), True), (6, 1, {}, True)],
              6, 6)
    separable("pair-pointwise-depthwise-pointwise",
              [(8, 1, {}, False), (8, 3, dict(group=8, strides=[2, 2], **pad), True),
               (5, 1, {}, True)], 5, 3)
    separable("pair-grouped", [(8, 3, dict(group=4), True), (6, 3, dict(group=2), True)], 6, 2)
    separable("pair-strided", [(4, 3, dict(strides=[2, 2], **pad), True), (5, 2, {}, True)], 5, 2)
    w = Weights(23)
    w.weight("W", 4, 1, 3, 3)
    w.weight("V", 6, 4, 3, 3)
    w.weight("D", 5, 6)
    save("pair-conv-mean-dense", [
        node("Conv", ["x", "W"], "c"), node("Relu", ["c"], "q"), node("Conv", ["q", "V"], "e"),
        node("GlobalAveragePool", ["e"], "g"), node("Flatten", ["g"], "f"),
        node("Gemm", ["f", "D"], "y", transB=1)], w.tensors)


def endings():
    """What stands between the scores and the output."""
    def mlp(outputs):
        w = Weights(30)
        w.weight("A", 6, 64)
        w.weight("D", outputs, 6)
        w.weight("d", outputs)
        w.constant("two", 2.0)
        return w, [node("Flatten", ["x"], "f"), node("Gemm", ["f", "A"], "m", transB=1),
                   node("Relu", ["m"], "q"), node("Gemm", ["q", "D", "d"], "s", transB=1)]

    log = [node("Softmax", ["s"], "t", axis=1), node("Log", ["t"], "y")]
    for name, outputs, tail in (
        ("sigmoid", 4, [node("Sigmoid", ["s"], "y")]), ("tanh", 4, [node("Tanh", ["s"], "y")]),
        ("hard-sigmoid", 4, [node("HardSigmoid", ["s"], "y")]), ("log-softmax", 4, log),
        ("exp", 4, [node("Exp", ["s"], "y")]),
        ("scaled-sigmoid", 4, [node("Sigmoid", ["s"], "t"), node("Mul", ["t", "two"], "u"),
                               node("Add", ["u", "two"], "y")]),
        ("one-sigmoid", 1, [node("Sigmoid", ["s"], "y")]),
        ("one-score", 1, [node("Identity", ["s"], "y")]),
    ):
        w, nodes = mlp(outputs)
        save(f"end-{name}", nodes + tail, w.tensors, scores="s")
    w, nodes = mlp(4)
    save("end-factor", nodes + [node("Mul", ["s", "two"], "y")], w.tensors)


def constants():
    """Dilations, one dimension, and constants that the graph computes."""
    w = Weights(40)
    w.weight("W", 3, 1, 3, 3)
    w.weight("D", 4, 48)
    save("dilated", [
        node("Conv", ["x", "W"], "c", dilations=[2, 2]), node("Relu", ["c"], "q"),
        node("Flatten", ["q"], "f"), node("Gemm", ["f", "D"], "y", transB=1)], w.tensors)
    w = Weights(41)
    w.weight("W", 4, 8, 3)
    w.weight("V", 3, 4, 2)
    w.weight("D", 4, 3)
    w.normalization("n", 4)
    save("line", [
        node("Conv", ["x", "W"], "c", pads=[1, 1]),
        norm("c", "b", ["n_s", "n_b", "n_m", "n_v"]), node("Relu", ["b"], "q"),
        node("MaxPool", ["q"], "p", kernel_shape=[2], strides=[2]), node("Conv", ["p", "V"], "d"),
        node("Relu", ["d"], "e"), node("GlobalAveragePool", ["e"], "g"),
        node("Flatten", ["g"], "f"), node("Gemm", ["f", "D"], "y", transB=1)], w.tensors,
        ("N", 8, 12))
    w = Weights(42)
    w.weight("A", 6, 64)
    w.weight("D", 4, 6)
    w.constant("lo", 0.0)
    w.constant("hi", 1.0)
    w.constant("beta", 1.9)
    w.constant("state", np.zeros((1, 6)))
    w.constant("zero", 0.0)
    w.constant("root", [4.0, 9, 16, 25, 36, 49])
    save("step", [
        node("Flatten", ["x"], "f"), node("Gemm", ["f", "A"], "m", transB=1),
        node("Clip", ["beta", "lo", "hi"], "b"), node("Mul", ["b", "state"], "decay"),
        node("Add", ["decay", "m"], "u"), node("Sqrt", ["root"], "r"), node("Neg", ["r"], "nr"),
        node("Add", ["nr", "r"], "none"), node("Add", ["u", "none"], "v"),
        node("Greater", ["v", "zero"], "g"), node("Cast", ["g"], "s", to=FLOAT),
        node("Gemm", ["s", "D"], "y", transB=1)], w.tensors)
    for name, levels in (("where", None), ("sign", 0.1)):
        w = Weights(43)
        w.weight("A", 6, 64)
        w.weight("D", 4, 6)
        w.constant("zero", 0.0)
        w.constant("one", 1.0)
        w.constant("minus", -1.0)
        w.constant("k", 0.1)
        steps = [node("GreaterOrEqual", ["m", "zero"], "g"), node("Where", ["g", "one", "minus"], "s")]
        if levels:
            steps = [node("Sign", ["m"], "g"), node("Add", ["g", "k"], "h"), node("Sign", ["h"], "s")]
        save(f"plus-minus-{name}", [
            node("Flatten", ["x"], "f"), node("Gemm", ["f", "A"], "m", transB=1), *steps,
            node("Gemm", ["s", "D"], "y", transB=1)], w.tensors)


def quantized():
    """Integer weights and activations, as ONNX Runtime and PyTorch write them."""
    w = Weights(50)
    w.weight("W", 3, 1, 3, 3)
    w.weight("D", 4, 27)
    scale = (np.abs(w.tensors["W"]).reshape(3, -1).max(1) / 127).astype(np.float32)
    w.constant("ws", scale)
    w.constant("wz", np.zeros(3), np.int8)
    w.constant("Wi", np.round(w.tensors["W"] / scale[:, None, None, None]), np.int8)
    w.constant("xs", np.float32(1 / 255))
    w.constant("xz", 0, np.uint8)
    w.constant("as", np.float32(0.02))
    w.constant("az", 0, np.uint8)
    w.constant("bi", [3, -500, 20], np.int32)
    w.constant("bs", scale / np.float32(255))
    w.constant("bz", np.zeros(3), np.int32)
    weights = node("DequantizeLinear", ["Wi", "ws", "wz"], "wd", axis=0)
    bias = node("DequantizeLinear", ["bi", "bs", "bz"], "bd", axis=0)
    tail = [node("MaxPool", ["q"], "p", kernel_shape=[2, 2], strides=[2, 2]),
            node("Flatten", ["p"], "f"), node("Gemm", ["f", "D"], "y", transB=1)]
    save("weights-quantized-in-graph", [
        node("QuantizeLinear", ["W", "ws", "wz"], "wq", axis=0),
        node("DequantizeLinear", ["wq", "ws", "wz"], "wd", axis=0), node("Conv", ["x", "wd"], "c"),
        node("Relu", ["c"], "q"), *tail], w.tensors)
    plain = [weights, bias, node("Conv", ["x", "wd", "bd"], "c"), node("Relu", ["c"], "q"), *tail]
    around = [
        node("QuantizeLinear", ["x", "xs", "xz"], "xq"),
        node("DequantizeLinear", ["xq", "xs", "xz"], "xd"), weights, bias,
        node("Conv", ["xd", "wd", "bd"], "c")]
    requantize = [node("QuantizeLinear", ["r", "as", "az"], "rq"),
                  node("MaxPool", ["rq"], "pq", kernel_shape=[2, 2], strides=[2, 2]),
                  node("DequantizeLinear", ["pq", "as", "az"], "p"), *tail[1:]]
    save("qdq", [*around, node("Relu", ["c"], "r"), *requantize], w.tensors, twin=plain)
    # onnxruntime leaves the rectifier to the range of the integers.
    fused = [n for n in requantize]
    fused[0] = node("QuantizeLinear", ["c", "as", "az"], "rq")
    save("qdq-without-relu", [*around, *fused], w.tensors, twin=plain)
    w.constant("Di", np.round(w.tensors["D"].T / 0.01), np.int8)
    w.constant("ds", np.float32(0.01))
    w.constant("dz", 0, np.int8)
    w.constant("ys", np.float32(0.05))
    w.constant("yz", 128, np.uint8)
    ends = [node("DequantizeLinear", ["Di", "ds", "dz"], "dd"), node("MatMul", ["f", "dd"], "y")]
    save("qlinear", [
        node("QuantizeLinear", ["x", "xs", "xz"], "xq"),
        node("QLinearConv", ["xq", "xs", "xz", "Wi", "ws", "wz", "as", "az", "bi"], "cq"),
        node("MaxPool", ["cq"], "pq", kernel_shape=[2, 2], strides=[2, 2]),
        node("Flatten", ["pq"], "fq"),
        node("QLinearMatMul", ["fq", "as", "az", "Di", "ds", "dz", "ys", "yz"], "yq"),
        node("DequantizeLinear", ["yq", "ys", "yz"], "y")], w.tensors, twin=[*plain[:-1], *ends])
    w.constant("ci", [10, -20, 30, 40], np.int32)
    w.constant("cs", np.float32(0.02) * np.float32(0.01))
    w.constant("cz", 0, np.int32)
    gemm = [node("DequantizeLinear", ["Di", "ds", "dz"], "dd"),
            node("DequantizeLinear", ["ci", "cs", "cz"], "cd"),
            node("Gemm", ["f", "dd", "cd"], "y")]
    save("qgemm", [
        node("QuantizeLinear", ["x", "xs", "xz"], "xq"),
        node("QLinearConv", ["xq", "xs", "xz", "Wi", "ws", "wz", "as", "az", "bi"], "cq"),
        node("MaxPool", ["cq"], "pq", kernel_shape=[2, 2], strides=[2, 2]),
        node("Flatten", ["pq"], "fq"),
        node("QGemm", ["fq", "as", "az", "Di", "ds", "dz", "ci", "ys", "yz"], "yq"),
        node("DequantizeLinear", ["yq", "ys", "yz"], "y")], w.tensors, twin=[*plain[:-1], *gemm])


if __name__ == "__main__":
    for group in (channels_last, inputs, normalizations, pairs, endings, constants, quantized):
        group()
