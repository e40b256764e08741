"""Makes the files of LiteRT and ONNX Runtime from a chain of layers.

`python -m spikelet_tools.benchmarks.conversion FOLDER`: the folder has layers.npz and
calibration.npy (pictures as floats: count, channels, height, width), and receives float.onnx,
int8.onnx, float.tflite and int8.tflite.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

from spikelet_tools.benchmarks.environment import has_vnni, processor
from spikelet_tools.benchmarks.networks import INPUT, Layer, load, write_onnx


def quantize_onnx(folder: Path, pictures: np.ndarray) -> None:
    """int8 in ONNX Runtime's recommended form: QDQ nodes, a scale for each output channel.

    Without VNNI its sums of two products saturate at 16 bits: weights have seven bits there.
    """
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        """The calibration pictures, one at a time."""

        def __init__(self) -> None:
            self._rest = iter(pictures)

        def get_next(self):
            """The next picture, or None behind the last."""
            picture = next(self._rest, None)
            return None if picture is None else {INPUT: picture[None]}

    prepared = folder / "prepared.onnx"
    quant_pre_process(folder / "float.onnx", prepared)
    quantize_static(prepared, folder / "int8.onnx", Reader(), quant_format=QuantFormat.QDQ,
                    per_channel=True, reduce_range=not has_vnni(processor()["features"]))
    prepared.unlink()


def tensorflow_function(layers: list[Layer], shape: tuple[int, int, int]):
    """The layers in TensorFlow, channels last, with constants for weights."""
    import tensorflow as tf

    channels, height, width = shape

    def call(x):
        for index, layer in enumerate(layers):
            if not layer.is_dense:
                size = layer.weight.shape[2]
                if layer.padding not in (0, size // 2):
                    raise ValueError(f"a padding of {layer.padding} has no name in TensorFlow")
                x = tf.nn.conv2d(x, layer.weight.transpose(2, 3, 1, 0), 1,
                                 "SAME" if layer.padding else "VALID")
            else:
                weight = layer.weight
                if not layers[index - 1].is_dense:
                    _, rows, columns, maps = x.shape
                    weight = weight.reshape(-1, maps, rows, columns).transpose(0, 2, 3, 1)
                    weight = weight.reshape(len(weight), -1)
                    x = tf.reshape(x, [1, -1])
                x = tf.matmul(x, weight.T)
            x = tf.nn.bias_add(x, layer.bias)
            if layer.rectified:
                x = tf.nn.relu(x)
                x = tf.minimum(x, layer.ceiling) if layer.ceiling < np.inf else x
            x = tf.nn.avg_pool2d(x, 2, 2, "VALID") if layer.pooled else x
        return x

    return tf.function(call).get_concrete_function(
        tf.TensorSpec([1, height, width, channels], tf.float32))


def convert_tflite(folder: Path, layers: list[Layer], pictures: np.ndarray) -> None:
    """float.tflite, and int8.tflite with integers from the input to the scores."""
    import tensorflow as tf

    call = tensorflow_function(layers, pictures.shape[1:])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([call])
    (folder / "float.tflite").write_bytes(converter.convert())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([call])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [picture.transpose(1, 2, 0)[None]] for picture in pictures)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (folder / "int8.tflite").write_bytes(converter.convert())


def main() -> None:
    """Converts the folder that the argument names."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    folder = Path(sys.argv[1])
    layers, pictures = load(folder / "layers.npz"), np.load(folder / "calibration.npy")
    write_onnx(layers, pictures.shape[1:], folder / "float.onnx")
    quantize_onnx(folder, pictures)
    convert_tflite(folder, layers, pictures)


if __name__ == "__main__":
    main()
