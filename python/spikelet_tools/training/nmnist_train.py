"""Trains a spiking network on event recordings (N-MNIST, DVS128 Gesture, CIFAR10-DVS).

`snn` is trained with its spikes, frame by frame; `cnn` is a network of rectifiers on mean frames,
to be calibrated and converted. Both are written as ONNX. The last epoch counts; choices are made
on every tenth training recording, which is held back with --hold-back, never on test recordings.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools import datasets
from spikelet_tools.paths import CACHE, CONFIGS, TRAINING_LOGS
from spikelet_tools.progress import EpochLog
from spikelet_tools.training.checkpoints import load_state, save_atomically
from spikelet_tools.training.export import export_network
from spikelet_tools.training.integer_export import write_onnx
from spikelet_tools.training.integer_network import fold
from spikelet_tools.training.loop import make_deterministic
from spikelet_tools.training.nmnist_data import SETS, EventSet, Recordings, load
from spikelet_tools.training.nmnist_models import EventCNN, EventSNN

HELD_BACK = 10
SHIFT = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The kind of network, the data set and the recipe."""
    parser.add_argument("kind", choices=["snn", "cnn"])
    parser.add_argument("--set", choices=sorted(SETS), default="nmnist")
    parser.add_argument("--downsample", type=int, help="columns and rows that become one")
    parser.add_argument("--window", type=int, help="microseconds of a frame")
    parser.add_argument("--timesteps", type=int, help="frames of a recording")
    parser.add_argument("--name", help="default: <set>-<kind>")
    parser.add_argument("--epochs", type=int, help="default: 30 for snn, 60 for cnn")
    parser.add_argument("--batch-size", type=int, default=25)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hold-back", action="store_true", help="judge on training recordings")
    parser.add_argument("--limit", type=int, help="training recordings of each class; a trial")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where checkpoints lie")
    parser.add_argument("--output", type=Path, default=CONFIGS)
    parser.add_argument("--log", type=Path, help="default: training/logs/<name>.jsonl")
    datasets.add_argument(parser)


def event_set(options: argparse.Namespace) -> EventSet:
    """The set, with what the command line changes."""
    changes = {key: getattr(options, key) for key in ("downsample", "window", "timesteps")}
    return replace(
        SETS[options.set], **{key: value for key, value in changes.items() if value is not None})


def shifted(frames: Tensor, generator: torch.Generator) -> Tensor:
    """Frames (batch, …, side, side), each recording moved by up to two sites."""
    padded = F.pad(frames, (SHIFT, SHIFT, SHIFT, SHIFT))
    side = frames.shape[-1]
    offsets = torch.randint(0, 2 * SHIFT + 1, (len(frames), 2), generator=generator).tolist()
    return torch.stack(
        [one[..., y:y + side, x:x + side] for one, (y, x) in zip(padded, offsets)])


def chosen(recordings: Recordings, indices: list[int]) -> Recordings:
    """Some of the recordings."""
    return Recordings(recordings.frames[indices], recordings.labels[indices])


def network_input(kind: str, frames: Tensor) -> Tensor:
    """What a network reads of frames of bytes: all of them, or their mean."""
    return frames.float() if kind == "snn" else frames.float().mean(1)


def loss_of(kind: str, scores: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy; of a spiking network at every timestep, so that early ones are good too."""
    if kind == "cnn":
        return F.cross_entropy(scores, labels, label_smoothing=0.05)
    # Scores so far, divided by the timesteps so far; the last timestep counts as all others do.
    steps = torch.arange(1, len(scores) + 1).view(-1, 1, 1)
    each = [F.cross_entropy(score, labels, label_smoothing=0.05) for score in scores / steps]
    return (torch.stack(each[:-1]).mean() + each[-1]) / 2


@torch.no_grad()
def correct(kind: str, model: nn.Module, recordings: Recordings) -> list[int]:
    """How many recordings are right, after each timestep of a spiking network."""
    model.eval()
    found = None
    for start in range(0, len(recordings), 100):
        part = slice(start, start + 100)
        scores = model(network_input(kind, recordings.frames[part]))
        scores = scores if kind == "snn" else scores.unsqueeze(0)
        right = (scores.argmax(2) == recordings.labels[part]).sum(1)
        found = right if found is None else found + right
    return found.tolist()


def train_epoch(
    options: argparse.Namespace, model: nn.Module, optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler, recordings: Recordings, epoch: int
) -> float:
    """One pass over the recordings; the mean loss. Its random numbers are those of the epoch."""
    torch.manual_seed(options.seed * 10_000 + epoch)
    generator = torch.Generator().manual_seed(options.seed * 10_000 + epoch)
    model.train()
    total = 0.0
    for batch in torch.randperm(len(recordings), generator=generator).split(options.batch_size):
        frames = shifted(recordings.frames[batch], generator)
        if options.kind == "cnn":
            # What the converted network sees at any time is a part of a recording.
            count = frames.shape[1]
            length = int(torch.randint(count // 3, count + 1, (), generator=generator))
            first = int(torch.randint(0, count - length + 1, (), generator=generator))
            frames = frames[:, first:first + length]
        loss = loss_of(
            options.kind, model(network_input(options.kind, frames)), recordings.labels[batch])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        for layer in getattr(model, "layers", []):
            layer.keep_in_bounds()
        total += loss.item() * len(batch)
    return total / len(recordings)


def run(options: argparse.Namespace) -> None:
    """Trains, says what came of it, and writes the network."""
    make_deterministic(options.seed, options.threads)
    one, name = event_set(options), options.name or f"{options.set}-{options.kind}"
    options.epochs = epochs = options.epochs or (30 if options.kind == "snn" else 60)
    everything = load(options.data, one, "train")
    indices = list(range(len(everything)))
    if options.limit:
        places = {label: (everything.labels == label).nonzero().flatten().tolist()
                  for label in range(len(one.classes))}
        indices = [index for some in places.values() for index in some[:options.limit]]
    training = chosen(everything, [
        index for index in indices if not options.hold_back or index % HELD_BACK])
    judged = (chosen(everything, [index for index in indices if index % HELD_BACK == 0])
              if options.hold_back else load(options.data, one, "test"))
    if options.kind == "snn":
        model: nn.Module = EventSNN(len(one.classes), one.side, options.dropout, one.timesteps)
    else:
        model = EventCNN(len(one.classes), one.side, options.dropout)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=options.decay)
    steps = epochs * math.ceil(len(training) / options.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, steps, pct_start=0.1)
    checkpoint = options.cache / "checkpoints" / name / "last.pt"
    first = 0
    if options.resume and checkpoint.exists():
        state = load_state(checkpoint)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        first = state["epoch"]
    # A line for the recordings stands before those of the epochs.
    log = EpochLog(options.log or TRAINING_LOGS / f"{name}.jsonl", first + 1 if first else 0)
    if not first:
        log.write({"set": options.set, "recordings": len(training), "judged": len(judged)})
    for epoch in range(first, epochs):
        loss = train_epoch(options, model, optimizer, schedule, training, epoch)
        log.write({"epoch": epoch + 1, "loss": round(loss, 4)})
        save_atomically(
            {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
             "schedule": schedule.state_dict(), "epoch": epoch + 1}, checkpoint)
    right = correct(options.kind, model, judged)
    part = "held back" if options.hold_back else "test"
    log.write({part: len(judged), "right after each timestep": right})
    if not options.hold_back:
        export(options, model, options.output / name / "network.onnx", len(training))


def export(
    options: argparse.Namespace, model: nn.Module, path: Path, recordings: int
) -> None:
    """Writes the network; what is exported of a spiking one is whole numbers."""
    one = event_set(options)
    metadata = {
        "recipe": f"train-nmnist {options.kind} --set {options.set} --downsample {one.downsample} "
                  f"--window {one.window} --timesteps {one.timesteps} "
                  f"--epochs {options.epochs} --seed {options.seed}",
        "recordings": str(recordings)}
    shape = (2, one.side, one.side)
    if options.kind == "snn":
        write_onnx(fold(model, input_levels=1), path, metadata, shape)
    else:
        export_network(model, shape, path, metadata)
