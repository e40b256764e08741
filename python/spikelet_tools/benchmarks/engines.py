"""What runs a network beside Spikelet: the same calls for every engine.

An engine is made from the folder that `preparation` fills. `prepared(picture)` brings a picture
(channels, height, width; floats from 0 to 1) into the engine's own form and `place` copies it into
the engine, both not timed; `run()` is what is timed; `scores()` are those of the last run. Those of
PyTorch also have `classes`, for whole batches.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from spikelet_tools.benchmarks.networks import Layer, load

TIMESTEPS = 16
"""How long the spiking engines run."""


class LiteRT:
    """LiteRT with its default delegate (XNNPACK)."""

    def __init__(self, model: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(model), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]

    def prepared(self, picture: np.ndarray) -> Any:
        """Channels last; as integers where the network has integers."""
        x = np.ascontiguousarray(picture.transpose(1, 2, 0))[None]
        if self._input["dtype"] == np.int8:
            scale, zero = self._input["quantization"]
            x = np.clip(np.round(x / scale) + zero, -128, 127).astype(np.int8)
        return x

    def place(self, prepared: Any) -> None:
        """Copies a picture into the engine; not timed."""
        self._interpreter.set_tensor(self._input["index"], prepared)

    def run(self) -> None:
        """One inference."""
        self._interpreter.invoke()

    def scores(self) -> np.ndarray:
        """The scores of the last inference."""
        return self._interpreter.get_tensor(self._output["index"])[0]


class OnnxRuntime:
    """ONNX Runtime on the CPU, all optimizations, tensors bound in advance."""

    def __init__(self, model: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"])
        entry = self._session.get_inputs()[0]
        shape = [one if isinstance(one, int) else 1 for one in entry.shape]
        self._value = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shape, np.float32))
        self._binding = self._session.io_binding()
        self._binding.bind_ortvalue_input(entry.name, self._value)
        self._binding.bind_output(self._session.get_outputs()[0].name)

    def prepared(self, picture: np.ndarray) -> Any:
        """A batch of one."""
        return np.ascontiguousarray(picture[None])

    def place(self, prepared: Any) -> None:
        """Copies a picture into the engine; not timed."""
        self._value.update_inplace(prepared)

    def run(self) -> None:
        """One inference."""
        self._session.run_with_iobinding(self._binding)

    def scores(self) -> np.ndarray:
        """The scores of the last inference."""
        return self._binding.get_outputs()[0].numpy()[0]


class Torch:
    """A module of PyTorch, eager, and what all of them share."""

    def __init__(self, module) -> None:
        import torch

        torch.set_num_threads(1)
        self._torch = torch
        self._module = module.eval()
        self._picture = self._scores = None

    def prepared(self, picture: np.ndarray) -> Any:
        """A batch of one."""
        return self._torch.from_numpy(np.ascontiguousarray(picture[None]))

    def place(self, prepared: Any) -> None:
        """Keeps the picture."""
        self._picture = prepared

    def run(self) -> None:
        """One inference."""
        with self._torch.inference_mode():
            self._scores = self._module(self._picture)

    def scores(self) -> np.ndarray:
        """The scores of the last inference."""
        return self._scores.numpy()[0]

    def classes(self, pictures: np.ndarray) -> list[int]:
        """The classes of a batch."""
        with self._torch.inference_mode():
            return self._module(self._torch.from_numpy(pictures)).argmax(1).tolist()


def weighted(layer: Layer, convolution, dense):
    """A layer's weights in a module of PyTorch's, which one of the two makes."""
    import torch

    outputs, inputs = layer.weight.shape[:2]
    if layer.is_dense:
        part = dense(inputs, outputs)
    else:
        part = convolution(inputs, outputs, layer.weight.shape[2], padding=layer.padding)
    with torch.no_grad():
        part.weight.copy_(torch.from_numpy(layer.weight))
        part.bias.copy_(torch.from_numpy(layer.bias))
    return part


def dense_module(layers: list[Layer]):
    """The network before conversion in PyTorch; batch norms are already folded in."""
    from torch import nn

    parts = []
    for index, layer in enumerate(layers):
        if layer.is_dense and not layers[index - 1].is_dense:
            parts.append(nn.Flatten())
        parts.append(weighted(layer, nn.Conv2d, nn.Linear))
        if layer.rectified:
            bounded = layer.ceiling < np.inf
            parts.append(nn.Hardtanh(0, layer.ceiling) if bounded else nn.ReLU())
        if layer.pooled:
            parts.append(nn.AvgPool2d(2))
    return nn.Sequential(*parts)


def make(name: str, folder: Path):
    """The engine of this name, with what lies in the folder."""
    if name in ("litert-float", "litert-int8"):
        return LiteRT(folder / f"{name.removeprefix('litert-')}.tflite")
    if name in ("onnxruntime-float", "onnxruntime-int8"):
        return OnnxRuntime(folder / f"{name.removeprefix('onnxruntime-')}.onnx")
    if name == "onnxruntime-single":
        return OnnxRuntime(folder / "single.onnx")
    if name == "torch":
        return Torch(dense_module(load(folder / "layers.npz")))
    from spikelet_tools.benchmarks import spiking

    layers = load(folder / "spiking.npz")
    if name == "spikingjelly":
        return Torch(spiking.spikingjelly_module(layers, TIMESTEPS))
    if name == "snntorch":
        return Torch(spiking.snntorch_module(layers, TIMESTEPS))
    raise ValueError(f"there is no engine {name}")

