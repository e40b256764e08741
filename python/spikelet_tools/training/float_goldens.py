"""Simulates a converted network in floats and writes what it does as golden vectors.

Independent of Spikelet: it walks the ONNX file with torch operations in float64 and takes
from the conversion only what `spikelet build --parameters` writes (λ, reset, initial share).
Nothing is quantized and nothing clamped.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor

from spikelet_tools import datasets
from spikelet_tools.deployments import network_name
from spikelet_tools.training.data import load_mnist
from spikelet_tools.training.idx import read_idx
from spikelet_tools.training.event_frames import unpacked
from spikelet_tools.training.float_snn import Network, Parameters, SpikingNetwork, load_parameters
from spikelet_tools.training.neurons import (
    DESCRIPTIONS,
    IMPLEMENTATIONS,
    check_neurons,
    check_pools,
    library_versions,
)
from spikelet_tools.training.vectors import sha256, write_array

BATCH = 100
MAXIMUM_TIMESTEPS = 255
WALK_TOLERANCE = 1e-4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--network", type=Path, help="the ONNX file")
    parser.add_argument("--parameters", type=Path, help="from spikelet build --parameters")
    parser.add_argument("--timesteps", type=int, default=16)
    parser.add_argument("--inputs", type=Path, help="pictures, IDX of unsigned bytes")
    parser.add_argument("--output", type=Path, help="the folder for the golden vectors")
    parser.add_argument("--dataset", choices=["mnist"], help="its test images, not --inputs")
    parser.add_argument("--limit", type=int, help="the first images of --dataset only")
    parser.add_argument("--predictions", type=Path, help="the file for one byte an image")
    parser.add_argument("--rates", action="store_true", help="compare rates with activations")
    parser.add_argument("--self-check", action="store_true", help="check the neurons and stop")
    parser.add_argument("--neurons", choices=list(IMPLEMENTATIONS), default="spikingjelly")
    parser.add_argument("--float32", action="store_true", help="quicker; not for golden vectors")
    datasets.add_argument(parser)
    parser.add_argument("--threads", type=int, default=1)


def check_arguments(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuses what does not go together."""
    if arguments.self_check:
        return
    if arguments.network is None or arguments.parameters is None:
        parser.error("--network and --parameters are needed")
    if (arguments.inputs is None) == (arguments.dataset is None):
        parser.error("either --inputs or --dataset is needed")
    if arguments.predictions is not None and arguments.dataset is None:
        parser.error("--predictions needs --dataset")
    if arguments.output is not None and (arguments.inputs is None or arguments.float32):
        parser.error("--output needs --inputs, and not --float32")
    if not 1 <= arguments.timesteps <= MAXIMUM_TIMESTEPS:
        parser.error(f"--timesteps: counts are bytes, so 1 to {MAXIMUM_TIMESTEPS}")
    if not (arguments.output or arguments.predictions or arguments.rates):
        parser.error("nothing to do: --output, --predictions or --rates")


def self_check(implementation: str) -> None:
    """Checks the neurons and the max pools on random sequences, and says so."""
    try:
        compared = check_neurons(implementation)
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error.name} is missing; see training/README.md") from error
    versions = ", ".join(f"{k} {v}" for k, v in library_versions(implementation).items())
    print(f"neurons: {DESCRIPTIONS[implementation]}" + (f" ({versions})" if versions else ""))
    for kind, spikes in compared.items():
        print(f"  equal to plain torch and to plain Python: {kind}, {spikes:,} spikes")
    print(f"max pools: equal to their definitions, {check_pools():,} windows")


def check_walk(network: Network, path: Path, pictures: Tensor) -> None:
    """Checks the walk through the float network against ONNX Runtime."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    expected = session.run(None, {name: pictures.float().numpy()})[0]
    found = network.walk(pictures)[network.graph.output].numpy()
    difference = float(np.abs(found - expected).max() / np.abs(expected).max())
    print(f"float network: within {difference:.1e} of ONNX Runtime's largest score")
    if difference > WALK_TOLERANCE:
        raise SystemExit("the network is not walked as ONNX Runtime runs it")


@dataclass(frozen=True)
class Recording:
    """What the network did at every timestep."""

    spikes: list[np.ndarray]
    read_out: np.ndarray


class Recorder:
    """Runs pictures in batches and records counts of spikes and scores."""

    def __init__(self, network: Network, implementation: str, timesteps: int) -> None:
        self._network = network
        self._make_neurons = IMPLEMENTATIONS[implementation]
        self._timesteps = timesteps

    def record(self, pictures: Tensor) -> Recording:
        """Everything: counts as [images][timesteps][C][H][W], scores likewise."""
        layers = self._network.parameters.firing
        start = (len(pictures), self._timesteps)
        spikes = [np.zeros((*start, *layer.shape), np.uint8) for layer in layers]
        scores = np.zeros((*start, self._network.parameters.read_out.shape[0]), "<f8")
        for first in range(0, len(pictures), BATCH):
            batch = slice(first, first + BATCH)
            running = SpikingNetwork(self._network, pictures[batch], self._make_neurons)
            for step in range(self._timesteps):
                running.step()
                scores[batch, step] = running.scores.numpy()
                for layer, counts in zip(layers, spikes):
                    counts[batch, step] = running.counts[layer.index].to(torch.uint8).numpy()
        return Recording(spikes, scores)

    def predict(self, pictures: Tensor) -> np.ndarray:
        """The class with the largest score after the last timestep, one byte a picture."""
        found = []
        for batch in pictures.split(BATCH):
            running = SpikingNetwork(self._network, batch, self._make_neurons)
            for _ in range(self._timesteps):
                running.step()
            found.append(running.scores.argmax(1).to(torch.uint8))
        return torch.cat(found).numpy()


def write_goldens(
    recording: Recording, parameters: Parameters, arguments: argparse.Namespace
) -> None:
    """Writes the arrays and the file that describes them."""
    folder: Path = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    files: list[dict[str, object]] = []
    for layer, spikes in zip(parameters.firing, recording.spikes):
        stem = f"spikes-{layer.index}-" + re.sub(r"[^A-Za-z0-9._-]", "_", layer.name)
        files.append(write_array(folder, stem, spikes) | {"layer": layer.name, "kind": "spikes"})
    scores = write_array(folder, "readout", recording.read_out)
    files.append(scores | {"layer": parameters.read_out.name, "kind": "readOut"})
    content = {
        "format": 1,
        "timesteps": arguments.timesteps,
        "images": len(recording.read_out),
        "network": f"{network_name(arguments.network)}.onnx",
        "networkSHA256": sha256(arguments.network),
        "parametersSHA256": sha256(arguments.parameters),
        "inputsSHA256": sha256(arguments.inputs),
        "files": files,
        "versions": versions(arguments.neurons),
        "neuron": DESCRIPTIONS[arguments.neurons],
    }
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / "float.json").write_text(text + "\n", encoding="utf-8")
    size = sum((folder / str(file["file"])).stat().st_size for file in files)
    print(f"wrote {len(files)} arrays, {size:,} bytes")


def versions(implementation: str) -> dict[str, str]:
    """What the golden vectors were made with."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "onnx": onnx.__version__,
    } | library_versions(implementation)


def print_rates(recording: Recording, network: Network, pictures: Tensor) -> None:
    """How far each layer's rates are from min(activation, λ) / λ."""
    timesteps = recording.read_out.shape[1]
    clipped = network.rates(pictures, clip_before=True)
    whole = network.rates(pictures, clip_before=False)
    print(f"rates after {timesteps} timesteps, less min(activation, λ) / λ of the float network")
    print(f"{'layer':<16}  cut off at λ: max    mean  as it is: max    mean")
    for layer, spikes, *targets in zip(network.parameters.firing, recording.spikes, clipped, whole):
        rate = torch.from_numpy(spikes[:, -1].astype(np.float64)) / timesteps
        cells = []
        for target in targets:
            error = (rate - target).abs()
            cells.append(f"{float(error.max()):>17.4f} {float(error.mean()):.5f}")
        print(f"{layer.name:<16} {' '.join(cells)}")


def run_dataset(network: Network, recorder: Recorder, arguments: argparse.Namespace) -> None:
    """Classifies test images, prints the accuracy and writes the predictions."""
    images = load_mnist(arguments.data).test
    limit = len(images) if arguments.limit is None else arguments.limit
    pixels, labels = images.pixels[:limit], images.labels[:limit]
    shape, dtype = network.graph.input_shape, network.dtype
    pictures = network.parameters.pictures(pixels, shape, dtype)
    check_walk(network, arguments.network, pictures[:BATCH])
    if arguments.rates:
        print_rates(recorder.record(pictures), network, pictures)
    predictions = recorder.predict(pictures)
    correct = int((torch.from_numpy(predictions).long() == labels).sum())
    share = correct / len(labels)
    print(f"accuracy {share:.2%} ({correct:,} of {len(labels):,}), T={arguments.timesteps}")
    if arguments.predictions is not None:
        arguments.predictions.write_bytes(predictions.tobytes())


def run_inputs(network: Network, recorder: Recorder, arguments: argparse.Namespace) -> None:
    """Records what the pictures of a file cause, or the frames of recordings."""
    content, shape, dtype = read_idx(arguments.inputs), network.graph.input_shape, network.dtype
    if network.parameters.is_of_events:
        frames = unpacked(content, tuple(shape), arguments.inputs.name)
        if frames.shape[1] < arguments.timesteps:
            raise SystemExit(
                f"{arguments.inputs}: has {frames.shape[1]} frames a recording, needed "
                f"{arguments.timesteps}")
        pictures = torch.from_numpy(frames).to(dtype)
        # What the spikes stand for are the rates of the mean frame.
        check_walk(network, arguments.network, pictures.mean(1))
    else:
        pictures = network.parameters.pictures(torch.from_numpy(content.copy()), shape, dtype)
        check_walk(network, arguments.network, pictures)
    recording = recorder.record(pictures)
    if arguments.rates:
        means = pictures.mean(1) if network.parameters.is_of_events else pictures
        print_rates(recording, network, means)
    if arguments.output is not None:
        write_goldens(recording, network.parameters, arguments)


@torch.no_grad()
def run(arguments: argparse.Namespace) -> None:
    """Checks itself, then simulates."""
    torch.set_num_threads(arguments.threads)
    self_check(arguments.neurons)
    if arguments.self_check:
        return
    parameters = load_parameters(arguments.parameters)
    dtype = torch.float32 if arguments.float32 else torch.float64
    network = Network(arguments.network, parameters, dtype)
    recorder = Recorder(network, arguments.neurons, arguments.timesteps)
    simulate = run_inputs if arguments.dataset is None else run_dataset
    simulate(network, recorder, arguments)
