"""Trains a network of few timesteps (IIR-SNN, dual threshold) and exports it to ONNX."""

from __future__ import annotations

import argparse
from dataclasses import asdict, fields, replace
from pathlib import Path

import torch
from torch import Tensor

from spikelet_tools import datasets
from spikelet_tools.paths import CACHE, CONFIGS, TRAINING_LOGS
from spikelet_tools.progress import EpochLog
from spikelet_tools.training.augment import AUGMENTATIONS
from spikelet_tools.training.augmented import AugmentedImages, augmented_images, teacher_scores
from spikelet_tools.training.checkpoints import load_state, save_atomically
from spikelet_tools.training.data import Mnist, load_dataset
from spikelet_tools.training.integer_export import onnx_scores, write_onnx
from spikelet_tools.training.integer_network import fold
from spikelet_tools.training.ladder import LadderRecipe, LadderTrainer, Stage
from spikelet_tools.training.loop import make_deterministic
from spikelet_tools.training.single_timestep import PRESETS, Preset
from spikelet_tools.training.spiking_network import ARCHITECTURES, SpikingClassifier

AUGMENTATION_SEED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line: a preset, and what differs from it."""
    parser.add_argument("preset", choices=sorted(PRESETS))
    parser.add_argument("--name", help="of log and checkpoints; default: the preset's")
    parser.add_argument("--stages", nargs="+", help='such as: cnn:10 5x8:6 3x8:6 1x8:40@0.002')
    parser.add_argument("--thresholds", type=int, help="K, thresholds on one potential")
    parser.add_argument("--pool", choices=["avg", "max", "before"])
    parser.add_argument("--copies", type=int, help="augmented copies of the training images")
    parser.add_argument("--teacher", help='a preset whose float network teaches, or "none"')
    _add_recipe_arguments(parser)
    parser.add_argument("--start", type=Path, help="a stage's checkpoint to begin with")
    datasets.add_argument(parser)
    parser.add_argument(
        "--cache", type=Path, default=CACHE, help="checkpoints and augmented images")
    parser.add_argument("--output", type=Path, default=CONFIGS)
    parser.add_argument("--log", type=Path, help="default: training/logs/<name>.jsonl")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--no-export", action="store_true", help="train only; a trial")
    parser.add_argument("--no-test", action="store_true", help="leave the test set alone")


def _add_recipe_arguments(parser: argparse.ArgumentParser) -> None:
    for field in fields(LadderRecipe):
        option = "--" + field.name.replace("_", "-")
        if field.name == "percentiles":
            parser.add_argument(option, type=float, nargs="+", help="where the thresholds start")
        elif isinstance(field.default, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction)
        else:
            parser.add_argument(option, type=type(field.default))


def preset_from(arguments: argparse.Namespace) -> Preset:
    """The preset, with what the command line changes."""
    preset = PRESETS[arguments.preset]
    given = {k: v for k, v in vars(arguments).items() if v is not None}
    names = [field.name for field in fields(LadderRecipe)]
    changes = {name: given[name] for name in names if name in given}
    if "percentiles" in changes:
        changes["percentiles"] = tuple(changes["percentiles"])
    recipe = replace(preset.recipe, **changes)
    others = {k: given[k] for k in ("thresholds", "pool", "copies") if k in given}
    if "stages" in given:
        others["stages"] = tuple(given["stages"])
    if "teacher" in given:
        others["teacher"] = None if given["teacher"] == "none" else given["teacher"]
    return replace(preset, recipe=recipe, **others)


def make_model(preset: Preset) -> SpikingClassifier:
    """The untrained network."""
    architecture = ARCHITECTURES[preset.architecture]
    return SpikingClassifier(architecture, preset.thresholds, preset.pool, preset.recipe.dropout)


def training_images(
    preset: Preset, data: Mnist, cache: Path, device: torch.device, learner: str | None = None
) -> AugmentedImages:
    """The augmented images, with the teacher's scores unless the teacher is the learner."""
    stem = f"{preset.dataset}-{preset.copies}"
    pixels = augmented_images(
        data.train,
        AUGMENTATIONS[preset.dataset],
        preset.copies,
        AUGMENTATION_SEED,
        cache / "augmented" / f"{stem}.pt",
    )
    labels = data.train.labels.cpu()
    if preset.teacher is None or preset.teacher == learner:
        return AugmentedImages(pixels, labels)
    teacher_path = cache / "checkpoints" / preset.teacher / "cnn.pt"
    if not teacher_path.exists():
        raise SystemExit(f"the teacher is missing: train {preset.teacher} first")
    scores_path = cache / "augmented" / f"{stem}-{preset.teacher}.pt"
    if not scores_path.exists() or scores_path.stat().st_mtime < teacher_path.stat().st_mtime:
        teacher = make_model(PRESETS[preset.teacher]).to(device)
        teacher.load_state_dict(load_state(teacher_path))
        teacher.configure(0, 0)
        save_atomically(teacher_scores(teacher, pixels, device), scores_path)
    return AugmentedImages(pixels, labels, torch.load(scores_path, weights_only=True, mmap=True))


def export(
    model: SpikingClassifier, stage: Stage, preset: Preset, data: Mnist,
    arguments: argparse.Namespace
) -> dict[str, object]:
    """Folds, writes and checks one stage's network; gives its results."""
    model.configure(stage.timesteps, stage.bits)
    model.eval()
    network = fold(model)
    stem = preset.exports[stage.name]
    path = arguments.output / stem / "network.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    results: dict[str, object] = {"network": stem, "timesteps": stage.timesteps}
    results |= {"bits": stage.bits, "thresholds": preset.thresholds}
    results["dense_synaptic_operations"] = sum(model.dense_operations()) * stage.timesteps
    parts = {"held_back": data.held_back}
    if not arguments.no_test:
        parts["test"] = data.test
    one_step: dict[str, Tensor] = {}
    for part, images in parts.items():
        found = network.classify(images.pixels.cpu())
        one_step[part] = found.predictions[0]
        labels = images.labels.cpu()
        correct = found.correct(labels)
        results[f"{part}_accuracy"] = correct[-1] / len(images)
        if stage.timesteps > 1:
            results[f"{part}_accuracy_by_timestep"] = [c / len(images) for c in correct]
        results[f"{part}_spike_rates"] = [round(rate, 4) for rate in found.spike_rates]
        # One accumulation for each weight of each input that is not zero.
        operations = sum(b * n for b, n in zip(found.busy, model.dense_operations()))
        results[f"{part}_synaptic_operations"] = round(operations)
    metadata = metadata_of(preset, stage) | {
        key: f"{value:.4f}" for key, value in results.items() if key.endswith("accuracy")
    }
    write_onnx(network, path, metadata)
    for part, images in parts.items():
        expected = one_step[part]
        labels = images.labels.cpu()
        exported = onnx_scores(path, images).argmax(1)
        right = int((exported == labels).sum())
        print(f"{stem}, {part}: {right} of {len(images)} right in ONNX Runtime, "
              f"{int((expected == labels).sum())} in whole numbers, "
              f"{int((exported != expected).sum())} classified differently", flush=True)
        if not torch.equal(exported, expected):
            raise SystemExit(f"{path} does not classify as the trained network does")
    print(f"{stem}: {results}", flush=True)
    return results


def metadata_of(preset: Preset, stage: Stage) -> dict[str, str]:
    """What the exported file says about itself."""
    return {
        "network": ARCHITECTURES[preset.architecture].title,
        "dataset": preset.dataset,
        "input": "pixel / 255",
        "thresholds": str(preset.thresholds),
        "pool": preset.pool,
        "weight_bits": str(stage.bits),
        "stages": " ".join(preset.stages),
        "teacher": str(preset.teacher),
        "start": str(preset.start),
    } | {name: str(value) for name, value in asdict(preset.recipe).items()}


def run(arguments: argparse.Namespace) -> None:
    """Trains the stages, exports the preset's networks and tests them."""
    preset = preset_from(arguments)
    make_deterministic(preset.recipe.seed, arguments.threads)
    device = torch.device(arguments.device)
    name = arguments.name or arguments.preset
    data = load_dataset(arguments.data, preset.dataset).to(device)
    model = make_model(preset)
    start = arguments.start
    if start is None and preset.start is not None:
        start = arguments.cache / "checkpoints" / f"{preset.start}.pt"
    if start is not None:
        model.load_state_dict(load_state(start))
    model.to(device)
    stages = preset.parsed_stages()
    log_path = arguments.log or TRAINING_LOGS / f"{name}.jsonl"
    pool = training_images(preset, data, arguments.cache, device, name)
    checkpoints = arguments.cache / "checkpoints" / name
    trainer = LadderTrainer(
        model, data, pool, preset.recipe, stages, log_path, checkpoints, start is not None
    )
    if preset.teacher == name and stages[0].name == "cnn":
        # The float network teaches the spiking ones that it becomes.
        trainer.run(arguments.resume, until=1)
        trainer.pool = training_images(preset, data, arguments.cache, device)
        arguments.resume = True
    trainer.run(arguments.resume)
    log = EpochLog(log_path, keep_epochs=sum(stage.epochs for stage in stages))
    for stage in {stage.name: stage for stage in stages}.values():
        if stage.name in preset.exports and not arguments.no_export:
            model.load_state_dict(load_state(trainer.stage_path(stage)))
            log.write(export(model.cpu(), stage, preset, data, arguments))
