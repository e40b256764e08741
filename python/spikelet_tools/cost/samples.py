"""The small networks whose instructions are counted to find the price of each piece of work.

Each has one layer under measurement and a small read-out. Spikes come from Poisson input, so that a
gray level is a firing rate; layers that read pixels get pictures with a share of blanks.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.cost.onnx_file import Graph
from spikelet_tools.cost.statistics import write_statistics

LEVELS = (0, 20, 64, 140, 255)
"""Gray levels: the firing rates of a Poisson input are a 255th of them."""


@dataclass(frozen=True)
class Sample:
    """A network of one layer under measurement."""

    name: str
    channels: int = 12
    size: int = 10
    outputs: int = 16
    kernel: int = 3
    stride: int = 1
    padding: int = 0
    groups: int = 1
    pool: int = 0
    pool_stride: int = 0
    dense: bool = False
    mode: str = "poisson"
    weights: str = "int8"
    membranes: str = "auto"
    prefer: str = "scatter"
    timesteps: int = 1
    thresholds: int = 1
    reset: str = "soft"
    leak: tuple[int, int] | None = None
    maximum: int = 0
    maximum_stride: int = 0
    threshold: float = 1.0
    arena: int | None = None
    readout: str = "potential"
    pooling: str = "sum"
    share: float = 0.7
    before: bool = False

    @property
    def levels(self) -> tuple[int, ...]:
        """What the pictures of a run are filled with, a run each."""
        return LEVELS if self.mode == "poisson" else (0, 60, 150, 255)

    @property
    def picture_shape(self) -> str:
        """As the tool's --shape takes it."""
        return f"{self.channels}x{self.size}x{self.size}"

    def write(self, folder: Path) -> Path:
        """Writes network and configuration; returns the latter."""
        draw = random.Random(self.name)
        graph = Graph(self.channels, self.size, self.size)
        if self.trained and self.before:
            weights = [draw.uniform(-1, 1) for _ in range(self.channels ** 2)]
            graph.add("Conv", graph.tensor(weights, (self.channels, self.channels, 1, 1)),
                      kernel_shape=[1, 1])
            self._fire(graph, 1)
        size, channels = self.size, self.channels
        if self.pool:
            stride = self.pool_stride or self.pool
            graph.add("AveragePool", kernel_shape=[self.pool] * 2, strides=[stride] * 2)
            size = (size - self.pool) // stride + 1
        if self.dense:
            graph.add("Flatten", axis=1)
            count = channels * size * size
            weights = [draw.uniform(-1, 1) for _ in range(count * self.outputs)]
            graph.add("Gemm", graph.tensor(weights, (self.outputs, count)), transB=1)
            size = 1
        else:
            count = channels // self.groups * self.kernel * self.kernel
            weights = [draw.uniform(-1, 1) for _ in range(count * self.outputs)]
            shape = (self.outputs, channels // self.groups, self.kernel, self.kernel)
            graph.add("Conv", graph.tensor(weights, shape), kernel_shape=[self.kernel] * 2,
                      strides=[self.stride] * 2, pads=[self.padding] * 4, group=self.groups)
            size = (size + 2 * self.padding - self.kernel) // self.stride + 1
        self._fire(graph, self.thresholds)
        channels = self.outputs * self.thresholds
        if self.maximum:
            stride = self.maximum_stride or self.maximum
            graph.add("MaxPool", kernel_shape=[self.maximum] * 2, strides=[stride] * 2)
            size = (size - self.maximum) // stride + 1
        if not self.dense:
            graph.add("Flatten", axis=1)
        count = channels * size * size
        weights = [draw.choice((-1.0, 1.0)) for _ in range(count * 2)]
        graph.add("Gemm", graph.tensor(weights, (2, count)), transB=1)
        network = folder / "network.onnx"
        graph.write(network, (2,))
        if not self.trained:
            write_statistics(folder / "calibration.json", graph, network, self.threshold)
        path = folder / "deployment.json"
        path.write_text(json.dumps(self._configuration()))
        return path

    @property
    def trained(self) -> bool:
        """Whether thresholds are trained: several of them need that, and those below 0."""
        return self.thresholds > 1 or self.threshold < 0

    def _fire(self, graph: Graph, thresholds: int) -> None:
        if not self.trained:
            graph.add("Relu")
            return
        sums = graph.last
        spikes = []
        for level in range(thresholds):
            limit = graph.tensor([self.threshold + level * min(1.0, abs(self.threshold))], ())
            compare = graph.add("Greater", limit, source=sums)
            if self.timesteps > 1:
                graph.note(f"spikelet.neurons.{compare}",
                           json.dumps({"leak": None, "reset": "subtract"}))
            spikes.append(graph.add("Cast", to=1))
        if len(spikes) > 1:
            graph.add("Concat", *spikes[1:], source=spikes[0], axis=1)
        if self.timesteps > 1:
            graph.note("spikelet.timesteps", str(self.timesteps))

    def _configuration(self) -> dict:
        budgets = {"arena": "fastest"} if self.arena is None else {"maximumArenaBytes": self.arena}
        document = {
            "name": self.name, "network": "network.onnx", "input": {"mode": self.mode},
            "timesteps": self.timesteps, "maximumTimesteps": self.timesteps,
            "quantization": {"weights": self.weights, "membranes": self.membranes},
            "readOut": self.readout, "budgets": budgets,
        }
        if not self.trained:
            conversion = {"reset": self.reset, "averagePooling": self.pooling}
            if self.leak:
                conversion["leak"] = {"rule": "multiply-floor", "multiplier": self.leak[0],
                                      "shift": self.leak[1]}
            document |= {"calibration": "calibration.json", "conversion": conversion}
        return document

    def write_pictures(self, path: Path, level: int) -> None:
        """Two pictures: one level all over, and one in a square; at 256 no pixel is blank."""
        count = self.channels * self.size * self.size
        draw = random.Random(f"{self.name} {level}")
        pixels = bytearray()
        for disc in (self.share < 0.7, level < 256):
            for index in range(count):
                row, column = index // self.size % self.size, index % self.size
                near = max(abs(2 * row - self.size), abs(2 * column - self.size))
                inside = not disc or near < self.share * self.size
                if self.mode == "poisson":
                    pixels.append(level if inside else 0)
                else:
                    # The level says how many pixels are not blank.
                    pixels.append(draw.randrange(1, 256)
                                  if inside and draw.randrange(256) <= level and level else 0)
        # IDX of three extents: the channels of a picture lie below each other.
        shape = (2, self.channels * self.size, self.size)
        head = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in shape)
        path.write_bytes(head + bytes(pixels))
