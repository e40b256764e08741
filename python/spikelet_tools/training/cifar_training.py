"""Trains networks for CIFAR-10 by one recipe, resumably, a checkpoint an epoch."""

from __future__ import annotations

import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training import workers
from spikelet_tools.training.checkpoints import load_state, save_atomically
from spikelet_tools.training.cifar10 import Views
from spikelet_tools.training.cifar_models import Levels, configure
from spikelet_tools.training.cifar_recipe import CifarRecipe, optimizers
from spikelet_tools.training.cifar_teachers import scores_in_half
from spikelet_tools.training.data import Images, Mnist, to_unit
from spikelet_tools.training.loop import retake_statistics
from spikelet_tools.progress import EpochLog, ProgressBar

STATISTICS_PICTURES = 10_000
_HELD_BACK, _SEEN = "held_back_accuracy", "seen_accuracy"
"""Of the pictures that are held back, unless they are trained on as well."""
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


@torch.no_grad()
def accuracy(model: nn.Module, images: Images, half: bool = False, mirrored: bool = False) -> float:
    """The share of pictures classified correctly; `mirrored` adds the mirror picture's scores."""
    model.eval()
    correct = torch.zeros((), device=images.labels.device)
    for picked in workers.part_of(torch.arange(len(images))).split(250):
        x = to_unit(images.pixels[picked])
        scores = scores_in_half(model, x, half)
        if mirrored:
            scores = scores + scores_in_half(model, x.flip(3), half)
        correct += (scores.argmax(1) == images.labels[picked]).sum()
    workers.mean([correct])
    return float(correct) * workers.count() / len(images)


class CifarTrainer:
    """Trains one network by one recipe."""

    def __init__(
        self,
        model: nn.Module,
        data: Mnist,
        views: Views,
        recipe: CifarRecipe,
        taught: Tensor | None,
        log_path: Path,
        checkpoint: Path,
        takes_all: bool = False,
    ) -> None:
        self.takes_all = takes_all
        self.model, self.data, self.views, self.recipe = model, data, views, recipe
        self.device = data.train.labels.device
        self.taught, self.log_path, self.checkpoint = taught, log_path, checkpoint
        self.optimizers = optimizers(model, recipe)
        self.full_rates = [
            [group["lr"] for group in optimizer.param_groups] for optimizer in self.optimizers
        ]
        self.activations = [m for m in model.modules() if isinstance(m, Levels)]

    def run(self, resume: bool, until: int | None = None) -> None:
        """Trains to the last epoch, from the checkpoint where `resume` asks for that.

        `until` stops before that epoch.
        """
        first = self._load() if resume else 0
        log = EpochLog(self.log_path, keep_epochs=first) if workers.rank() == 0 else None
        for epoch in range(first, self.recipe.epochs if until is None else until):
            started = time.monotonic()
            loss, rates = self._train_epoch(epoch)
            trained = time.monotonic() - started
            if epoch + 1 == self.recipe.epochs and not self.recipe.fixed_epochs:
                self._retake_statistics()
            record = self._record(epoch, loss, rates, trained)
            if log is not None:
                log.write(record)
                print(line_of(record, self.recipe.epochs), flush=True)
                self._save(epoch + 1)

    def _train_epoch(self, epoch: int) -> tuple[float, list[float]]:
        recipe, size = self.recipe, self.recipe.batch_size
        seed = recipe.seed * 100_003 + epoch
        torch.manual_seed(seed)
        order = torch.randperm(len(self.data.train), generator=torch.Generator().manual_seed(seed))
        order = order.to(self.device)
        steps = len(order) // size
        copy = epoch % self.views.copies
        self._configure(epoch)
        bar = ProgressBar(f"epoch {epoch + 1}/{recipe.epochs}", steps)
        total = torch.zeros((), device=self.device)
        rates = torch.zeros(len(self.activations), device=self.device)
        for step in range(steps):
            self._set_rates(recipe.factor(epoch + step / steps))
            picked = workers.part_of(order[step * size : (step + 1) * size])
            x = to_unit(self.views.pixels(copy, picked))
            scores = scores_in_half(self.model, x, recipe.half)
            loss = self._loss(scores, picked)
            total += self._step(loss)
            rates += self._rates()
            bar.update(step + 1)
        bar.clear()
        workers.average_statistics(self.model)
        workers.mean([total, rates])
        return float(total) / steps, (rates / steps).tolist()

    def _configure(self, epoch: int) -> None:
        recipe = self.recipe
        configure(self.model, recipe.levels_at(epoch), recipe.bits_at(epoch))
        for activation in self.activations:
            activation.margin = recipe.margin
        fixed = epoch >= recipe.epochs - recipe.fixed_epochs
        if fixed and epoch == recipe.epochs - recipe.fixed_epochs:
            self._retake_statistics()
        self.model.train()
        for module in self.model.modules():
            if isinstance(module, NORMS):
                module.train(not fixed)

    def _loss(self, scores: Tensor, picked: Tensor) -> Tensor:
        recipe = self.recipe
        loss = self._distance(scores, picked)
        if recipe.earlier_share and self.model.earlier:
            earlier = [self._distance(each.float(), picked) for each in self.model.earlier]
            share = recipe.earlier_share
            loss = (1 - share) * loss + share * torch.stack(earlier).mean()
        if recipe.rate_penalty:
            rates = [a.rate for a in self.activations if a.rate is not None]
            above = sum(F.relu(rate - recipe.rate_limit) for rate in rates)
            loss = loss + recipe.rate_penalty * above
        return loss

    def _distance(self, scores: Tensor, picked: Tensor) -> Tensor:
        """How far scores are from the labels and from the teachers' scores."""
        recipe = self.recipe
        labels = self.data.train.labels[picked]
        loss = F.cross_entropy(scores, labels, label_smoothing=recipe.smoothing)
        if self.taught is not None:
            heat = recipe.temperature
            distance = F.kl_div(
                F.log_softmax(scores / heat, 1),
                F.log_softmax(self.taught[picked] / heat, 1),
                log_target=True,
                reduction="batchmean",
            )
            share = recipe.teacher_share
            loss = (1 - share) * loss + share * heat * heat * distance
        return loss

    def _step(self, loss: Tensor) -> Tensor:
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        workers.average_gradients(self.model)
        for optimizer in self.optimizers:
            optimizer.step()
        return loss.detach()

    def _rates(self) -> Tensor:
        """The mean of every activation in the last batch, 0 where it was not taken."""
        nothing = torch.zeros((), device=self.device)
        rates = [nothing if a.rate is None else a.rate.detach() for a in self.activations]
        return torch.stack(rates) if rates else torch.zeros(0, device=self.device)

    def _set_rates(self, factor: float) -> None:
        for optimizer, full in zip(self.optimizers, self.full_rates):
            for group, rate in zip(optimizer.param_groups, full):
                group["lr"] = rate * factor

    def _retake_statistics(self) -> None:
        generator = torch.Generator().manual_seed(self.recipe.seed)
        picked = torch.randperm(len(self.data.train), generator=generator)[:STATISTICS_PICTURES]
        picked = workers.part_of(picked.to(self.device))
        retake_statistics(self.model, self.data.train.subset(picked))
        workers.average_statistics(self.model)

    def _record(
        self, epoch: int, loss: float, rates: list[float], seconds: float
    ) -> dict[str, object]:
        last = epoch + 1 == self.recipe.epochs
        record: dict[str, object] = {
            "epoch": epoch + 1,
            "levels": self.recipe.levels_at(epoch),
            "bits": self.recipe.bits_at(epoch),
            "train_loss": round(loss, 5),
            _SEEN if self.takes_all else _HELD_BACK: accuracy(
                self.model, self.data.held_back, half=not last),
            "seconds": round(seconds, 1),
        }
        if any(rates):
            record["rates"] = [round(rate, 4) for rate in rates]
        return record

    def _save(self, epochs_done: int) -> None:
        state = {
            "epochs_done": epochs_done,
            "course": self.recipe.course(epochs_done),
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        save_atomically(state, self.checkpoint)

    def _load(self) -> int:
        if not self.checkpoint.exists():
            return 0
        state = load_state(self.checkpoint)
        epochs_done = int(state["epochs_done"])
        if state["course"] != self.recipe.course(epochs_done):
            raise ValueError(f"{self.checkpoint} was made by another recipe")
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        return epochs_done


def line_of(record: dict[str, object], epochs: int) -> str:
    """A record as a line for people."""
    rates = " ".join(f"{rate:.0%}" for rate in record.get("rates", []))
    part = "seen" if _SEEN in record else "held back"
    right = record.get(_SEEN, record.get(_HELD_BACK))
    return (
        f"epoch {record['epoch']:>2}/{epochs} (levels {record['levels']}, bits {record['bits']}): "
        f"loss {record['train_loss']:.4f}, {part} {right:.2%}, "
        f"{'spikes ' + rates + ', ' if rates else ''}{record['seconds']:.0f} s"
    )
