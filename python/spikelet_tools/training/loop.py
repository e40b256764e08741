"""The training loop: a schedule fixed beforehand, a seed an epoch, checkpoints."""

from __future__ import annotations

import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.augment import random_affine
from spikelet_tools.training.calibration import channel_percentiles
from spikelet_tools.training.checkpoints import load_state, save_atomically
from spikelet_tools.training.data import Images, Mnist, to_unit
from spikelet_tools.training.models import LeNet5
from spikelet_tools.progress import EpochLog, ProgressBar
from spikelet_tools.training.spiking import spiking_scores

CALIBRATION_IMAGES = 20_000
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


@dataclass(frozen=True)
class Recipe:
    """Everything that shapes a training run besides the network's type.

    `tune_epochs` epochs of spiking fine-tuning follow the `epochs` ordinary ones; with 0,
    the other `tune_` values mean nothing.
    """

    seed: int
    epochs: int = 40
    batch_size: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    dropout: float = 0.1
    sparsity: float = 0.1
    tune_epochs: int = 0
    tune_learning_rate: float = 5e-4
    tune_timesteps: int = 4
    tune_percentile: float = 99.0
    tune_relu_share: float = 0.5

    @property
    def total_epochs(self) -> int:
        """Ordinary epochs and the fine-tuning after them."""
        return self.epochs + self.tune_epochs

    def is_tuning(self, epoch: int) -> bool:
        """Whether the epoch (from 0) belongs to the spiking fine-tuning."""
        return epoch >= self.epochs

    def rate(self, progress: float) -> float:
        """The learning rate after `progress` epochs: a short warm-up, then a cosine.

        Fine-tuning starts a second, lower cosine.
        """
        if progress >= self.epochs and self.tune_epochs:
            part = (progress - self.epochs) / self.tune_epochs
            return self.tune_learning_rate * 0.5 * (1 + math.cos(math.pi * part))
        if progress < 1:
            return self.learning_rate * (0.1 + 0.9 * progress)
        part = (progress - 1) / max(self.epochs - 1, 1)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * part))


def make_deterministic(seed: int, threads: int) -> None:
    """Fixes seeds and algorithms; call it before anything touches a GPU."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    torch.set_num_threads(threads)
    torch.manual_seed(seed)


@torch.no_grad()
def count_correct(model: nn.Module, images: Images, batch_size: int = 1000) -> int:
    """How many of `images` the network classifies correctly."""
    model.eval()
    correct = 0
    for start in range(0, len(images), batch_size):
        scores = model(to_unit(images.pixels[start : start + batch_size]))
        correct += int((scores.argmax(1) == images.labels[start : start + batch_size]).sum())
    return correct


@torch.no_grad()
def retake_statistics(model: nn.Module, images: Images, batch_size: int = 500) -> None:
    """Takes batch norm's means and variances anew, over images as they are.

    The running ones are those of the randomly changed images a network is trained on.
    """
    norms = [module for module in model.modules() if isinstance(module, _NORMS)]
    model.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum, momentum = None, norm.momentum
        norm.train()
    for pixels in images.pixels.split(batch_size) if norms else ():
        model(to_unit(pixels))
    for norm in norms:
        norm.momentum = momentum


class Trainer:
    """Trains one network by one recipe, resumably."""

    def __init__(
        self, model: LeNet5, data: Mnist, recipe: Recipe, log_path: Path, checkpoint: Path
    ) -> None:
        self.model = model
        self.data = data
        self.recipe = recipe
        self.log_path = log_path
        self.checkpoint = checkpoint
        self.optimizer = torch.optim.AdamW(parameter_groups(model, recipe.weight_decay))

    def run(self, resume: bool) -> None:
        """Trains to the last epoch, from the checkpoint where `resume` asks for that."""
        first = self._load() if resume else 0
        log = EpochLog(self.log_path, keep_epochs=first)
        for epoch in range(first, self.recipe.total_epochs):
            started = time.monotonic()
            loss = self._train_epoch(epoch)
            record = self._record(epoch, loss, time.monotonic() - started)
            log.write(record)
            print(_line(record, self.recipe.total_epochs), flush=True)
            self._save(epoch + 1)

    def _train_epoch(self, epoch: int) -> float:
        # Every epoch seeds itself, so that a resumed run goes on exactly as it would have.
        torch.manual_seed(self.recipe.seed * 100_003 + epoch)
        generator = torch.Generator().manual_seed(self.recipe.seed * 100_003 + epoch)
        tuning = self.recipe.is_tuning(epoch)
        self._prepare(tuning)
        images, size = self.data.train, self.recipe.batch_size
        steps = len(images) // size
        order = torch.randperm(len(images), generator=generator).to(images.labels.device)
        bar = ProgressBar(f"epoch {epoch + 1}/{self.recipe.total_epochs}", steps)
        total = torch.zeros((), device=images.labels.device)
        for step in range(steps):
            self._set_rate(self.recipe.rate(epoch + step / steps))
            batch = images.subset(order[step * size : (step + 1) * size])
            pixels = random_affine(to_unit(batch.pixels), generator)
            total += self._step(self._loss(pixels, batch.labels, tuning))
            bar.update(step + 1)
        bar.clear()
        if epoch + 1 == self.recipe.epochs:
            retake_statistics(self.model, images)
        return float(total) / steps

    def _prepare(self, tuning: bool) -> None:
        if tuning:
            self._calibrate()
        self.model.train()
        for module in self.model.modules():
            if isinstance(module, _NORMS):
                module.train(not tuning)

    def _loss(self, pixels: Tensor, labels: Tensor, tuning: bool) -> Tensor:
        if not tuning:
            scores, outputs = self.model.forward_with_activations(pixels)
            loss = F.cross_entropy(scores, labels)
            return loss + self.recipe.sparsity * density(outputs) if self.recipe.sparsity else loss
        share = self.recipe.tune_relu_share
        spiking = spiking_scores(self.model, pixels, self.recipe.tune_timesteps)
        loss = (1 - share) * F.cross_entropy(spiking, labels)
        return loss + share * F.cross_entropy(self.model(pixels), labels) if share else loss

    def _step(self, loss: Tensor) -> Tensor:
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def _calibrate(self) -> None:
        self.model.eval()
        batches = list(to_unit(self.data.train.pixels[:CALIBRATION_IMAGES]).split(1000))
        percentile = self.recipe.tune_percentile
        thresholds = channel_percentiles(
            lambda batch: self.model.forward_with_activations(batch)[1], batches, [percentile]
        )[percentile]
        for relu, threshold in zip(self.model.relus(), thresholds):
            relu.threshold.copy_(threshold)

    def _set_rate(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def _record(self, epoch: int, loss: float, seconds: float) -> dict[str, object]:
        held_back = self.data.held_back
        return {
            "epoch": epoch + 1,
            "phase": "spiking" if self.recipe.is_tuning(epoch) else "plain",
            "train_loss": round(loss, 6),
            "held_back_accuracy": count_correct(self.model, held_back) / len(held_back),
            "seconds": round(seconds, 1),
        }

    def _save(self, epochs_done: int) -> None:
        state = {
            "epochs_done": epochs_done,
            "recipe": asdict(self.recipe),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        save_atomically(state, self.checkpoint)

    def _load(self) -> int:
        if not self.checkpoint.exists():
            return 0
        state = load_state(self.checkpoint)
        epochs_done = int(state["epochs_done"])
        if not _continues(state["recipe"], self.recipe, epochs_done):
            raise ValueError(f"{self.checkpoint} was made by another recipe")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        return epochs_done


def _continues(old: dict[str, object], recipe: Recipe, epochs_done: int) -> bool:
    """Whether a run of `recipe` would have come to this checkpoint of `old` too.

    What concerns the fine-tuning alone may differ as long as none of it has happened.
    """
    new = asdict(recipe)
    before_tuning = epochs_done <= recipe.epochs
    fields = [name for name in new if not (before_tuning and name.startswith("tune_"))]
    return all(old.get(name) == new[name] for name in fields)


def density(outputs: list[Tensor]) -> Tensor:
    """How far from sparse the convolutions' activations are, from 0 to 1.

    The mean over the root mean square of every channel, averaged: 1 where a channel is
    constant, small where few of its activations are large. Scaling a channel changes
    nothing.
    """
    ratios = []
    for output in outputs:
        if output.ndim == 4:
            square = output.square().mean(dim=(0, 2, 3))
            ratios.append((output.mean(dim=(0, 2, 3)) / (square + 1e-8).sqrt()).mean())
    return torch.stack(ratios).mean()


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Parameters for an optimizer: matrices decay, vectors (bias, norm, threshold) do not."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": weights, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _line(record: dict[str, object], total: int) -> str:
    kind = " (spiking)" if record["phase"] == "spiking" else ""
    return (
        f"epoch {record['epoch']:>2}/{total}{kind}: loss {record['train_loss']:.4f}, "
        f"held back {record['held_back_accuracy']:.2%}, {record['seconds']:.0f} s"
    )
