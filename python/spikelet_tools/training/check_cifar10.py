"""Checks the CIFAR-10 recipes on small random networks: no data set, a few seconds."""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from dataclasses import replace
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training import train_cifar10
from spikelet_tools.training.cifar10 import SIZE, Views
from spikelet_tools.training.cifar_alexnet import Chain
from spikelet_tools.training.cifar_branches import DenseNet, ResNet
from spikelet_tools.training.cifar_export import export_floats, spiking_accuracy
from spikelet_tools.training.cifar_models import Levels, configure
from spikelet_tools.training.cifar_recipes import PRESETS
from spikelet_tools.training.cifar_recipe import CifarRecipe
from spikelet_tools.training.cifar_start import (
    bound,
    start_from_onnx,
    take_weights,
)
from spikelet_tools.training.cifar_teachers import OnnxScores, teacher_scores
from spikelet_tools.training.cifar_training import CifarTrainer, accuracy
from spikelet_tools.training.data import Images, Mnist, to_unit
from spikelet_tools.training.export_cifar10 import export_rectified, export_spiking

PLAN = ((6, True), (8, False), (7, True))


def random_images(count: int, seed: int) -> Images:
    """Random pictures with random labels."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(256, (count, 3, SIZE, SIZE), generator=generator, dtype=torch.uint8)
    return Images(pixels, torch.randint(10, (count,), generator=generator))


def random_chain(seed: int, thresholds: int = 1, timesteps: int = 1) -> Chain:
    """A small chain with batch norm that does something."""
    torch.manual_seed(seed)
    model = Chain(PLAN, (12,), thresholds, timesteps)
    for layer in model.layers:
        nn.init.uniform_(layer.norm.weight, -1.0, 1.0)
        nn.init.normal_(layer.norm.bias, 0.5)
        nn.init.normal_(layer.norm.running_mean, std=0.1)
        nn.init.uniform_(layer.norm.running_var, 0.5, 2.0)
    return model.eval()


def check_levels() -> None:
    """Levels round as they say, and gradients pass inside the bounds only."""
    x = torch.linspace(-1, 2, 601, requires_grad=True)
    for levels in (1, 2, 4, 8):
        activation = Levels(levels)
        y = activation(x)
        expected = (x > 0.5).float() if levels == 1 else (x * levels + 0.5).floor() / levels
        assert torch.equal(y, expected.clamp(0, 1)), levels
        (gradient,) = torch.autograd.grad(y.sum(), x)
        assert torch.equal(gradient, ((x > 0) & (x < 1)).float()), levels
    assert torch.equal(Levels(0)(x), x.clamp(0, 1)) and torch.equal(Levels()(x), x.relu())


def check_views() -> None:
    """A view is a window of the picture with reflected borders, mirrored in every other copy."""
    images = random_images(5, 1)
    views = Views.of(images.pixels, 4, 3, 2)
    padded = F.pad(images.pixels.float(), (2, 2, 2, 2), mode="reflect").to(torch.uint8)
    for copy in range(4):
        found = views.pixels(copy, torch.arange(5))
        for index in range(5):
            row, column = int(views.rows[copy, index]), int(views.columns[copy, index])
            window = padded[index, :, row : row + SIZE, column : column + SIZE]
            mirrored = bool(views.mirrored[copy, index])
            assert torch.equal(found[index], window.flip(2) if mirrored else window)
            assert mirrored != bool(views.mirrored[(copy + 1) % 4, index])


def check_courses() -> None:
    """A run may be continued by a recipe with more epochs, until rates fall or bits differ."""
    recipe = replace(
        PRESETS["alexnet-t1"].recipe,
        levels=((2, 1), (1, 9)),
        falling_epochs=4,
        quantized_epochs=2,
        fixed_epochs=1,
    )
    longer = replace(recipe, levels=((2, 1), (1, 19)))
    for epochs in range(11):
        assert (recipe.course(epochs) == longer.course(epochs)) == (epochs <= 6), epochs
    assert recipe.course(3) != replace(recipe, other_rate=0.1).course(3)
    assert recipe.factor(6.0) == 1 and recipe.factor(8.0) == 0.5 and recipe.factor(10.0) == 0


def check_bound(directory: Path) -> None:
    """A network of ReLUs gives the same scores after its export, start and bounds."""
    model, images = random_chain(2), random_images(40, 2)
    path = directory / "relu.onnx"
    export_floats(model, None, path, {})
    started = Chain(PLAN, (12,)).eval()
    take_weights(started, onnx.load(path))
    configure(started, None, 0)
    x = to_unit(images.pixels)
    with torch.no_grad():
        expected = model(x)
        assert torch.allclose(started(x), expected, atol=1e-4)
        bound(started, x, 99.0)
        assert torch.allclose(started(x), expected, atol=1e-3)


def check_exports(directory: Path) -> None:
    """Whole numbers, ONNX Runtime and a simulated single timestep find the same classes."""
    images = random_images(60, 4)
    for thresholds in (1, 2):
        model = random_chain(3, thresholds)
        configure(model, 1, 8)
        found = export_spiking(model, "alexnet-t1", directory / "t1.onnx", {"all": images})
        right = accuracy(model, images)
        assert abs(found["all_accuracy"] - right) <= 1 / 60, (found, right)
    model = random_chain(3)
    configure(model, 1, 8)
    assert spiking_accuracy(model, images, [1])[1] == accuracy(model, images)
    path = directory / "bounded.onnx"
    export_rectified(model, "alexnet-bounded", path, {"all": images}, simulates=True)
    for network in (ResNet(1), DenseNet(4, 2)):
        export_rectified(network, "resnet8", directory / "branches.onnx", {"all": images})


def check_few_timesteps(directory: Path) -> None:
    """Trained at three timesteps: neurons fire as simulated ones, from the network of one on."""
    images = random_images(40, 10)
    model = random_chain(11, timesteps=3)
    configure(model, 1, 8)
    assert accuracy(model, images) == spiking_accuracy(model, images, [3])[3]
    once = random_chain(12)
    configure(once, 1, 8)
    export_spiking(once, "alexnet-t1", directory / "once.onnx", {"all": images})
    several = Chain(PLAN, (12,), timesteps=3).eval()
    start_from_onnx(several, directory / "once.onnx", to_unit(images.pixels), 99.0)
    configure(several, 1, 8)
    with torch.no_grad():
        several(to_unit(images.pixels))
        # The file's scores are those of the network times a power of two.
        classes = once(to_unit(images.pixels)).argmax(1)
    assert len(several.earlier) == 2
    assert (several.earlier[0].argmax(1) == classes).float().mean() >= 0.95


def check_resumption(directory: Path) -> None:
    """A training that was interrupted ends as one that was not."""
    data = Mnist(random_images(24, 5), random_images(6, 6), random_images(6, 7))
    recipe = replace(
        PRESETS["alexnet-t1"].recipe,
        levels=((2, 1), (1, 2)),
        batch_size=8,
        quantized_epochs=2,
        fixed_epochs=1,
        copies=2,
    )
    whole = _train(data, recipe, directory / "whole", False, 3)
    _train(data, recipe, directory / "parts", False, 1)
    parts = _train(data, recipe, directory / "parts", True, 3)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, parts.state_dict()[name]), name


def _train(data: Mnist, recipe: CifarRecipe, directory: Path, resume: bool, until: int) -> Chain:
    views = Views.of(data.train.pixels, recipe.copies, 1, recipe.shift)
    taught = teacher_scores(random_chain(8), views, 2)
    paths = directory / "log.jsonl", directory / "last.pt"
    trainer = CifarTrainer(random_chain(9), data, views, recipe, taught, *paths)
    trainer.run(resume, until)
    return trainer.model


def check_teachers(directory: Path) -> None:
    """A network teaches the same as itself and as its ONNX file."""
    views = Views.of(random_images(12, 3).pixels, 2, 1, 3)
    model, path = random_chain(4), directory / "teacher.onnx"
    configure(model, 0, 0)
    export_floats(model, 0, path, {})
    given = [teacher_scores(each, views, 2) for each in (model, OnnxScores(path))]
    assert given[0].shape == (12, 10)
    tolerance = 0.05 * float(given[0].abs().max())  # the network may be in bfloat16
    assert torch.allclose(given[0], given[1], atol=tolerance), given

    parser = argparse.ArgumentParser()
    train_cifar10.add_arguments(parser)
    for name, fits in ((str(path), True), ("teacher", True), ("nobody", False),
                       (str(directory / "missing.onnx"), False)):
        options = parser.parse_args(["alexnet-t1", "--teacher", name])
        assert _is_accepted(parser, options) == fits, name


def _is_accepted(parser: argparse.ArgumentParser, options: argparse.Namespace) -> bool:
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            train_cifar10.check_arguments(parser, options)
    except SystemExit:
        return False
    return True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_: argparse.Namespace) -> None:
    """Runs all checks."""
    torch.set_num_threads(1)
    check_levels()
    check_views()
    check_courses()
    with tempfile.TemporaryDirectory() as directory:
        for check in (check_bound, check_exports, check_few_timesteps, check_resumption,
                      check_teachers):
            check(Path(directory))
    print("all checks passed")
