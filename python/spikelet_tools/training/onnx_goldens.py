"""Lets ONNX Runtime run a network with trained thresholds, and writes what it does.

With --output it records what pictures of a file cause, as golden vectors; with --dataset it
classifies the test pictures of a data set.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from spikelet_tools import datasets
from spikelet_tools.datasets import DIRECTORIES
from spikelet_tools.deployments import network_name
from spikelet_tools.training.event_frames import unpacked
from spikelet_tools.training.idx import read_idx
from spikelet_tools.training.records import read_test
from spikelet_tools.training.onnx_judge import Network, judge, looks_twice, worth
from spikelet_tools.training.vectors import sha256, write_array


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--network", type=Path, required=True, help="the ONNX file")
    parser.add_argument("--parameters", type=Path, help="from spikelet build --parameters")
    parser.add_argument("--timesteps", type=int, help="default: the file's, otherwise 1")
    parser.add_argument("--inputs", type=Path, help="pictures, IDX of unsigned bytes")
    parser.add_argument("--output", type=Path, help="the folder for the golden vectors")
    parser.add_argument("--dataset", choices=list(DIRECTORIES), help="its test images instead")
    parser.add_argument("--predictions", type=Path, help="the file for one byte an image")
    datasets.add_argument(parser)


def check_arguments(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuses what does not go together."""
    if (arguments.inputs is None) == (arguments.dataset is None):
        parser.error("either --inputs or --dataset is needed")
    if (arguments.inputs is None) != (arguments.output is None):
        parser.error("--inputs and --output need each other")
    if arguments.output is not None and arguments.parameters is None:
        parser.error("--output needs --parameters")
    if arguments.predictions is not None and arguments.dataset is None:
        parser.error("--predictions needs --dataset")


def write_goldens(network: Network, arguments: argparse.Namespace, timesteps: int) -> None:
    """Records what the pictures of a file cause."""
    parameters = read_parameters(arguments)
    if parameters["input"].get("mode") == "events":
        pictures = unpacked(read_idx(arguments.inputs), network.frame, arguments.inputs.name)
        pictures = pictures.astype(np.float32)
        timesteps = min(timesteps, pictures.shape[1])
    else:
        pictures = worth(network.pictures(read_idx(arguments.inputs)), parameters)
    if looks_twice(parameters):
        timesteps, steps = 2, list(network.looks(pictures))
    else:
        steps = list(network.run(pictures, timesteps))
    folder: Path = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.npy"):
        old.unlink()
    files: list[dict[str, object]] = []
    for index, layer in enumerate(parameters["layers"][:-1]):
        name = network.tensor(layer["node"])
        if name is None:
            print(f"{layer['name']}: is not in the graph, left out")
            continue
        counts = np.cumsum([values[name] for values in steps], axis=0).swapaxes(0, 1)
        counts = counts.reshape(*counts.shape[:3], *(counts.shape[3:] or (1, 1)))
        stem = f"spikes-{index}-" + re.sub(r"[^A-Za-z0-9._-]", "_", layer["name"])
        files.append(write_array(folder, stem, counts.astype(np.uint8))
                     | {"layer": layer["name"], "kind": "spikes"})
    scores = np.cumsum([values[network.output] for values in steps], axis=0, dtype=np.float64)
    files.append(write_array(folder, "readout", scores.swapaxes(0, 1))
                 | {"layer": parameters["layers"][-1]["name"], "kind": "readOut"})
    content = {
        "format": 1,
        "timesteps": timesteps,
        "images": len(pictures),
        "network": f"{network_name(arguments.network)}.onnx",
        "networkSHA256": sha256(arguments.network),
        "parametersSHA256": sha256(arguments.parameters),
        "inputsSHA256": sha256(arguments.inputs),
        "files": files,
        "versions": {
            "python": platform.python_version(), "numpy": np.__version__,
            "onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__},
        "neuron": "comparisons of the ONNX file, by ONNX Runtime",
    }
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / "float.json").write_text(text + "\n", encoding="utf-8")
    size = sum((folder / str(file["file"])).stat().st_size for file in files)
    print(f"wrote {len(files)} arrays, {size:,} bytes")


def read_parameters(arguments: argparse.Namespace) -> dict | None:
    """The parameters of the conversion, if a file is given."""
    if arguments.parameters is None:
        return None
    return json.loads(arguments.parameters.read_text(encoding="utf-8"))


def classify(network: Network, arguments: argparse.Namespace, timesteps: int) -> None:
    """Classifies test images and counts the right answers."""
    pixels, labels = read_test(arguments.data / DIRECTORIES[arguments.dataset])
    found = judge(network, pixels, labels, timesteps, read_parameters(arguments))[-1]
    print(f"{network_name(arguments.network)} by ONNX Runtime: {found.correct:,} of "
          f"{len(labels):,} right, T={timesteps}")
    if found.digest is not None:
        print(f"scores digest {found.digest}, scores within {found.error:.1e} of whole numbers")
    if arguments.predictions is not None:
        arguments.predictions.write_bytes(found.predictions.tobytes())


def run(arguments: argparse.Namespace) -> None:
    """Runs the network on a data set, or records what pictures cause."""
    network = Network(arguments.network)
    timesteps = arguments.timesteps or network.timesteps
    if arguments.output is not None:
        write_goldens(network, arguments, timesteps)
    else:
        classify(network, arguments, timesteps)
