"""The ladder: a float network, then spiking networks of fewer and fewer timesteps.

IIR-SNN trains at 5 timesteps from a float network, then takes each trained network (weights,
thresholds, leaks) as the start for fewer timesteps, down to one. DT-SCNN, as reconstructed,
has two rungs: several timesteps, then one. A last rung may retrain for int4 weights.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.augmented import AugmentedImages
from spikelet_tools.training.checkpoints import load_state, save_atomically
from spikelet_tools.training.data import Images, Mnist, to_unit
from spikelet_tools.training.loop import count_correct, parameter_groups, retake_statistics
from spikelet_tools.progress import EpochLog, ProgressBar
from spikelet_tools.training.spiking_network import SpikingClassifier, initialise_thresholds

INITIALISATION_IMAGES = 512
STATISTICS_IMAGES = 20_000
WARM_UP_STEPS = 200
FIXED_SHARE = 0.3


@dataclass(frozen=True)
class Stage:
    """A rung: timesteps (0: the float network), bits a weight (0: floats), epochs, rate.

    In the last `fixed_epochs` batch norm keeps its statistics, taken anew before, as it will
    when it is folded. Until then a batch's mean may decide whether all its background fires.
    """

    timesteps: int
    bits: int
    epochs: int
    learning_rate: float
    fixed_epochs: int

    @property
    def name(self) -> str:
        """"cnn", or timesteps and bits: "5x8", "1x4", "1x0" for float weights."""
        return f"{self.timesteps}x{self.bits}" if self.timesteps else "cnn"

    @staticmethod
    def parse(text: str) -> Stage:
        """Reads "cnn:EPOCHS[@RATE]" or "TIMESTEPSxBITS:EPOCHS[@RATE][+FIXED]"."""
        try:
            name, _, rest = text.partition(":")
            rest, _, fixed = rest.partition("+")
            epochs, _, rate = rest.partition("@")
            timesteps, bits = (0, 0) if name == "cnn" else map(int, name.split("x"))
            usual = round(FIXED_SHARE * int(epochs)) if timesteps else 0
            fixed_epochs = int(fixed) if fixed else usual
            stage = Stage(timesteps, bits, int(epochs), float(rate or 2e-3), fixed_epochs)
        except ValueError:
            raise ValueError(
                f"{text!r} is no stage, such as cnn:10, 5x8:6 or 1x8:40@0.002") from None
        if stage.bits not in (0, 4, 8) or not 0 <= stage.fixed_epochs <= max(stage.epochs, 1):
            raise ValueError(f"{text!r}: 0, 4 or 8 bits, no more fixed epochs than epochs")
        return stage


@dataclass(frozen=True)
class LadderRecipe:
    """What shapes a run besides the network and its stages.

    `percentiles`: where the thresholds start, a percentile of the layer's currents each.
    `rate_penalty`: weight of the expected share of synaptic operations in the loss.
    `teacher_share`: share of the loss that comes from the teacher's scores, if there is one.
    `half`: bfloat16 arithmetic in training (never when a network is judged).
    """

    seed: int = 1
    batch_size: int = 128
    weight_decay: float = 0.01
    dropout: float = 0.0
    smoothing: float = 0.0
    percentiles: tuple[float, ...] = (90.0,)
    rate_penalty: float = 0.0
    teacher_share: float = 0.7
    temperature: float = 3.0
    half: bool = False


class LadderTrainer:
    """Trains a network stage by stage, resumably, and keeps a checkpoint of every stage."""

    def __init__(
        self,
        model: SpikingClassifier,
        data: Mnist,
        pool: AugmentedImages,
        recipe: LadderRecipe,
        stages: list[Stage],
        log_path: Path,
        checkpoints: Path,
        started_spiking: bool = False,
    ) -> None:
        self.model, self.data, self.pool = model, data, pool
        self.recipe, self.stages = recipe, stages
        self.log_path, self.checkpoints = log_path, checkpoints
        self.started_spiking = started_spiking
        self.device = next(model.parameters()).device
        operations = model.dense_operations()
        self.shares = [count / sum(operations) for count in operations]
        self._start_stage(0)

    def stage_path(self, stage: Stage) -> Path:
        """Where a finished stage's network is kept."""
        return self.checkpoints / f"{stage.name}.pt"

    def run(self, resume: bool, until: int | None = None) -> None:
        """Trains the stages, from the last checkpoint where `resume` asks for that.

        `until` is how many stages; all of them if None.
        """
        first, done = self._load() if resume else (0, 0)
        before = sum(stage.epochs for stage in self.stages[:first])
        log = EpochLog(self.log_path, keep_epochs=before + done)
        for index in range(first, len(self.stages) if until is None else until):
            stage = self.stages[index]
            if index > first or done == 0:
                self._begin(index)
            for epoch in range(done, stage.epochs):
                started = time.monotonic()
                loss = self._train_epoch(index, epoch)
                last = epoch + 1 == stage.epochs
                if last and not stage.fixed_epochs:
                    self._retake_statistics()
                record = self._record(stage, epoch, loss, time.monotonic() - started)
                log.write(record)
                print(_line(record, stage), flush=True)
                if last:
                    save_atomically(self.model.state_dict(), self.stage_path(stage))
                self._save(index, epoch + 1)
            done = 0

    def _begin(self, index: int) -> None:
        stage = self.stages[index]
        spiked = self.stages[index - 1].timesteps > 0 if index else self.started_spiking
        self._start_stage(index)
        if stage.timesteps and not spiked:
            generator = torch.Generator().manual_seed(self.recipe.seed)
            picked = torch.randperm(len(self.data.train), generator=generator)
            batch = self.data.train.pixels[picked[:INITIALISATION_IMAGES].to(self.device)]
            found = initialise_thresholds(
                self.model, to_unit(batch), list(self.recipe.percentiles)
            )
            print(f"thresholds start at {found}", flush=True)

    def _start_stage(self, index: int) -> None:
        stage = self.stages[index]
        self.model.configure(stage.timesteps, stage.bits)
        groups = parameter_groups(self.model, self.recipe.weight_decay)
        self.optimizer = torch.optim.AdamW(groups, lr=stage.learning_rate)

    def _retake_statistics(self) -> None:
        retake_statistics(self.model, self.data.train.subset(slice(STATISTICS_IMAGES)))

    def _train_epoch(self, index: int, epoch: int) -> float:
        stage, size = self.stages[index], self.recipe.batch_size
        seed = (self.recipe.seed * 1000 + index) * 1000 + epoch
        generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        batches = self.pool.batches(size, generator)
        bar = ProgressBar(f"{stage.name} epoch {epoch + 1}/{stage.epochs}", len(batches))
        total = torch.zeros((), device=self.device)
        fixed = epoch >= stage.epochs - stage.fixed_epochs
        if stage.fixed_epochs and epoch == stage.epochs - stage.fixed_epochs:
            self._retake_statistics()
        self.model.train()
        for layer in self.model.layers:
            layer.norm.train(not fixed)
        for step, (copies, picked) in enumerate(batches):
            done = epoch * len(batches) + step
            rate = stage.learning_rate * _cosine(done, stage.epochs * len(batches))
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            total += self._step(copies, picked)
            bar.update(step + 1)
        bar.clear()
        return float(total) / len(batches)

    def _step(self, copies: Tensor, picked: Tensor) -> Tensor:
        pixels = to_unit(self.pool.pixels[copies, picked].to(self.device))
        labels = self.pool.labels[picked].to(self.device)
        with in_halves(self.device, self.recipe.half):
            scores = self.model(pixels)
        loss = self._loss(scores.float(), labels, copies, picked)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        for layer in self.model.layers:
            layer.keep_in_bounds()
        return loss.detach()

    def _loss(self, scores: Tensor, labels: Tensor, copies: Tensor, picked: Tensor) -> Tensor:
        recipe = self.recipe
        loss = F.cross_entropy(scores, labels, label_smoothing=recipe.smoothing)
        if self.pool.teacher is not None and recipe.teacher_share:
            heat = recipe.temperature
            soft = self.pool.teacher[copies, picked].float().to(self.device) / heat
            distance = F.kl_div(
                F.log_softmax(scores / heat, 1),
                F.log_softmax(soft, 1),
                log_target=True,
                reduction="batchmean",
            )
            share = recipe.teacher_share
            loss = (1 - share) * loss + share * heat * heat * distance
        if recipe.rate_penalty and self.model.timesteps:
            rates = zip(self.shares, self.model.spike_rates())
            loss = loss + recipe.rate_penalty * sum(share * rate for share, rate in rates)
        return loss

    @torch.no_grad()
    def _record(
        self, stage: Stage, epoch: int, loss: float, seconds: float
    ) -> dict[str, object]:
        held_back = self.data.held_back
        record: dict[str, object] = {
            "stage": stage.name,
            "epoch": epoch + 1,
            "train_loss": round(loss, 5),
            "held_back_accuracy": count_correct(self.model, held_back) / len(held_back),
            "seconds": round(seconds, 1),
        }
        if stage.timesteps:
            layers = self.model.layers
            rates = [float(rate) for rate in self.model.spike_rates()]
            record["spike_rates"] = [round(rate, 4) for rate in rates]
            busy = sum(share * rate for share, rate in zip(self.shares, rates))
            record["operation_share"] = round(busy * stage.timesteps, 4)
            record["thresholds"] = [[round(float(v), 4) for v in l.thresholds] for l in layers]
            record["leaks"] = [round(float(layer.leak), 4) for layer in layers]
        return record

    def _save(self, index: int, epochs_done: int) -> None:
        state = {
            "stage": index,
            "epochs_done": epochs_done,
            "recipe": asdict(self.recipe),
            "stages": [asdict(stage) for stage in self.stages[: index + 1]],
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        save_atomically(state, self.checkpoints / "last.pt")

    def _load(self) -> tuple[int, int]:
        """The stage to go on with, and how many of its epochs are done."""
        path = self.checkpoints / "last.pt"
        if not path.exists():
            return 0, 0
        state = load_state(path)
        index, done = int(state["stage"]), int(state["epochs_done"])
        stages = [asdict(stage) for stage in self.stages[: index + 1]]
        if state["recipe"] != asdict(self.recipe) or state["stages"] != stages:
            raise ValueError(f"{path} was made by another recipe")
        self.model.load_state_dict(state["model"])
        if done == self.stages[index].epochs:
            return index + 1, 0
        self._start_stage(index)
        self.optimizer.load_state_dict(state["optimizer"])
        return index, done


def _cosine(step: int, steps: int) -> float:
    """The share of the full learning rate: a short warm-up, then a cosine to zero."""
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    return warm * 0.5 * (1 + math.cos(math.pi * step / steps))


def _line(record: dict[str, object], stage: Stage) -> str:
    rates = record.get("spike_rates", [])
    spikes = ", spikes " + " ".join(f"{rate:.0%}" for rate in rates) if rates else ""
    return (
        f"{record['stage']} epoch {record['epoch']:>2}/{stage.epochs}: "
        f"loss {record['train_loss']:.4f}, held back {record['held_back_accuracy']:.2%}"
        f"{spikes}, {record['seconds']:.0f} s"
    )
