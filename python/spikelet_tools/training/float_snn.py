"""A float simulation of a converted network, from the ONNX file and its parameters alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from spikelet_tools.training.neurons import MakeNeurons, Neurons, SpikePool
from spikelet_tools.training.onnx_graph import (
    FIRING_OPERATORS,
    Graph,
    Node,
    evaluate,
    load_graph,
    window_of,
    with_relu_before_max_pool,
)

_KEEPS_CHANNELS = ("Identity", "Dropout", "Cast", "Relu")


@dataclass(frozen=True)
class LayerParameters:
    """One layer of the converted network: which node's values its spikes stand for."""

    index: int
    name: str
    node: str
    kind: str
    shape: tuple[int, ...]
    limits: tuple[float, ...] = ()
    initial_share: float = 0.0
    reset: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Parameters:
    """What `spikelet build --parameters` writes."""

    layers: tuple[LayerParameters, ...]
    scale: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    is_of_events: bool = False
    """Whether every timestep has a frame of its own."""

    @property
    def firing(self) -> tuple[LayerParameters, ...]:
        """The layers that have spikes."""
        return tuple(layer for layer in self.layers if layer.kind != "readOut")

    @property
    def read_out(self) -> LayerParameters:
        """The layer that gathers the scores."""
        return next(layer for layer in self.layers if layer.kind == "readOut")

    def pictures(self, pixels: Tensor, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """Bytes as the network's input: (pixel / scale − mean) / deviation."""
        x = pixels.to(dtype).reshape(len(pixels), *shape) / self.scale
        channels = (1, -1, *(1 for _ in shape[1:]))
        if self.mean:
            x = x - torch.tensor(self.mean, dtype=dtype).view(channels)
        if self.deviation:
            x = x / torch.tensor(self.deviation, dtype=dtype).view(channels)
        return x


def load_parameters(path: Path) -> Parameters:
    """Reads a parameters file; what is not simulated is refused."""
    content = json.loads(path.read_text())
    if content["format"] != 1:
        raise ValueError(f"{path.name}: format {content['format']}, needed 1")
    if content["input"]["mode"] not in ("direct", "events"):
        raise ValueError(f"{path.name}: {content['input']['mode']} input is not simulated")
    if content["readOut"] != "potential":
        raise ValueError(f"{path.name}: a {content['readOut']} read-out is not simulated")
    if any(item.get("leak", 1) != 1 for item in content["layers"]):
        raise ValueError(f"{path.name}: leaks are not simulated")
    layers = tuple(_layer(index, item) for index, item in enumerate(content["layers"]))
    source = content["input"]
    return Parameters(
        layers, source["scale"], tuple(source["mean"]), tuple(source["std"]),
        source["mode"] == "events")


def _layer(index: int, item: dict[str, object]) -> LayerParameters:
    layer = LayerParameters(index, item["name"], item["node"], item["kind"], tuple(item["shape"]))
    if layer.kind == "maxPool":
        return replace(layer, rule=item["rule"])
    limits = tuple(float(value) for value in item["lambda"])
    if layer.kind == "neurons" and (len(limits) != layer.shape[0] or min(limits) <= 0):
        raise ValueError(f"{layer.name}: needs one positive λ a channel")
    share = float(item["initialShare"])
    return replace(layer, limits=limits, initial_share=share, reset=item["reset"])


class Network:
    """A float network and the parameters of its conversion."""

    def __init__(self, path: Path, parameters: Parameters, dtype: torch.dtype) -> None:
        order = [layer.node for layer in parameters.firing]
        self.graph: Graph = with_relu_before_max_pool(load_graph(path, dtype), order)
        self.parameters = parameters
        self.dtype = dtype
        self.layers: dict[str, list[LayerParameters]] = {}
        for layer in parameters.firing:
            self.layers.setdefault(layer.node, []).append(layer)
        missing = self.layers.keys() - {node.label for node in self.graph.nodes}
        if missing:
            raise ValueError(f"{path.name} has no node {', '.join(sorted(missing))}")
        self.limits = self._limits()

    def _limits(self) -> dict[str, Tensor]:
        """λ, one a channel, of every value that consists of spikes."""
        limits: dict[str, Tensor] = {}
        for node in self.graph.nodes:
            layers = self.layers.get(node.label, [])
            if layers and layers[0].kind == "neurons":
                limits[node.output] = torch.tensor(layers[0].limits, dtype=self.dtype)
            elif (layers or node.operator in _KEEPS_CHANNELS) and node.inputs[0] in limits:
                limits[node.output] = limits[node.inputs[0]]
            elif node.operator == "Concat" and all(name in limits for name in node.inputs):
                limits[node.output] = torch.cat([limits[name] for name in node.inputs])
            self._check(node, layers, limits)
        return limits

    def limit(self, node: Node, x: Tensor) -> Tensor:
        """λ of a node's output, shaped to be combined with `x`."""
        return self.limits[node.output].view(1, -1, *(1 for _ in x.shape[2:]))

    @staticmethod
    def _check(node: Node, layers: list[LayerParameters], limits: dict[str, Tensor]) -> None:
        if node.operator in (*FIRING_OPERATORS, "MaxPool") and node.output not in limits:
            raise ValueError(f"{node.label}: has no layer in the parameters, or no spikes to pool")
        if layers and layers[0].kind == "neurons" and len(layers) > 1:
            raise ValueError(f"{node.label}: several layers of neurons are not simulated")

    def inputs_of(self, node: Node, values: dict[str, Tensor]) -> list[Tensor]:
        """The values and constants a node takes; names left empty are options not given."""
        constants = self.graph.constants
        return [values[n] if n in values else constants[n] for n in node.inputs if n]

    def current(self, node: Node, values: dict[str, Tensor]) -> Tensor:
        """What drives the neurons of a node: a rectifier's input, else the node's output."""
        inputs = self.inputs_of(node, values)
        return inputs[0] if node.operator in FIRING_OPERATORS else evaluate(node, inputs)

    def walk(self, pictures: Tensor, clip: bool = False) -> dict[str, Tensor]:
        """Every value of the float network; `clip` cuts activations off at λ."""
        values = {self.graph.input: pictures}
        for node in self.graph.nodes:
            x = evaluate(node, self.inputs_of(node, values))
            if clip and node.label in self.layers:
                x = torch.minimum(x, self.limit(node, x))
            values[node.output] = x
        return values

    def rates(self, pictures: Tensor, clip_before: bool) -> list[Tensor]:
        """What each firing layer's rate should come to: min(activation, λ) / λ.

        The activations are those of the network as it is, or with `clip_before` those of the
        network whose earlier activations are cut off at λ too.
        """
        values = self.walk(pictures, clip=clip_before)
        rates: dict[int, Tensor] = {}
        for node in self.graph.nodes:
            layers = self.layers.get(node.label, [])
            if layers:
                x = values[node.output]
                rates.update(split((x / self.limit(node, x)).clamp(0, 1), layers))
        return [rates[layer.index] for layer in self.parameters.firing]


def split(value: Tensor, layers: list[LayerParameters]) -> dict[int, Tensor]:
    """A node's value by layer: the channels of one after those of the other."""
    parts = value.split([layer.shape[0] for layer in layers], dim=1)
    return {
        layer.index: part.reshape(len(value), *layer.shape) for layer, part in zip(layers, parts)
    }


class SpikingNetwork:
    """The converted network for one batch of pictures, or of frames (pictures, timesteps, …)."""

    def __init__(self, network: Network, pictures: Tensor, make_neurons: MakeNeurons) -> None:
        self._network = network
        self._neurons: dict[str, Neurons] = {}
        self._pools: dict[str, SpikePool] = {}
        for label, layers in network.layers.items():
            if layers[0].kind == "neurons":
                self._neurons[label] = make_neurons(layers[0].reset, layers[0].initial_share)
        for node in network.graph.nodes:
            if node.label in network.layers and node.label not in self._neurons:
                rule = network.layers[node.label][0].rule
                self._pools[node.label] = SpikePool(rule, window_of(node.attributes))
        self.counts: dict[int, Tensor] = {}
        self.scores: Tensor | None = None
        self._frames = pictures if network.parameters.is_of_events else None
        self._timestep = 0
        self._constant: dict[str, Tensor] = {}
        if self._frames is None:
            self._constant[network.graph.input] = pictures
        self._constant_nodes = self._walk_constant_part()

    def _walk_constant_part(self) -> set[str]:
        """What depends on the picture alone is the same at every timestep."""
        network, known = self._network, self._constant
        done: set[str] = set()
        for node in network.graph.nodes:
            sources = [n for n in node.inputs if n and n not in network.graph.constants]
            if node.label not in network.layers and all(name in known for name in sources):
                known[node.output] = evaluate(node, network.inputs_of(node, known))
                done.add(node.output)
        return done

    def step(self) -> None:
        """One timestep."""
        network = self._network
        values = dict(self._constant)
        if self._frames is not None:
            values[network.graph.input] = self._frames[:, self._timestep]
        self._timestep += 1
        for node in network.graph.nodes:
            if node.output in self._constant_nodes:
                continue
            if node.label in network.layers:
                spikes = self._fire(node, values)
                values[node.output] = spikes * network.limit(node, spikes)
            else:
                values[node.output] = evaluate(node, network.inputs_of(node, values))
        scores = values[network.graph.output]
        self.scores = scores if self.scores is None else self.scores + scores

    def _fire(self, node: Node, values: dict[str, Tensor]) -> Tensor:
        network = self._network
        if node.label in self._neurons:
            current = network.current(node, values)
            spikes = self._neurons[node.label](current / network.limit(node, current))
        else:
            source = values[node.inputs[0]]
            spikes = self._pools[node.label]((source > 0).to(source.dtype))
        for index, part in split(spikes, network.layers[node.label]).items():
            self.counts[index] = self.counts[index] + part if index in self.counts else part
        return spikes
