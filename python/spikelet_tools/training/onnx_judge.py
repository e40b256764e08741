"""A network with trained thresholds as ONNX Runtime runs it, timestep by timestep.

The graph computes one timestep. To carry potentials on, every comparison gets one more input, what
is left of the potential, and its sum with the current as one more output; resets and leaks follow
the file's metadata. Nothing is taken from Spikelet but which node is which layer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

BATCH = 200
COMPARISONS = {"Greater", "GreaterOrEqual", "Less", "LessOrEqual"}
PASSING = {"Cast", "Identity", "Concat"}


@dataclass
class Neurons:
    """The comparisons of one value with constants."""

    current: str
    comparisons: list[onnx.NodeProto] = field(default_factory=list)
    thresholds: list[np.ndarray] = field(default_factory=list)
    rule: dict | None = None

    @property
    def left(self) -> str:
        """The input for what is left of the potentials."""
        return f"{self.current}/left"

    @property
    def potential(self) -> str:
        """The output for the potentials that were compared."""
        return f"{self.current}/potential"

    def carried_on(self, potential: np.ndarray) -> np.ndarray:
        """What is left of potentials after the reset and the leak."""
        if self.rule is None:
            raise SystemExit(f"{self.comparisons[0].name}: the metadata give no leak and reset")
        left = potential.copy()
        for node, threshold in zip(self.comparisons, self.thresholds):
            above = potential > threshold
            if node.op_type in ("GreaterOrEqual", "LessOrEqual"):
                above = potential >= threshold
            # In ascending order, so that the largest threshold that was crossed decides.
            if self.rule["reset"] == "subtract":
                left = np.where(above, potential - threshold, left)
            elif self.rule["reset"] == "zero":
                left = np.where(above, np.float32(0), left)
        leak = self.rule.get("leak")
        if leak:
            left = left * np.float32(leak["multiplier"] / 2 ** leak["shift"])
        return left.astype(np.float32)


class Network:
    """An ONNX file with its spikes and potentials as further outputs."""

    def __init__(self, path: Path) -> None:
        model = onnx.load(path)
        self._graph = model.graph
        constants = {t.name: numpy_helper.to_array(t) for t in self._graph.initializer}
        for node in self._graph.node:
            if node.op_type == "Constant":
                constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        metadata = {entry.key: entry.value for entry in model.metadata_props}
        self.timesteps = int(metadata.get("spikelet.timesteps", "1"))
        self.output = self._graph.output[0].name
        self.score_unit = self._find_score_unit(constants)
        self.neurons = self._find_neurons(constants, metadata)
        self._carry_on(model)
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"])
        self._names = [value.name for value in self._session.get_outputs()]
        self._input = self._session.get_inputs()[0].name
        self._shape = self._session.get_inputs()[0].shape[1:]

    def _find_neurons(self, constants: dict, metadata: dict) -> dict[str, Neurons]:
        found: dict[str, Neurons] = {}
        for node in self._graph.node:
            if node.op_type not in COMPARISONS:
                continue
            current, bound = node.input
            if current in constants:
                current, bound = bound, current
            neurons = found.setdefault(current, Neurons(current))
            is_rising = node.op_type.startswith("Greater") == (current == node.input[0])
            if not is_rising:
                raise SystemExit(f"{node.name}: fires below its threshold, which is not done here")
            neurons.comparisons.append(node)
            neurons.thresholds.append(constants[bound])
            text = metadata.get(f"spikelet.neurons.{node.name or node.output[0]}")
            if text is not None:
                neurons.rule = json.loads(text)
        return found

    def _find_score_unit(self, constants: dict) -> float | None:
        """What 1 of the engine's scores is worth: the scale of the last layer's weights."""
        outputs = {node.output[0]: node for node in self._graph.node}
        last = outputs[self.output]
        for name in last.input:
            node = outputs.get(name)
            if node is not None and node.op_type == "DequantizeLinear":
                scale = constants[node.input[1]]
                return float(scale.reshape(-1)[0]) if scale.size == 1 else None
        return None

    def _carry_on(self, model: onnx.ModelProto) -> None:
        graph = model.graph
        readers: dict[str, list[onnx.NodeProto]] = {}
        self._spikes: dict[str, str] = {}
        for node in graph.node:
            for name in node.input:
                readers.setdefault(name, []).append(node)
        outputs = {node.output[0]: node for node in graph.node}
        for neurons in self.neurons.values():
            name = neurons.comparisons[0].output[0]
            while len(readers.get(name, [])) == 1 and readers[name][0].op_type in PASSING:
                name = readers[name][0].output[0]
            if outputs[name].op_type in COMPARISONS:
                raise SystemExit(f"{name}: is compared and never cast")
            self._spikes[neurons.comparisons[0].name] = name
            graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
            for node in neurons.comparisons:
                for position, read in enumerate(node.input):
                    if read == neurons.current:
                        node.input[position] = neurons.potential
            index = list(graph.node).index(neurons.comparisons[0])
            graph.node.insert(index, helper.make_node(
                "Add", [neurons.current, neurons.left], [neurons.potential]))
            graph.input.append(
                helper.make_tensor_value_info(neurons.left, TensorProto.FLOAT, None))
            graph.output.append(
                helper.make_tensor_value_info(neurons.potential, TensorProto.FLOAT, None))
        self._pools = {
            node.name or node.output[0]: node.output[0]
            for node in graph.node if node.op_type == "MaxPool"}
        for name in self._pools.values():
            graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))

    def pictures(self, pixels: np.ndarray) -> np.ndarray:
        """Bytes in the shape of the network's input; channels may lie one below the other."""
        return pixels.reshape(len(pixels), *self._shape)

    def tensor(self, node: str) -> str | None:
        """The tensor with the spikes of a layer, by the node that Spikelet names for it."""
        if node in self._spikes:
            return self._spikes[node]
        return self._pools.get(node)

    def step(self, pictures: np.ndarray, left: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """All outputs of one timestep; `left` has what is left of the potentials."""
        feeds = {self._input: pictures}
        for neurons in self.neurons.values():
            feeds[neurons.left] = left.get(neurons.left, np.zeros(1, np.float32))
        return dict(zip(self._names, self._session.run(None, feeds)))

    @property
    def frame(self) -> tuple[int, ...]:
        """The extents of what the network reads at a timestep."""
        return tuple(self._shape)

    def looks(self, pictures: np.ndarray):
        """The outputs of a look at the pictures, and of one at their mirror images."""
        for look in (pictures, np.ascontiguousarray(pictures[..., ::-1])):
            yield self.step(look, {})

    def run(self, pictures: np.ndarray, timesteps: int):
        """The outputs of each timestep, one after the other, of pictures that stay, or of frames
        (pictures, timesteps, …) that follow each other."""
        left: dict[str, np.ndarray] = {}
        has_frames = pictures.ndim == len(self._shape) + 2
        for step in range(timesteps):
            values = self.step(pictures[:, step] if has_frames else pictures, left)
            yield values
            if step + 1 < timesteps:
                for neurons in self.neurons.values():
                    left[neurons.left] = neurons.carried_on(values[neurons.potential])


def looks_twice(parameters: dict | None) -> bool:
    """Whether the second timestep looks at the mirror image."""
    return (parameters or {}).get("input", {}).get("looks") == "mirrored"


def worth(pixels: np.ndarray, parameters: dict | None) -> np.ndarray:
    """What pixels are worth to the network."""
    rule = {"scale": 255, "mean": [], "std": []} | (parameters or {}).get("input", {})
    values = pixels.astype(np.float64) / rule["scale"]
    shape = (1, -1, 1, 1)
    if rule["mean"]:
        values = values - np.reshape(rule["mean"], shape)
    if rule["std"]:
        values = values / np.reshape(rule["std"], shape)
    return values.astype(np.float32)


def digest(scores: np.ndarray, timesteps: int) -> str:
    """The digest that `spikelet eval --json` gives as scoresDigest: 64-bit FNV-1a."""
    words = np.concatenate([np.full((len(scores), 1), timesteps, "<i4"), scores], axis=1)
    value = 0xCBF29CE484222325
    for byte in words.astype("<i4").tobytes():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


@dataclass(frozen=True)
class Judgement:
    """What ONNX Runtime makes of labelled pictures."""

    predictions: np.ndarray
    correct: int
    scores: np.ndarray
    timesteps: int
    score_unit: float | None

    @property
    def digest(self) -> str | None:
        """The digest of all scores in the engine's unit, if they have one."""
        if self.score_unit is None:
            return None
        return digest(np.rint(self.scores / self.score_unit).astype(np.int32), self.timesteps)

    @property
    def error(self) -> float:
        """How far scores are from whole numbers of the engine's unit."""
        whole = self.scores / self.score_unit
        return float(np.abs(whole - np.rint(whole)).max())


def judge(
    network: Network, pixels: np.ndarray, labels: np.ndarray, timesteps: int | None = None,
    parameters: dict | None = None
) -> list[Judgement]:
    """Classifies pictures: by all timesteps, or by the first look and by both."""
    is_mirrored = looks_twice(parameters)
    timesteps = 2 if is_mirrored else timesteps or network.timesteps
    pictures = worth(network.pictures(pixels), parameters)
    found = []
    for first in range(0, len(pictures), BATCH):
        batch = pictures[first:first + BATCH]
        steps = network.looks(batch) if is_mirrored else network.run(batch, timesteps)
        scores = np.cumsum([values[network.output].astype(np.float64) for values in steps], axis=0)
        found.append(scores if is_mirrored else scores[-1:])
    ends = (1, 2) if is_mirrored else (timesteps,)
    return [judgement(scores, labels, end, network.score_unit)
            for scores, end in zip(np.concatenate(found, axis=1), ends)]


def judgement(
    scores: np.ndarray, labels: np.ndarray, timesteps: int, unit: float | None
) -> Judgement:
    """What scores say of labelled pictures."""
    predictions = scores.argmax(1).astype(np.uint8)
    correct = int((predictions == labels).sum())
    return Judgement(predictions, correct, scores, timesteps, unit)
