"""Checks the recipes of few timesteps on random networks and images; needs no data set."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import onnx
import torch
from torch import Tensor

from spikelet_tools.training.augment import AUGMENTATIONS
from spikelet_tools.training.augmented import AugmentedImages
from spikelet_tools.training.data import Images, Mnist, to_unit
from spikelet_tools.training.fake_quant import weight_scale
from spikelet_tools.training.integer_export import onnx_scores, write_onnx
from spikelet_tools.training.integer_network import IntegerNetwork, fold
from spikelet_tools.training.ladder import LadderRecipe, LadderTrainer, Stage
from spikelet_tools.training.spiking_network import (
    ARCHITECTURES,
    SpikingClassifier,
    fire,
    initialise_thresholds,
)

IMAGES = 64


def random_images(seed: int, count: int = IMAGES) -> Images:
    """Smooth random pictures with an empty border, and random labels."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 1, 7, 7, generator=generator)
    fine = torch.nn.functional.interpolate(coarse, (28, 28), mode="bicubic").clamp(0, 1)
    fine[:, :, :4], fine[:, :, :, 24:] = 0, 0
    pixels = (fine * 255).round().to(torch.uint8)
    return Images(pixels, torch.randint(10, (count,), generator=generator))


def random_network(thresholds: int, pool: str, timesteps: int, bits: int) -> SpikingClassifier:
    """A LeNet-5 with random weights and norms of both signs, thresholds by percentile."""
    model = SpikingClassifier(ARCHITECTURES["lenet5"], thresholds, pool)
    for layer in model.layers:
        torch.nn.init.normal_(layer.norm.weight)
        torch.nn.init.normal_(layer.norm.bias, std=0.3)
    model.configure(timesteps, bits)
    percentiles = [50 + 40 * (k + 1) / thresholds for k in range(thresholds)]
    initialise_thresholds(model, to_unit(random_images(1, 256).pixels), percentiles)
    with torch.no_grad():
        for layer in model.layers:
            # Off the percentile itself, which is the current of some site exactly.
            layer.thresholds.mul_(1.0137)
            layer.leak.fill_(0.9)
    return model.eval()


def check_surrogate() -> None:
    """The gradients of a spike against their definition, by potential and by threshold."""
    potential = torch.linspace(-2, 3, 401, dtype=torch.float64, requires_grad=True)
    threshold = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(401, dtype=torch.float64)
    fire(potential, threshold).backward(weight)
    z = potential.detach() / 0.7 - 1
    slope = 0.3 * (1 - z.abs()).clamp_min(0) * weight
    torch.testing.assert_close(potential.grad, slope / 0.7)
    expected = -(slope * potential.detach()).sum() / 0.49
    torch.testing.assert_close(threshold.grad, expected, rtol=1e-5, atol=1e-6)


def check_folding() -> int:
    """Whole numbers against floats and against ONNX Runtime; counts the networks."""
    images, networks = random_images(2), 0
    for thresholds in (1, 2, 3, 4):
        for pool in ("avg", "max", "before"):
            for bits in (8, 4):
                model = random_network(thresholds, pool, 1, bits)
                network = fold(model)
                with torch.no_grad():
                    floats = model(to_unit(images.pixels))
                run = network.run(images.pixels)
                same = _same_spikes(model, run.spikes, (thresholds, pool, bits))
                step = weight_scale(model.readout.weight, bits, per_channel=False)
                torch.testing.assert_close(run.scores[0][same] * step, floats[same])
                _check_file(network, images, run.scores[0])
                networks += 1
    return networks


def _same_spikes(model: SpikingClassifier, spikes: list[Tensor], case: object) -> Tensor:
    """Which images spike as in floats, where a potential may round to the other side."""
    same = torch.ones(IMAGES, dtype=torch.bool)
    for layer, expected in zip(model.layers, spikes):
        same &= (layer.spikes[0] == expected).flatten(1).all(1)
    if same.float().mean() < 0.8:
        raise AssertionError(f"{case}: only {int(same.sum())} images spike as in floats")
    return same


def _check_file(network: IntegerNetwork, images: Images, scores: Tensor) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "network.onnx"
        write_onnx(network, path, {})
        found = onnx_scores(path, images)
        proto = onnx.load(path)
    if not torch.equal(found, (scores * network.readout.step).float()):
        raise AssertionError("ONNX Runtime's scores differ from the whole-number network's")
    largest = 127 if network.bits == 8 else 7
    for tensor in proto.graph.initializer:
        values = torch.from_numpy(onnx.numpy_helper.to_array(tensor).astype("float32"))
        if tensor.name.endswith(".weight"):
            is_readout = tensor.name.startswith("readout")
            rows = values.view(1, -1) if is_readout else values.flatten(1)
            assert (rows.abs().amax(1) == largest).all(), tensor.name
    for layer in network.layers:
        assert (layer.thresholds.diff(dim=0) > 0).all(), layer.name


def check_timesteps() -> None:
    """Several timesteps: whole numbers stay close to floats; the file says leak and reset."""
    images = random_images(3)
    for thresholds in (1, 2):
        model = random_network(thresholds, "avg", 3, 8)
        network = fold(model)
        with torch.no_grad():
            model(to_unit(images.pixels))
        spikes = network.run(images.pixels).spikes
        rates = torch.stack([count.mean() / 3 for count in spikes]).float()
        torch.testing.assert_close(rates, torch.stack(model.spike_rates()), atol=0.01, rtol=0)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "network.onnx"
            write_onnx(network, path, {})
            properties = {p.key: p.value for p in onnx.load(path).metadata_props}
        assert properties["spikelet.timesteps"] == "3"
        neurons = [json.loads(v) for k, v in properties.items() if k.startswith("spikelet.neurons")]
        assert len(neurons) == 2 * thresholds + 2
        assert neurons[0] == {"leak": {"multiplier": 230, "shift": 8}, "reset": "subtract"}


def check_training() -> None:
    """A short ladder, interrupted and resumed, ends in the same network as in one go."""
    images = random_images(4, 96)
    data = Mnist(images, images, images)
    generator = torch.Generator().manual_seed(1)
    copies = [images.pixels] + [
        (augmentation(to_unit(images.pixels), generator) * 255).round().to(torch.uint8)
        for augmentation in AUGMENTATIONS.values()
    ]
    teacher = torch.randn(3, len(images), 10, generator=generator).half()
    pool = AugmentedImages(torch.stack(copies), images.labels, teacher)
    stages = [Stage.parse(text) for text in ("cnn:1", "2x8:2", "1x8:2@0.001", "1x4:1")]
    recipe = LadderRecipe(batch_size=32, rate_penalty=0.1, dropout=0.1, smoothing=0.1)
    states = []
    with tempfile.TemporaryDirectory() as directory:
        for name, stops in (("once", [4]), ("parts", [1, 3, 4])):
            for stop in stops:
                torch.manual_seed(5)
                model = SpikingClassifier(ARCHITECTURES["lenet5"], dropout=0.1)
                folder = Path(directory) / name
                log = folder.with_suffix(".jsonl")
                trainer = LadderTrainer(model, data, pool, recipe, stages, log, folder)
                trainer.run(resume=True, until=stop)
            states.append(model.state_dict())
            assert len(log.read_text().splitlines()) == 6
            assert all(trainer.stage_path(stage).exists() for stage in stages)
    for key, value in states[0].items():
        assert torch.equal(value, states[1][key]), key


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_: argparse.Namespace) -> None:
    """All checks."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    check_surrogate()
    networks = check_folding()
    check_timesteps()
    check_training()
    print(f"{networks} networks at one timestep equal their ONNX files; the ladder resumes")
