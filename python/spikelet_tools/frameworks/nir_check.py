"""Trains a small spiking network, writes it as a graph of NIR, and compares the engine with it.

Three convolutions (16, 16 and 8 channels) of integrate-and-fire neurons, a sum pool and an average
pool between them, two dense layers: the form of the network on N-MNIST in NIR's paper, on digits as
a constant current. It is trained with surrogate gradients, written with the `nir` package, and
built and evaluated by spikelet. Fails where the accuracies differ by more than a point.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.paths import BUILD
from spikelet_tools.processes import evaluate, stop

TIMESTEPS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the pictures are, where the network goes, and how long to train."""
    datasets.add_argument(parser)
    parser.add_argument("--out", type=Path, default=BUILD / "nir", metavar="DIR",
                        help="where to write cnn.nir and deployment.json; default: .build/nir")
    parser.add_argument("--pictures", type=int, default=20_000, help="training pictures")
    parser.add_argument("--epochs", type=int, default=2, help="of training (2)")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch (1)")


def network(torch):
    """The layers, and a function that runs them: spikes where a potential reaches 1, which is then
    subtracted; none falls below -1. These are the neurons of sinabs with one spike a timestep."""
    nn = torch.nn

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(context, potential):
            context.save_for_backward(potential)
            return (potential >= 1).float()

        @staticmethod
        def backward(context, gradient):
            (potential,) = context.saved_tensors
            return gradient / (1 + (3 * (potential - 1)) ** 2)

    layers = nn.ModuleList([
        nn.Conv2d(1, 16, 5, stride=2, padding=1), nn.Conv2d(16, 16, 3, padding=1),
        nn.Conv2d(16, 8, 3, padding=1), nn.Linear(8 * 3 * 3, 64), nn.Linear(64, 10)])

    def forward(pictures):
        potentials = [None] * 4
        scores = 0

        def fire(index, current):
            before = potentials[index]
            potential = current if before is None else before + current
            spikes = Spike.apply(potential)
            left = potential - spikes.detach()
            potentials[index] = torch.relu(left + 1) - 1
            return spikes

        for _ in range(TIMESTEPS):
            x = fire(0, layers[0](pictures))
            x = fire(1, layers[1](x))
            x = nn.functional.avg_pool2d(x, 2) * 4
            x = fire(2, layers[2](x))
            x = nn.functional.avg_pool2d(x, 2)
            x = fire(3, layers[3](x.flatten(1)))
            scores = scores + layers[4](x)
        return scores

    return layers, forward


def write(layers, path: Path) -> None:
    """The trained layers as a graph of NIR."""
    import nir
    import numpy as np

    def conv(layer, extent):
        return nir.Conv2d(
            input_shape=(extent, extent), weight=layer.weight.detach().numpy(),
            stride=layer.stride, padding=layer.padding, dilation=layer.dilation, groups=1,
            bias=layer.bias.detach().numpy())

    def fire(*shape):
        return nir.IF(r=np.ones(shape), v_threshold=np.ones(shape))

    pair = np.array([2, 2])
    none = np.array([0, 0])
    nodes = {
        "input": nir.Input(input_type={"input": np.array([1, 28, 28])}),
        "conv1": conv(layers[0], 28), "if1": fire(16, 13, 13),
        "conv2": conv(layers[1], 13), "if2": fire(16, 13, 13),
        "sum": nir.SumPool2d(kernel_size=pair, stride=pair, padding=none),
        "conv3": conv(layers[2], 6), "if3": fire(8, 6, 6),
        "mean": nir.AvgPool2d(kernel_size=pair, stride=pair, padding=none),
        "flat": nir.Flatten(input_type={"input": np.array([8, 3, 3])}, start_dim=0, end_dim=-1),
        "fc": nir.Affine(layers[3].weight.detach().numpy(), layers[3].bias.detach().numpy()),
        "if4": fire(64),
        "scores": nir.Affine(layers[4].weight.detach().numpy(), layers[4].bias.detach().numpy()),
        "output": nir.Output(output_type={"output": np.array([10])})}
    names = list(nodes)
    nir.write(path, nir.NIRGraph(nodes=nodes, edges=list(zip(names, names[1:]))))


def run(options: argparse.Namespace) -> None:
    """Trains, writes, evaluates, compares."""
    import torch

    from spikelet_tools.training.idx import read_labelled

    torch.manual_seed(5)
    torch.set_num_threads(options.threads)

    def pictures(name):
        images, labels = read_labelled(options.data / "mnist", name)
        return torch.tensor(images).float().unsqueeze(1) / 255, torch.tensor(labels).long()

    layers, forward = network(torch)
    optimizer = torch.optim.Adam(layers.parameters(), lr=3e-3)
    images, labels = pictures("train")
    images, labels = images[:options.pictures], labels[:options.pictures]
    steps = options.epochs * (len(images) // 100)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
    for epoch in range(options.epochs):
        order = torch.randperm(len(images))
        for start in range(0, len(order) - 99, 100):
            batch = order[start:start + 100]
            loss = torch.nn.functional.cross_entropy(forward(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}", flush=True)
    images, labels = pictures("t10k")
    with torch.no_grad():
        right = sum(
            (forward(images[i:i + 500]).argmax(1) == labels[i:i + 500]).sum().item()
            for i in range(0, len(images), 500))
    options.out.mkdir(parents=True, exist_ok=True)
    write(layers, options.out / "cnn.nir")
    deployment = options.out / "deployment.json"
    deployment.write_text(json.dumps(
        {"name": "nir-cnn", "network": "cnn.nir", "dataset": "mnist", "timesteps": TIMESTEPS,
         "nir": {"profile": "sinabs", "spikes": 1}}, indent=2) + "\n")
    accuracy = evaluate(deployment, *datasets.arguments(options))["accuracy"] * 100
    trained = right / len(images) * 100
    size = (options.out / "cnn.nir").stat().st_size
    print(f"cnn.nir, {size:,} bytes, {TIMESTEPS} timesteps, {len(images):,} test pictures:")
    print(f"  PyTorch, floating point  {trained:.2f} %")
    print(f"  engine, 8-bit weights    {accuracy:.2f} %")
    if abs(trained - accuracy) > 1:
        stop("they differ by more than a point")
