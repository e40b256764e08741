"""Trains the convolutional network of NIR's paper on N-MNIST, and compares the engine with it.

Conv 16 (5x5, stride 2), conv 16 (3x3), sum pool, conv 8 (3x3), sum pool, 256 and 10 neurons: the
layers of the paper's cnn_sinabs.nir, all with integrate-and-fire neurons as sinabs reads them
(no potential below minus the threshold; one spike a timestep). As the paper's it is trained as a
network of rectifiers first, on the mean frames of the training recordings at hand, and then with
its spikes. It is written with the `nir` package, built with 8-bit weights, and judged on every
recording: PyTorch in floating point, Spikelet's simulation in double precision and the engine.
Fails where accuracies differ by more than a point. With --network a file that is there already is
judged, and nothing is trained.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.paths import BUILD
from spikelet_tools.processes import evaluate, stop

TIMESTEPS, WINDOW = 30, 10_000
"""Of a recording of 300 ms."""
THRESHOLD = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where recordings and network lie, and how long to train."""
    datasets.add_argument(parser)
    parser.add_argument("--out", type=Path, default=BUILD / "nir-nmnist", metavar="DIR",
                        help="where to write cnn.nir and deployment.json; default: "
                             ".build/nir-nmnist")
    parser.add_argument("--network", type=Path, help="a trained cnn.nir of this command")
    parser.add_argument("--first-epochs", type=int, default=60, help="with rectifiers (60)")
    parser.add_argument("--epochs", type=int, default=4, help="with spikes (4)")
    parser.add_argument("--seed", type=int, default=1, help="of the training (1)")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch (1)")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Numbers that make sense."""
    for name in ("epochs", "first_epochs", "threads"):
        if getattr(options, name) < 1:
            option = name.replace("_", "-")
            parser.error(f"--{option} is {getattr(options, name)}, needed 1 or more")


def network(torch):
    """The layers, and a function of frames (batch, timesteps, 2, 34, 34) that gives the spikes of
    the ten last neurons, added up."""
    nn = torch.nn

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(context, potential):
            context.save_for_backward(potential)
            return (potential >= THRESHOLD).float()

        @staticmethod
        def backward(context, gradient):
            (potential,) = context.saved_tensors
            return gradient / (1 + (2 * (potential - THRESHOLD)) ** 2)

    layers = nn.ModuleList([
        nn.Conv2d(2, 16, 5, stride=2, padding=1, bias=False),
        nn.Conv2d(16, 16, 3, padding=1, bias=False),
        nn.Conv2d(16, 8, 3, padding=1, bias=False),
        nn.Linear(8 * 4 * 4, 256, bias=False), nn.Linear(256, 10, bias=False)])
    def forward(frames):
        potentials = [None] * len(layers)
        scores, last = 0, None

        def fire(index, current):
            before = potentials[index]
            potential = current if before is None else before + current
            spikes = Spike.apply(potential)
            left = potential - THRESHOLD * spikes.detach()
            potentials[index] = torch.relu(left + THRESHOLD) - THRESHOLD
            return spikes, potential

        for t in range(frames.shape[1]):
            x, _ = fire(0, layers[0](frames[:, t].float()))
            x, _ = fire(1, layers[1](x))
            x, _ = fire(2, layers[2](nn.functional.avg_pool2d(x, 2) * 4))
            x, _ = fire(3, layers[3]((nn.functional.avg_pool2d(x, 2) * 4).flatten(1)))
            x, _ = fire(4, layers[4](x))
            scores = scores + x
            last = potentials[4]
        # Among equal counts the larger potential decides, as in the engine.
        return scores, last

    return layers, forward


def write(layers, path: Path) -> None:
    """The trained layers as a graph of NIR."""
    import nir
    import numpy as np

    def conv(layer, extent):
        weight = layer.weight.detach().numpy()
        return nir.Conv2d(
            input_shape=(extent, extent), weight=weight, stride=layer.stride,
            padding=layer.padding, dilation=layer.dilation, groups=1,
            bias=np.zeros(len(weight), np.float32))

    def fire(*shape):
        return nir.IF(r=np.ones(shape), v_threshold=np.full(shape, THRESHOLD))

    def pool():
        return nir.SumPool2d(kernel_size=np.array([2, 2]), stride=np.array([2, 2]),
                             padding=np.array([0, 0]))

    def dense(layer):
        weight = layer.weight.detach().numpy()
        return nir.Affine(weight, np.zeros(len(weight), np.float32))

    nodes = {
        "input": nir.Input(input_type={"input": np.array([2, 34, 34])}),
        "conv1": conv(layers[0], 34), "if1": fire(16, 16, 16),
        "conv2": conv(layers[1], 16), "if2": fire(16, 16, 16), "sum1": pool(),
        "conv3": conv(layers[2], 8), "if3": fire(8, 8, 8), "sum2": pool(),
        "flat": nir.Flatten(input_type={"input": np.array([8, 4, 4])}, start_dim=0, end_dim=-1),
        "fc1": dense(layers[3]), "if4": fire(256), "fc2": dense(layers[4]), "if5": fire(10),
        "output": nir.Output(output_type={"output": np.array([10])})}
    names = list(nodes)
    path.parent.mkdir(parents=True, exist_ok=True)
    nir.write(path, nir.NIRGraph(nodes=nodes, edges=list(zip(names, names[1:]))))


def load_weights(layers, path: Path) -> None:
    """The weights of a graph that `write` has written."""
    import nir
    import torch

    nodes = nir.read(path).nodes
    for layer, name in zip(layers, ("conv1", "conv2", "conv3", "fc1", "fc2")):
        layer.weight.data = torch.tensor(nodes[name].weight).float()


def rectified(layers, x, see=lambda layer, values: None):
    """The same layers with rectifiers instead of spikes, on mean frames; the last has none."""
    import torch.nn.functional as F

    for index, layer in enumerate(layers):
        x = layer(x.flatten(1) if index == 3 else x)
        see(layer, x)
        if index < 4:
            x = F.relu(x)
        if index in (1, 2):
            x = F.avg_pool2d(x, 2) * 4
    return x


def epochs(layers, scores_of, recordings, count: int, rate: float, seed: int) -> None:
    """Cross entropy of scores, every recording moved by up to two sites."""
    import torch
    import torch.nn.functional as F

    from spikelet_tools.training.nmnist_train import shifted

    batch = 25
    optimizer = torch.optim.Adam(layers.parameters(), lr=rate)
    steps = count * (len(recordings) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    generator = torch.Generator().manual_seed(seed)
    for epoch in range(count):
        total = right = 0
        order = torch.randperm(len(recordings), generator=generator)
        for chosen in order[:len(order) // batch * batch].split(batch):
            scores = scores_of(shifted(recordings.frames[chosen], generator))
            labels = recordings.labels[chosen]
            loss = F.cross_entropy(scores, labels, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(layers.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
            right += int((scores.argmax(1) == labels).sum())
        print(f"epoch {epoch + 1}: loss {total / len(order):.3f}, right {right:,} of "
              f"{len(order):,}", flush=True)


def train(options: argparse.Namespace, layers, forward, recordings) -> None:
    """With rectifiers on mean frames; then scaled to rates, and with spikes."""
    import torch

    def mean(frames):
        return frames.float().mean(1)

    epochs(layers, lambda frames: rectified(layers, mean(frames)), recordings,
           options.first_epochs, 4e-3, options.seed)
    # What nearly all activations stay below becomes a spike in nearly every timestep.
    largest: dict[object, float] = {}
    with torch.no_grad():
        def see(layer, values):
            largest[layer] = float(values.flatten().sort().values[int(values.numel() * 0.999) - 1])

        rectified(layers, mean(recordings.frames), see)
        before = 1.0
        for layer in layers:
            layer.weight *= before / largest[layer]
            before = largest[layer]
    print("with spikes:")
    epochs(layers, lambda frames: forward(frames)[0] * 0.5, recordings, options.epochs, 1e-3,
           options.seed + 1)


def correct(forward, recordings) -> int:
    """How many recordings are right."""
    import torch

    right = 0
    with torch.no_grad():
        for start in range(0, len(recordings), 100):
            part = slice(start, start + 100)
            scores, potentials = forward(recordings.frames[part])
            decided = (scores * 1e4 + potentials).argmax(1)
            right += int((decided == recordings.labels[part]).sum())
    return right


def run(options: argparse.Namespace) -> None:
    """Trains, writes, judges, compares."""
    import torch

    from spikelet_tools.training.nmnist_data import SETS, load

    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    one = replace(SETS["nmnist"], crop=(0, 0, 34, 34), downsample=1, window=WINDOW,
                  timesteps=TIMESTEPS)
    training = load(options.data, one, "train")
    test = load(options.data, one, "test")
    layers, forward = network(torch)
    path = options.out / "cnn.nir"
    if options.network:
        load_weights(layers, options.network)
    else:
        train(options, layers, forward, training)
    write(layers, path)
    deployment = options.out / "deployment.json"
    deployment.write_text(json.dumps({
        "name": "nir-nmnist", "network": "cnn.nir", "dataset": "nmnist", "timesteps": TIMESTEPS,
        "nir": {"profile": "sinabs", "spikes": 1},
        "input": {"mode": "events", "events": {
            "sensor": [34, 34], "polarity": "channels", "window": {"microseconds": WINDOW}}},
    }, indent=2) + "\n")
    print(f"cnn.nir, {path.stat().st_size:,} bytes, {TIMESTEPS} timesteps of {WINDOW // 1000} ms:")
    failures = []
    for split, recordings in (("test", test), ("train", training)):
        count = len(recordings)
        trained = correct(forward, recordings) / count * 100
        figures = evaluate(deployment, *datasets.arguments(options), "--split", split,
                           "--agreement")
        accuracy = figures["accuracy"] * 100
        simulated = figures["floatCorrect"] / figures["images"] * 100
        print(f"  {count:,} {split} recordings: PyTorch {trained:.2f} %, simulation "
              f"{simulated:.2f} %, engine with 8-bit weights {accuracy:.2f} %")
        if figures["images"] != count:
            failures.append(f"{split}: the engine saw {figures['images']} recordings")
        if max(abs(trained - accuracy), abs(simulated - accuracy)) > 1:
            failures.append(f"{split}: they differ by more than a point")
    if failures:
        stop("\n".join(failures))
