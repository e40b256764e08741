"""Turns a trace into the ONNX file and the metadata that Spikelet reads."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from spikelet_tools.frameworks.layers import add_layer
from spikelet_tools.frameworks.rules import (
    MOST_LEVELS, Framework, MappingError, Neurons, checked, leak_entry, leak_multiplier,
)
from spikelet_tools.frameworks.tracing import Shape, Step, Trace, trace

OPSET, IR_VERSION = 17, 8


@dataclass
class Value:
    """What a step gives in the file: its name there, and what one of its units is worth.

    `levels` copies of the channels, one a whole threshold, are summed by whoever reads them.
    """

    name: str
    shape: Shape
    is_spikes: bool = False
    factor: float = 1.0
    levels: int = 1


@dataclass
class Exported:
    """A written file: where it is, a line a layer of neurons, and what was lost on the way."""

    path: Path
    timesteps: int
    layers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.path}: {self.timesteps} timesteps", *(f"  {line}" for line in self.layers)]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


class Writer:
    """The graph of a trace; collects everything that does not map."""

    def __init__(self, framework: Framework, steps: list[Step]) -> None:
        self.framework, self.steps = framework, steps
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.problems: list[str] = []
        self.properties: dict[str, str] = {}
        self.layers: list[str] = []
        self.values: dict[int, Value] = {0: Value("image", steps[0].shape)}

    def constant(self, name: str, values: Tensor) -> str:
        """A float32 initializer, by its name."""
        array = values.detach().cpu().to(torch.float64).numpy().astype(np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        """A node named as its output; gives that name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def refuse(self, step: Step, reason: str) -> None:
        """Notes that a step does not map."""
        what = f" ({type(step.module).__name__})" if step.module is not None else ""
        self.problems.append(f"'{step.name}'{what}: {reason}")

    def write(self, index: int, is_last: bool) -> None:
        """Adds one step, where all that it reads could be added."""
        step = self.steps[index]
        inputs = [self.values.get(source) for source in step.inputs]
        if any(value is None for value in inputs):
            return
        value = inputs[0]
        if step.kind == "flatten":
            name = self.node("Flatten", [value.name], f"flatten{index}", axis=1)
            self.values[index] = Value(
                name, (prod(step.shape),), value.is_spikes, value.factor, value.levels)
        elif step.kind == "neurons":
            self.neurons(index, value, is_last)
        elif step.kind == "layer":
            written = add_layer(self, step, value)
            if written is not None:
                self.values[index] = written
        elif step.kind == "add":
            self.add(index, inputs)
        elif step.kind == "membrane":
            self.refuse(step, "hands its potential on to a layer; only spikes can be")
        else:
            self.refuse(step, "is a function that has no counterpart")

    def add(self, index: int, inputs: list[Value]) -> None:
        """The sum of two branches."""
        a, b = inputs
        if a.shape != b.shape or (a.factor, a.levels) != (b.factor, b.levels):
            self.refuse(self.steps[index], "adds values of different shapes or scales")
            return
        name = self.node("Add", [a.name, b.name], f"add{index}")
        self.values[index] = Value(name, a.shape, False, a.factor, a.levels)

    def neurons(self, index: int, value: Value, is_last: bool) -> None:
        """Comparisons, their metadata, and the spikes side by side."""
        step = self.steps[index]
        reasons: list[str] = []
        neurons = self.framework.neurons(step.module, reasons)
        if not reasons:
            neurons = checked(neurons, reasons)
        if value.levels > 1:
            reasons.append("reads neurons that spike more than once a timestep without weights")
        for reason in reasons:
            self.refuse(step, reason)
        if reasons:
            # What comes after them is looked at all the same: problems are listed at once.
            self.values[index] = Value(f"{step.name}.refused", step.shape, True)
            return
        if neurons.threshold is None:
            self.potential(step, index, value, neurons, is_last)
            return
        thresholds = self.thresholds(step, value, neurons)
        if thresholds is None:
            return
        operator = "Greater" if neurons.strict else "GreaterOrEqual"
        entry = json.dumps({"leak": leak_entry(neurons.leak), "reset": neurons.reset})
        spikes = []
        for level in range(1, neurons.levels + 1):
            suffix = f".{level}" if neurons.levels > 1 else ""
            limit = self.constant(f"{step.name}.threshold{suffix}", thresholds * level)
            fired = self.node(operator, [value.name, limit], f"{step.name}.fire{suffix}")
            self.properties[f"spikelet.neurons.{fired}"] = entry
            spikes.append(
                self.node("Cast", [fired], f"{step.name}.spikes{suffix}", to=TensorProto.FLOAT))
        name = spikes[0]
        if len(spikes) > 1:
            name = self.node("Concat", spikes, f"{step.name}.spikes", axis=1)
        self.values[index] = Value(name, step.shape, True, 1.0, neurons.levels)
        self.layers.append(_description(step.name, neurons))

    def potential(
        self, step: Step, index: int, value: Value, neurons: Neurons, is_last: bool
    ) -> None:
        """The potentials that are the scores."""
        if not is_last:
            self.refuse(step, "never fires, which only the last layer can do")
            return
        if (leak := leak_entry(neurons.leak)) is not None:
            self.properties["spikelet.scores"] = json.dumps({"leak": leak})
        self.values[index] = value
        self.layers.append(_description(step.name, neurons))

    def thresholds(self, step: Step, value: Value, neurons: Neurons) -> Tensor | None:
        """The thresholds in units of the value, one or one a channel, shaped for it."""
        levels = neurons.threshold.detach().to(torch.float64) / value.factor
        channels, places = value.shape[0], len(value.shape) - 1
        if levels.dim() == len(value.shape) and levels.dim() > 1:
            flat = levels.reshape(levels.shape[0], -1)
            if bool((flat != flat[:, :1]).any()):
                self.refuse(step, "has a threshold for every position; needed one a channel")
                return None
            levels = flat[:, 0]
        levels = levels.flatten()
        if len(levels) > 1 and bool((levels == levels[0]).all()):
            levels = levels[:1]
        if len(levels) not in (1, channels):
            self.refuse(step, f"has {len(levels)} thresholds for {channels} channels")
            return None
        if neurons.levels > MOST_LEVELS:
            self.refuse(
                step, f"spikes up to {neurons.levels} times a timestep; at most {MOST_LEVELS}")
            return None
        return levels.reshape(1, -1, *[1] * places) if len(levels) > 1 else levels[0]


def _description(name: str, neurons: Neurons) -> str:
    multiplier, shift = leak_multiplier(neurons.leak)
    leak = f"leak {neurons.leak:.6g} as {multiplier}/2^{shift}"
    if neurons.threshold is None:
        return f"{name}: never fires, {leak if neurons.leak != 1 else 'no leak'}"
    low, high = float(neurons.threshold.min()), float(neurons.threshold.max())
    parts = [
        f"fires {'above' if neurons.strict else 'from'} {low:.6g}"
        + (f" to {high:.6g}" if high > low else ""),
        leak if neurons.leak != 1 else "no leak", f"reset {neurons.reset}",
    ]
    if neurons.levels > 1:
        parts.append(f"up to {neurons.levels} spikes a timestep")
    return f"{name}: {', '.join(parts)}"


def export(
    framework: Framework, network: nn.Module, example: Tensor, path: Path | str, timesteps: int,
    shape: Shape | None = None,
) -> Exported:
    """Writes `network` as ONNX for Spikelet.

    The scores are those of the last layer: of weights the sum over the timesteps, of neurons the
    number of spikes, of a potential that never fires its value at the last timestep.

    - example: a picture, or a batch, as `network` takes it; every timestep gets the same.
    - timesteps: how many were trained with, 1 to 65,535.
    - shape: of a picture, where the last dimensions of `example` do not say it.
    - raises MappingError: lists everything that Spikelet has no counterpart for.
    """
    if not 1 <= timesteps <= 65_535:
        raise MappingError([f"timesteps is {timesteps}, needed 1 to 65535"])
    path = Path(path)
    recorded = trace(framework, network, example, shape)
    writer = Writer(framework, recorded.steps)
    last = _scores(recorded, writer)
    exported = Exported(path, timesteps)
    if last is not None:
        for index in sorted(_needed(recorded, last) - {0}):
            writer.write(index, index == last)
        if last in writer.values:
            _finish(writer, writer.values[last], recorded.steps[last])
    if not writer.layers and not writer.problems:
        writer.problems.append("there are no neurons in it; calibrate networks with ReLU instead")
    if writer.problems:
        raise MappingError(writer.problems)
    properties = writer.properties | {"spikelet.timesteps": str(timesteps)}
    _save(writer, path, properties | {"framework": framework.title})
    exported.layers = writer.layers
    if timesteps == 1:
        exported.notes.append(
            "one timestep: neurons begin at rest and compare once, so that leaks, resets and all "
            "state are lost")
    return exported


def _scores(recorded: Trace, writer: Writer) -> int | None:
    """The last layer or neurons, which nothing else reads."""
    made = [i for i, step in enumerate(recorded.steps) if step.kind in ("layer", "neurons", "add")]
    if not made:
        writer.problems.append(
            "no layer has seen the example; the forward pass must hand it on as it is")
        return None
    read = {source for index in made for source in recorded.steps[index].inputs}
    ends = [index for index in made if index not in read and index not in _through(recorded, read)]
    if len(ends) > 1:
        names = ", ".join(f"'{recorded.steps[index].name}'" for index in ends)
        writer.problems.append(f"there is more than one output: {names}")
        return None
    return ends[0] if ends else made[-1]


def _through(recorded: Trace, read: set[int]) -> set[int]:
    """What is read through steps that are neither layers nor neurons."""
    found = set()
    for index in read:
        while recorded.steps[index].kind not in ("layer", "neurons", "add", "picture"):
            found |= set(recorded.steps[index].inputs)
            index = recorded.steps[index].inputs[0]
    return found


def _needed(recorded: Trace, last: int) -> set[int]:
    found, open_ = set(), [last]
    while open_:
        index = open_.pop()
        if index not in found:
            found.add(index)
            open_ += recorded.steps[index].inputs
    return found


def _finish(writer: Writer, value: Value, step: Step) -> None:
    """Names the scores; several spikes a timestep are added up."""
    if len(value.shape) != 1:
        writer.refuse(step, f"gives a map of {value.shape} as scores, needed a vector")
        return
    classes = value.shape[0]
    if value.levels > 1:
        ones = writer.constant("counts.weight", torch.eye(classes).repeat(1, value.levels))
        writer.node("Gemm", [value.name, ones], "scores", transB=1)
    else:
        writer.node("Identity", [value.name], "scores")


def _save(writer: Writer, path: Path, properties: dict[str, str]) -> None:
    shape, classes = writer.steps[0].shape, ["batch", None]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *shape])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, classes)
    model = helper.make_model(
        helper.make_graph(writer.nodes, path.stem, [image], [scores], writer.constants),
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
        producer_name="spikelet frameworks")
    helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
