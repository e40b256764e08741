"""The networks of MLPerf Tiny in Keras, channels last."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

NETWORKS = {"resnet8": (3, 32, 32), "dscnn": (1, 49, 10), "mobilenet": (3, 96, 96)}
"""By name: channels, rows and columns."""


def unit(x, outputs: int | None, kernel, stride: int = 1):
    """A convolution (a depthwise one without `outputs`), a normalization, a rectifier."""
    options = {"strides": stride, "padding": "same", "use_bias": False}
    layer = (layers.DepthwiseConv2D(kernel, **options) if outputs is None
             else layers.Conv2D(outputs, kernel, **options))
    return layers.ReLU()(layers.BatchNormalization(momentum=0.8)(layer(x)))


def separable(x, outputs: int, stride: int = 1):
    """A depthwise convolution and a pointwise one, each with a rectifier."""
    return unit(unit(x, None, 3, stride), outputs, 1)


def residual(x, outputs: int, stride: int):
    """A stack of ResNet-8: two convolutions, and the picture past them."""
    y = layers.Conv2D(outputs, 3, padding="same")(unit(x, outputs, 3, stride))
    y = layers.BatchNormalization(momentum=0.8)(y)
    if stride > 1:
        x = layers.Conv2D(outputs, 1, strides=stride)(x)
    return layers.ReLU()(layers.Add()([x, y]))


def network(name: str, shape: tuple[int, int, int]) -> keras.Model:
    """A network with random weights."""
    x = first = layers.Input((*shape[1:], shape[0]))
    if name == "resnet8":
        x = unit(x, 16, 3)
        for outputs, stride in [(16, 1), (32, 2), (64, 2)]:
            x = residual(x, outputs, stride)
        classes = 10
    elif name == "dscnn":
        x = unit(x, 64, (10, 4), 2)
        for _ in range(4):
            x = separable(x, 64)
        classes = 12
    else:
        x = unit(x, 8, 3, 2)
        for outputs, stride in [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2),
                                *[(128, 1)] * 5, (256, 2), (256, 1)]:
            x = separable(x, outputs, stride)
        classes = 2
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(first, layers.Dense(classes, activation="softmax")(x))


def export(name: str, pictures, path: Path) -> None:
    """Writes the network after its normalizations have seen pictures; its scores are centred."""
    keras.utils.set_random_seed(7)
    net = network(name, pictures.shape[1:])
    x = np.ascontiguousarray(pictures.transpose(0, 2, 3, 1), np.float32)
    for _ in range(40):
        net(x, training=True)
    scores = keras.Model(net.input, net.layers[-1].input)(x).numpy()
    weights, bias = net.layers[-1].get_weights()
    net.layers[-1].set_weights([weights, bias - (scores @ weights).mean(0)])
    net.export(path, format="onnx", verbose=False)
