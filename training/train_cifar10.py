#!/usr/bin/env python3
"""Trains a network for CIFAR-10 and exports it to ONNX."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import nn

from spikelet_training.checkpoints import load_state
from spikelet_training.cifar10 import Views, load_cifar10
from spikelet_training.cifar_models import Teacher
from spikelet_training.cifar_recipes import PRESETS
from spikelet_training.cifar_training import CifarTrainer, TeacherScores, accuracy
from spikelet_training.data import Mnist, to_unit
from spikelet_training.idx import default_directory

HERE = Path(__file__).resolve().parent
CACHE = Path.home() / ".cache/spikelet"
VIEWS_SEED = 1
PREPARATION_PICTURES = 5000


def parse_arguments() -> argparse.Namespace:
    """The command line: a preset, and where things lie."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset", choices=sorted(PRESETS))
    parser.add_argument("--datasets", type=Path, default=default_directory())
    parser.add_argument("--cache", type=Path, default=CACHE, help="checkpoints, teachers' scores")
    parser.add_argument("--log", type=Path, help="default: training/logs/cifar10-<preset>.jsonl")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--test", action="store_true", help="test the network at the end, once")
    return parser.parse_args()


def checkpoint_of(preset: str, cache: Path) -> Path:
    """Where a preset's last checkpoint is."""
    return cache / "checkpoints" / f"cifar10-{preset}" / "last.pt"


def teacher_scores(preset: str, views: Views, cache: Path) -> TeacherScores:
    """The scores of a trained preset's network."""
    path = checkpoint_of(preset, cache)
    if not path.exists():
        raise SystemExit(f"the teacher is missing: train {preset} first")
    model = PRESETS[preset].network()
    model.load_state_dict(load_state(path)["model"])
    model.to(memory_format=torch.channels_last)
    name = f"cifar10-{preset}-{views.copies}-{path.stat().st_mtime_ns}"
    return TeacherScores(model, views, cache / "augmented" / name)


def make_model(preset: str, data: Mnist) -> nn.Module:
    """The network as its training starts."""
    model = PRESETS[preset].network()
    if isinstance(model, Teacher):
        model.prepare(to_unit(data.train.pixels[:PREPARATION_PICTURES]))
    return model.to(memory_format=torch.channels_last)


def main() -> None:
    """Trains one preset."""
    arguments = parse_arguments()
    name = arguments.preset
    preset = PRESETS[name]
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(preset.recipe.seed)
    data = load_cifar10(arguments.datasets)
    views = Views.of(data.train.pixels, preset.recipe.copies, VIEWS_SEED, preset.recipe.shift)
    model = make_model(name, data)
    teacher = None
    if preset.teacher is not None:
        teacher = teacher_scores(preset.teacher, views, arguments.cache)
    log_path = arguments.log or HERE / "logs" / f"cifar10-{name}.jsonl"
    trainer = CifarTrainer(
        model, data, views, preset.recipe, teacher, log_path, checkpoint_of(name, arguments.cache)
    )
    trainer.run(arguments.resume)
    print(f"{name}: held back {accuracy(model, data.held_back):.2%}", flush=True)
    if arguments.test:
        print(f"{name}: test {accuracy(model, data.test):.2%}", flush=True)


if __name__ == "__main__":
    main()
