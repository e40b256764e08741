"""Trains one of the four LeNet-5 types on MNIST and exports it to ONNX."""

from __future__ import annotations

import argparse
from dataclasses import asdict, fields
from pathlib import Path

import torch

from spikelet_tools import datasets
from spikelet_tools.paths import CACHE, CONFIGS, TRAINING_LOGS
from spikelet_tools.progress import EpochLog
from spikelet_tools.training.data import Mnist, load_mnist
from spikelet_tools.training.export import export_onnx, onnx_correct
from spikelet_tools.training.loop import Recipe, Trainer, count_correct, make_deterministic
from spikelet_tools.training.models import LeNet5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("name", help="the deployment, such as lenet5-avg")
    parser.add_argument("--pool", choices=["avg", "max"], required=True)
    parser.add_argument("--batch-norm", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--output", type=Path, help="default: firmware-configs/<name>/network.onnx")
    _add_recipe_arguments(parser)
    datasets.add_argument(parser)
    parser.add_argument("--log", type=Path, help="default: training/logs/<name>.jsonl")
    parser.add_argument("--checkpoint", type=Path, help="where training can be resumed")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--no-test", action="store_true", help="leave the test set alone")


def _add_recipe_arguments(parser: argparse.ArgumentParser) -> None:
    for field in fields(Recipe):
        if field.name != "seed":
            option = "--" + field.name.replace("_", "-")
            parser.add_argument(option, type=type(field.default), default=field.default)


def recipe_from(arguments: argparse.Namespace) -> Recipe:
    """The recipe the command line asks for."""
    return Recipe(**{field.name: getattr(arguments, field.name) for field in fields(Recipe)})


def metadata_of(arguments: argparse.Namespace, recipe: Recipe) -> dict[str, str]:
    """What the exported file says about itself."""
    kind = arguments.pool + (" batch-norm" if arguments.batch_norm else "")
    metadata = {"network": "LeNet-5", "type": kind, "dataset": "MNIST", "input": "pixel / 255"}
    tuned = recipe.tune_epochs > 0
    for name, value in asdict(recipe).items():
        if tuned or not name.startswith("tune_"):
            metadata[name] = str(value)
    return metadata


def report(model: LeNet5, data: Mnist, arguments: argparse.Namespace, log: EpochLog) -> None:
    """Exports the network, tests it once in PyTorch and once in ONNX Runtime."""
    metadata = metadata_of(arguments, recipe_from(arguments))
    if arguments.no_test:
        export_onnx(model, arguments.output, metadata)
        return
    correct = count_correct(model, data.test)
    accuracy = correct / len(data.test)
    export_onnx(model, arguments.output, metadata | {"test_accuracy": f"{accuracy:.4f}"})
    exported = onnx_correct(arguments.output, data.test)
    log.write({"test_accuracy": accuracy, "onnx_test_accuracy": exported / len(data.test)})
    print(f"test accuracy {accuracy:.2%}, {exported / len(data.test):.2%} in ONNX Runtime")
    if exported != correct:
        raise SystemExit("the exported network does not classify as the trained one does")


def run(arguments: argparse.Namespace) -> None:
    """Trains, exports and tests."""
    make_deterministic(arguments.seed, arguments.threads)
    name = arguments.name
    arguments.output = arguments.output or CONFIGS / name / "network.onnx"
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    log_path = arguments.log or TRAINING_LOGS / f"{name}.jsonl"
    checkpoint = arguments.checkpoint or CACHE / "checkpoints" / f"{name}.pt"
    recipe = recipe_from(arguments)
    device = torch.device(arguments.device)
    data = load_mnist(arguments.data).to(device)
    model = LeNet5(arguments.pool, arguments.batch_norm, recipe.dropout).to(device)
    Trainer(model, data, recipe, log_path, checkpoint).run(arguments.resume)
    report(model, data, arguments, EpochLog(log_path, keep_epochs=recipe.total_epochs))
