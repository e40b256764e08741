"""Trains a network for CIFAR-10: AlexNet, VGG, ResNet or DenseNet, for one timestep or for several.

A preset of cifar_recipes.py says how. Where it starts from or is taught by an ONNX network, --start
names that; --teacher takes others in the place of the preset's teachers. Several processes of one
thread each train together on CPUs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from spikelet_tools import datasets
from spikelet_tools.paths import CACHE, TRAINING_LOGS
from spikelet_tools.training import workers
from spikelet_tools.training.checkpoints import load_state, save_atomically
from spikelet_tools.training.cifar10 import Views, load_cifar10
from spikelet_tools.training.cifar_alexnet import Chain
from spikelet_tools.training.cifar_models import Teacher, configure
from spikelet_tools.training.cifar_recipes import PRESETS, CifarPreset
from spikelet_tools.training.cifar_start import start_from_onnx, take_weights
from spikelet_tools.training.cifar_teachers import OnnxScores, Scored, teacher_scores
from spikelet_tools.training.cifar_training import CifarTrainer, accuracy
from spikelet_tools.training.data import Mnist, to_unit

VIEWS_SEED = 1
WHITENING_PICTURES = 5000
BOUND_PICTURES = 1000
TEACHER_COPIES = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line: a preset, and where things lie."""
    parser.add_argument("preset", choices=sorted(PRESETS))
    parser.add_argument(
        "--start", type=Path, help="the ONNX network that the preset starts from")
    parser.add_argument(
        "--teacher", action="append", default=[], metavar="NAME",
        help="what teaches instead of the preset's teachers: a preset that was trained, or an "
             "ONNX network; several are averaged")
    datasets.add_argument(parser)
    parser.add_argument(
        "--cache", type=Path, default=CACHE, help="checkpoints and teachers' scores")
    parser.add_argument("--log", type=Path, help="default: training/logs/cifar10-<preset>.jsonl")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--workers", type=int, default=2, help="processes that train together")
    parser.add_argument("--threads", type=int, default=1, help="threads a worker")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses teachers that are neither a preset nor an ONNX file."""
    for teacher in options.teacher:
        if teacher not in PRESETS and not (teacher.endswith(".onnx") and Path(teacher).is_file()):
            parser.error(f"--teacher {teacher}: neither a preset nor an ONNX file that exists")


def checkpoint_of(preset: str, cache: Path) -> Path:
    """Where a preset's last checkpoint is."""
    return cache / "checkpoints" / f"cifar10-{preset}" / "last.pt"


def load_trained(model: nn.Module, preset: str, cache: Path) -> None:
    """Gives a network the weights of a trained preset."""
    path = checkpoint_of(preset, cache)
    if not path.exists():
        raise SystemExit(f"{preset} has no checkpoint: train it first")
    model.load_state_dict(load_state(path)["model"])


def taught_scores(preset: CifarPreset, views: Views, options: argparse.Namespace) -> Tensor:
    """The scores that the teachers' networks give the training pictures, their mean."""
    each = [_scores_of(name, preset, views, options.start, options.cache)
            for name in options.teacher or preset.teachers]
    return torch.stack(each).mean(0)


def _scores_of(
    teacher: str, preset: CifarPreset, views: Views, start: Path | None, cache: Path
) -> Tensor:
    path = Path(teacher)
    if path.suffix == ".onnx":
        return _scores(
            f"{path.parent.name}-{path.stem}", path, lambda: OnnxScores(path), preset, views, cache)
    source = start if teacher == "onnx" else checkpoint_of(teacher, cache)

    def network() -> nn.Module:
        if teacher == "onnx":
            model = preset.network()
            take_weights(model, onnx.load(source))
            configure(model, None, 0)
        else:
            model = PRESETS[teacher].network()
            load_trained(model, teacher, cache)
        return model.to(views.padded.device, memory_format=torch.channels_last)

    return _scores(teacher, source, network, preset, views, cache)


def _scores(
    teacher: str, source: Path | None, network: Callable[[], Scored], preset: CifarPreset,
    views: Views, cache: Path,
) -> Tensor:
    """A teacher's scores, those that were kept where there are any."""
    if source is None or not source.exists():
        raise SystemExit(
            f"the teacher {source or teacher} is missing: train it first, or name it with --start "
            "or --teacher")
    part = "-all" if preset.takes_all else ""
    path = cache / "augmented" / f"cifar10-{teacher}-{source.stat().st_mtime_ns}{part}.pt"
    if path.exists():
        return torch.load(path, weights_only=True, map_location=views.padded.device)
    scores = teacher_scores(network(), views, TEACHER_COPIES)
    if workers.rank() == 0:
        save_atomically(scores, path)
    return scores


def make_model(preset: CifarPreset, data: Mnist, start: Path | None, cache: Path) -> nn.Module:
    """The network as its training starts."""
    model = preset.network()
    if isinstance(model, Teacher):
        model.prepare(to_unit(data.train.pixels[:WHITENING_PICTURES]))
    elif preset.start == "onnx" and isinstance(model, Chain):
        if start is None:
            raise SystemExit("this preset needs --start, an ONNX network with the same layers")
        pictures = to_unit(data.train.pixels[:BOUND_PICTURES])
        start_from_onnx(model, start, pictures, preset.percentile)
    elif preset.start is not None:
        load_trained(model, preset.start, cache)
    return model.to(memory_format=torch.channels_last)


def train(options: argparse.Namespace) -> None:
    """Trains one preset, as one of several workers or alone."""
    name = options.preset
    preset = PRESETS[name]
    torch.set_num_threads(options.threads)
    torch.manual_seed(preset.recipe.seed)
    device = torch.device(options.device)
    data = load_cifar10(options.data)
    if preset.takes_all:
        data = replace(data, train=data.train.joined(data.held_back))
    views = Views.of(data.train.pixels, preset.recipe.copies, VIEWS_SEED, preset.recipe.shift)
    model = make_model(preset, data, options.start, options.cache).to(device)
    data, views = data.to(device), views.to(device)
    taught = None
    if preset.teachers or options.teacher:
        taught = taught_scores(preset, views, options)
    log_path = options.log or TRAINING_LOGS / f"cifar10-{name}.jsonl"
    checkpoint = checkpoint_of(name, options.cache)
    trainer = CifarTrainer(
        model, data, views, preset.recipe, taught, log_path, checkpoint, preset.takes_all)
    trainer.run(options.resume)
    right = accuracy(model, data.held_back)
    if workers.rank() == 0:
        part = "of those trained on" if preset.takes_all else "held back"
        print(f"{name}: {part} {right:.2%}", flush=True)


def run(options: argparse.Namespace) -> None:
    """Trains one preset, in several processes where it is on CPUs."""
    workers.run_workers(options.workers if options.device == "cpu" else 1, train, options)
