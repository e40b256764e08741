#!/usr/bin/env python3
"""Trains a network for CIFAR-10."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from spikelet_training import workers
from spikelet_training.checkpoints import load_state, save_atomically
from spikelet_training.cifar10 import Views, load_cifar10
from spikelet_training.cifar_alexnet import Chain, bound, start_from_onnx
from spikelet_training.cifar_models import Teacher
from spikelet_training.cifar_recipes import PRESETS, CifarPreset
from spikelet_training.cifar_training import CifarTrainer, accuracy, teacher_scores
from spikelet_training.data import Mnist, to_unit
from spikelet_training.idx import default_directory

HERE = Path(__file__).resolve().parent
CACHE = Path.home() / ".cache/spikelet"
VIEWS_SEED = 1
WHITENING_PICTURES = 5000
BOUND_PICTURES = 1000
TEACHER_COPIES = 2


def parse_arguments() -> argparse.Namespace:
    """The command line: a preset, and where things lie."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset", choices=sorted(PRESETS))
    parser.add_argument("--start", type=Path, help="the ONNX network that the preset starts from")
    parser.add_argument("--datasets", type=Path, default=default_directory())
    parser.add_argument("--cache", type=Path, default=CACHE, help="checkpoints, teachers' scores")
    parser.add_argument("--log", type=Path, help="default: training/logs/cifar10-<preset>.jsonl")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--workers", type=int, default=2, help="processes that train together")
    parser.add_argument("--threads", type=int, default=1, help="threads a worker")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def checkpoint_of(preset: str, cache: Path) -> Path:
    """Where a preset's last checkpoint is."""
    return cache / "checkpoints" / f"cifar10-{preset}" / "last.pt"


def load_trained(model: nn.Module, preset: str, cache: Path) -> None:
    """Gives a network the weights of a trained preset."""
    path = checkpoint_of(preset, cache)
    if not path.exists():
        raise SystemExit(f"{preset} has no checkpoint: train it first")
    model.load_state_dict(load_state(path)["model"])


def taught_scores(preset: str, views: Views, cache: Path) -> Tensor:
    """The scores that a trained preset's network gives the training pictures."""
    made = checkpoint_of(preset, cache).stat().st_mtime_ns
    path = cache / "augmented" / f"cifar10-{preset}-{made}.pt"
    if not path.exists():
        model = PRESETS[preset].network()
        load_trained(model, preset, cache)
        model.to(views.padded.device, memory_format=torch.channels_last)
        scores = teacher_scores(model, views, TEACHER_COPIES)
        if workers.rank() == 0:
            save_atomically(scores, path)
        return scores
    return torch.load(path, weights_only=True, map_location=views.padded.device)


def make_model(preset: CifarPreset, data: Mnist, start: Path | None, cache: Path) -> nn.Module:
    """The network as its training starts."""
    model = preset.network()
    if isinstance(model, Teacher):
        model.prepare(to_unit(data.train.pixels[:WHITENING_PICTURES]))
    elif preset.start == "onnx" and isinstance(model, Chain):
        if start is None:
            raise SystemExit("this preset needs --start, an ONNX network with the same layers")
        start_from_onnx(model, start)
        bound(model, to_unit(data.train.pixels[:BOUND_PICTURES]), preset.percentile)
    elif preset.start is not None:
        load_trained(model, preset.start, cache)
    return model.to(memory_format=torch.channels_last)


def train(arguments: argparse.Namespace) -> None:
    """Trains one preset."""
    name = arguments.preset
    preset = PRESETS[name]
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(preset.recipe.seed)
    device = torch.device(arguments.device)
    data = load_cifar10(arguments.datasets)
    views = Views.of(data.train.pixels, preset.recipe.copies, VIEWS_SEED, preset.recipe.shift)
    model = make_model(preset, data, arguments.start, arguments.cache).to(device)
    data, views = data.to(device), views.to(device)
    taught = None
    if preset.teacher is not None:
        taught = taught_scores(preset.teacher, views, arguments.cache)
    log_path = arguments.log or HERE / "logs" / f"cifar10-{name}.jsonl"
    trainer = CifarTrainer(
        model, data, views, preset.recipe, taught, log_path, checkpoint_of(name, arguments.cache)
    )
    trainer.run(arguments.resume)
    right = accuracy(model, data.held_back)
    if workers.rank() == 0:
        print(f"{name}: held back {right:.2%}", flush=True)


def main() -> None:
    """Trains one preset, in several processes where it is on CPUs."""
    arguments = parse_arguments()
    workers.run_workers(arguments.workers if arguments.device == "cpu" else 1, train, arguments)


if __name__ == "__main__":
    main()
