#!/usr/bin/env python3
"""Trains one of the four LeNet-5 types on MNIST and exports it to ONNX."""

from __future__ import annotations

import argparse
from dataclasses import asdict, fields
from pathlib import Path

import torch

from spikelet_training.data import Mnist, load_mnist
from spikelet_training.idx import default_directory
from spikelet_training.export import export_onnx, onnx_correct
from spikelet_training.loop import Recipe, Trainer, count_correct, make_deterministic
from spikelet_training.models import LeNet5
from spikelet_training.progress import EpochLog

HERE = Path(__file__).resolve().parent
CHECKPOINTS = Path.home() / ".cache/spikelet/checkpoints"


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pool", choices=["avg", "max"], required=True)
    parser.add_argument("--batch-norm", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, required=True, help="the ONNX file to write")
    _add_recipe_arguments(parser)
    parser.add_argument("--datasets", type=Path, default=default_directory())
    parser.add_argument("--log", type=Path, help="default: training/logs/<output's name>.jsonl")
    parser.add_argument("--checkpoint", type=Path, help="where training can be resumed")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--no-test", action="store_true", help="leave the test set alone")
    return parser.parse_args()


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


def main() -> None:
    """Trains, exports and tests."""
    arguments = parse_arguments()
    make_deterministic(arguments.seed, arguments.threads)
    name = arguments.output.stem
    log_path = arguments.log or HERE / "logs" / f"{name}.jsonl"
    checkpoint = arguments.checkpoint or CHECKPOINTS / f"{name}.pt"
    recipe = recipe_from(arguments)
    device = torch.device(arguments.device)
    data = load_mnist(arguments.datasets).to(device)
    model = LeNet5(arguments.pool, arguments.batch_norm, recipe.dropout).to(device)
    Trainer(model, data, recipe, log_path, checkpoint).run(arguments.resume)
    report(model, data, arguments, EpochLog(log_path, keep_epochs=recipe.total_epochs))


if __name__ == "__main__":
    main()
