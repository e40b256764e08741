"""Fills a folder for a contest: pictures, Spikelet's models, and the files of every peer."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import sys
from pathlib import Path

from spikelet_tools.benchmarks.contest import Contest, Ours
from spikelet_tools.datasets import DIRECTORIES
from spikelet_tools.deployments import Deployment, find
from spikelet_tools.paths import BUILD, ROOT
from spikelet_tools.processes import build, output, spikelet, stop

FOLDER = BUILD / "benchmarks"
SOURCES = ("conversion.py", "networks.py", "preparation.py")


def fingerprint(contest: Contest) -> str:
    """What the peers' files depend on: networks, λ, versions, and the code that makes them."""
    digest = hashlib.sha256()
    paths = [find(contest.single).network, find(contest.converted).network,
             find(contest.converted).folder / "calibration.json",
             *sorted((ROOT / "Benchmarks").glob("requirements*.txt")),
             *(Path(__file__).parent / name for name in SOURCES)]
    for path in paths:
        digest.update(path.read_bytes())
    digest.update(f"{contest.calibrated} {contest.judged}".encode())
    return digest.hexdigest()


def labelled(contest: Contest, data: Path, split: str):
    """Pictures (count, channels, height, width) and labels of the test or training part."""
    import numpy as np

    from spikelet_tools.training.idx import read_labelled
    from spikelet_tools.training.records import CIFAR10_TEST, read_records

    folder = data / DIRECTORIES[contest.dataset]
    try:
        if contest.dataset == "cifar10":
            name = CIFAR10_TEST if split == "test" else "data_batch_1.bin"
            return read_records(folder / name)
        pixels, labels = read_labelled(folder, "t10k" if split == "test" else "train")
    except FileNotFoundError:
        stop(f"{folder} is missing: scripts/tool download-datasets {contest.dataset}", 2)
    return np.expand_dims(pixels, 1), labels


def write_idx(pictures, path: Path) -> None:
    """Pictures as an IDX file, as the engine's C program reads them: a header of 16 bytes."""
    count, _, height, width = pictures.shape
    path.write_bytes(struct.pack(">4BIII", 0, 0, 8, 3, count, height, width)
                     + pictures.tobytes())


def limits(contest: Contest, folder: Path) -> list:
    """Spikelet's calibrated λ of each layer that fires."""
    import numpy as np

    parameters = folder / "parameters.json"
    spikelet("build", find(contest.converted).folder, "-o", folder / "converted.spk",
             "--parameters", parameters)
    layers = json.loads(parameters.read_text(encoding="utf-8"))["layers"]
    firing = [layer for layer in layers if layer["kind"] == "neurons"]
    if any((layer["reset"], layer["initialShare"]) != ("soft", 0.5) for layer in firing):
        stop(f"{contest.converted}: the peers' neurons have soft resets and start at a half", 2)
    return [np.array(layer["lambda"], np.float32) for layer in firing]


def model(contest: Contest, ours: Ours) -> Path:
    """The file of one of Spikelet's deployments."""
    # A comma would end an option of qemu's.
    plain = "".join(letter for letter in ours.title if letter.isalnum())
    return FOLDER / contest.name / f"{plain}.spk"


def build_ours(contest: Contest) -> None:
    """Compiles Spikelet's deployments."""
    folder = FOLDER / contest.name
    for ours in contest.ours:
        deployment: Deployment = find(ours.deployment)
        if ours.arena_bytes is None:
            build(deployment.folder, model(contest, ours))
            continue
        variant = deployment.write_variant(
            folder, {"budgets": {"maximumArenaBytes": ours.arena_bytes}}, without=("board",))
        build(variant, model(contest, ours))


def prepare(contest: Contest, data: Path) -> Path:
    """The folder of a contest; the peers' files are made once."""
    import numpy as np

    from spikelet_tools.benchmarks.networks import normalized, read_chain, save

    folder = FOLDER / contest.name
    stamp, mark = folder / "stamp", fingerprint(contest)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != mark:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pictures, labels = labelled(contest, data, "test")
        np.save(folder / "pictures.npy", pictures)
        np.save(folder / "labels.npy", labels)
        write_idx(pictures[:contest.counted], folder / "counted.idx")
        training, _ = labelled(contest, data, "train")
        np.save(folder / "calibration.npy",
                training[:contest.calibrated].astype(np.float32) / 255)
        layers = read_chain(find(contest.converted).network)
        save(layers, folder / "layers.npz")
        save(normalized(layers, limits(contest, folder)), folder / "spiking.npz")
        shutil.copy(find(contest.single).network, folder / "single.onnx")
        print(f"{contest.title}: making the peers' files", flush=True)
        output(sys.executable, "-m", "spikelet_tools.benchmarks.conversion", folder)
        stamp.write_text(mark, encoding="utf-8")
    build_ours(contest)
    return folder
