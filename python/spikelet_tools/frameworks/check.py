"""Trains a small network in each framework, deploys it, and compares the engine with it.

Every network is trained on Fashion-MNIST, exported, built with 8-bit weights and evaluated by the
engine; the framework classifies the same pictures. It fails where the accuracies differ by more
than --points. `exact` is an untrained network in which nothing is rounded: every picture must get
the class that SpikingJelly gives it. Frameworks that are missing are an error.
"""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.processes import build, classify, evaluate, stop

FRAMEWORKS = ("snntorch", "spikingjelly", "norse", "sinabs", "exact")
DATASET = "fashion-mnist"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Names, how long to train, and how many pictures to compare."""
    datasets.add_argument(parser)
    parser.add_argument(
        "names", nargs="*", metavar="FRAMEWORK", help=f"{', '.join(FRAMEWORKS)}; all without one")
    parser.add_argument("--images", type=int, default=20_000, help="to train on (20000)")
    parser.add_argument("--epochs", type=int, default=3, help="of training (3)")
    parser.add_argument("--limit", type=int, default=10_000, help="test pictures (10000, all)")
    parser.add_argument("--points", type=float, default=0.5, help="largest difference (0.5)")
    parser.add_argument("--seed", type=int, default=1, help="of the training (1)")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch (1)")
    parser.add_argument("--out", type=Path, help="a folder to keep the deployments in")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Only frameworks that there are, and numbers that make sense."""
    for name in options.names:
        if name not in FRAMEWORKS:
            parser.error(f"there is no framework {name}; known are {', '.join(FRAMEWORKS)}")
    for name in ("images", "epochs", "limit", "threads"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} is {getattr(options, name)}, needed 1 or more")


def run(options: argparse.Namespace) -> None:
    """Checks one framework after the other."""
    names = options.names or FRAMEWORKS
    examples, missing = {}, []
    for name in names:
        try:
            examples[name] = importlib.import_module(f"spikelet_tools.frameworks.examples.{name}")
        except ModuleNotFoundError as error:
            missing.append(f"{name}: {error.name} is missing")
    if missing:
        missing.append("python3 -m pip install -e 'python[frameworks]'")
        stop("\n".join(missing), 2)
    failures = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, example in examples.items():
            folder = (options.out or Path(scratch)).resolve() / f"lenet-{name}"
            failures += _check(name, example, folder, options)
    if failures:
        stop("\n".join(failures))
    print(f"{len(examples)} passed, 0 failed")


def _check(name: str, example, folder: Path, options: argparse.Namespace) -> list[str]:
    """One framework: trained, exported, built, evaluated; what differs too much."""
    import torch

    from spikelet_tools.frameworks.training import predictions, train
    from spikelet_tools.training.data import load_dataset

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    data = load_dataset(options.data, "fashion")
    pictures = data.train.pixels[: options.images], data.train.labels[: options.images]
    network = example.network()
    is_exact = getattr(example, "IS_EXACT", False)
    if not is_exact:
        train(network, example.scores, *pictures, options.epochs,
              lambda line: print(f"{name}: {line}", flush=True))
    test = data.test.pixels[: options.limit], data.test.labels[: options.limit]
    own = predictions(network, example.scores, test[0])
    exported = example.export_to(network, folder / "network.onnx")
    print(exported)
    deployment = {"name": folder.name, "network": "network.onnx", "dataset": DATASET}
    (folder / "deployment.json").write_text(json.dumps(deployment, indent=2) + "\n")
    model = folder / "model.spk"
    build(folder / "deployment.json", model)
    figures = evaluate(
        model, *datasets.arguments(options), "--limit", str(len(test[0])))
    idx = folder / "pictures.idx3-ubyte"
    _write_idx(idx, test[0])
    engine = torch.tensor(classify(model, idx))
    idx.unlink()
    right, same = int((own == test[1]).sum()), int((own == engine).sum())
    accuracy, given = right / len(own) * 100, figures["accuracy"] * 100
    print(
        f"{name}: {accuracy:.2f} % in the framework, {given:.2f} % by the engine, "
        f"{same:,} of {len(own):,} classified alike; {figures['modelBytes']:,} bytes, "
        f"{figures['timesteps']} timesteps", flush=True)
    if is_exact and same != len(own):
        return [f"{name}: {len(own) - same} pictures classified otherwise, needed none"]
    if abs(accuracy - given) > options.points:
        return [f"{name}: {given:.2f} % by the engine, needed {accuracy:.2f} ± {options.points}"]
    return []


def _write_idx(path: Path, pixels) -> None:
    """Gray pictures (count, 1, rows, columns) as an IDX file."""
    count, _, rows, columns = pixels.shape
    head = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (count, rows, columns))
    path.write_bytes(head + pixels.numpy().tobytes())
