"""Takes the networks of MLPerf Tiny, from PyTorch or Keras, the whole way to a model.

ResNet-8 (3×32×32, 10 classes), DS-CNN (1×49×10, 12) and MobileNetV1 × 0.25 (3×96×96, 2), of
random weights, normalizations that have seen pictures, and scores that are centred so that
pictures fall into several classes. What is checked is the way in, not an accuracy. Each is
exported as its framework exports, checked, calibrated, built and run on drawn clouds. The float
network must decide as ONNX Runtime does on every picture. How often the converted network does
is printed and not demanded: the scores of random weights are far closer together than those of a
trained network.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
from pathlib import Path

from spikelet_tools.paths import TOOL
from spikelet_tools.processes import output, stop

FRAMEWORKS = {"torch": ["torch", "onnx", "onnxscript", "onnxruntime"],
              "keras": ["tensorflow", "tf2onnx", "onnxruntime"]}
"""By framework: the packages that it takes, as they are imported."""
PICTURES = 60
TIMESTEPS = 255


def clouds(shape: tuple[int, int, int], seed: int):
    """Pictures of light and dark clouds in every size, as bytes, channels first."""
    import numpy

    random = numpy.random.default_rng(seed)
    channels, rows, columns = shape
    total = numpy.zeros((PICTURES, *shape))
    for cells in [1, 2, 4, 8]:
        grid = random.normal(size=(PICTURES, channels, cells, cells))
        places = [numpy.arange(extent) * cells // extent for extent in (rows, columns)]
        total += grid[:, :, places[0]][:, :, :, places[1]] / cells ** 0.5
    return numpy.clip(128 + 50 * total, 0, 255).astype(numpy.uint8)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which framework exports."""
    parser.add_argument("framework", choices=sorted(FRAMEWORKS))


def check_packages(framework: str) -> None:
    """Ends with the command that installs what is missing."""
    missing = [name for name in FRAMEWORKS[framework] if importlib.util.find_spec(name) is None]
    if missing:
        names = " ".join({"tensorflow": "tensorflow-cpu"}.get(name, name) for name in missing)
        stop(f"mlperf-tiny {framework} needs {names}: python3 -m pip install {names}")


def decisions(network: Path, pictures) -> list[int]:
    """What ONNX Runtime decides about float pictures of 0…1, channels first."""
    import onnxruntime

    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    place = session.get_inputs()[0]
    # Keras keeps the channels last.
    is_last = place.shape[-1] == pictures.shape[1] and place.shape[1] != pictures.shape[1]
    result = []
    for picture in pictures:
        values = picture.transpose(1, 2, 0) if is_last else picture
        result.append(int(session.run(None, {place.name: values[None]})[0].argmax()))
    return result


def follow(name: str, network: Path, shape: tuple[int, int, int], folder: Path) -> None:
    """The whole way of one network."""
    import numpy

    pixels = clouds(shape, seed=5)
    labels = decisions(network, (pixels / 255).astype(numpy.float32))
    if len(set(labels)) < 2:
        stop(f"{name}: all pictures fall into one class, which proves nothing")
    data = folder / f"{name}-data"
    data.mkdir()
    for part in ["train", "test"]:
        numpy.save(data / f"x_{part}.npy", pixels)
        numpy.save(data / f"y_{part}.npy", numpy.array(labels, numpy.uint16))
    place = folder / f"{name}.json"
    pictures = ["--data", data]
    output(TOOL, "check", network)
    output(TOOL, "new", network, "--name", name, "-o", place)
    output(TOOL, "calibrate", place, *pictures)
    output(TOOL, "build", place, "-o", folder / f"{name}.spk")

    def evaluate(*options) -> dict:
        return json.loads(output(TOOL, "eval", place, *pictures, *options, "--json", "-"))

    floats = evaluate("--float")
    if floats["correct"] != PICTURES:
        stop(f"{name}: the float network decides otherwise than ONNX Runtime on "
             f"{PICTURES - floats['correct']} of {PICTURES} pictures")
    spikes = evaluate("--timesteps", TIMESTEPS)
    model = (folder / f"{name}.spk").stat().st_size
    print(f"{name}: decides as ONNX Runtime in floats, on {spikes['correct']} of {PICTURES} "
          f"pictures at T = {TIMESTEPS}, {len(set(labels))} classes; model {model:,} bytes",
          flush=True)


def run(options: argparse.Namespace) -> None:
    """Exports the three networks and takes each the whole way."""
    check_packages(options.framework)
    if not TOOL.exists():
        stop(f"{TOOL} is missing: make build")
    exporter = importlib.import_module(f"spikelet_tools.checks.mlperf_tiny_{options.framework}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for network, shape in exporter.NETWORKS.items():
            path = folder / f"{network}.onnx"
            exporter.export(network, clouds(shape, seed=3) / 255, path)
            follow(network, path, shape, folder)
