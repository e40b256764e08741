"""Runs an exported file in double precision, as its metadata say: the judge of the mapping.

Nothing is rounded but leaks, to the multipliers that the file names, so that a network whose leaks
are such numbers gives the spikes of its framework.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor

from spikelet_tools.training.onnx_graph import evaluate, load_graph

COMPARISONS = {"Greater": torch.gt, "GreaterOrEqual": torch.ge}


@dataclass
class Simulated:
    """Scores (batch, classes), and every comparison's spikes, a tensor a timestep."""

    scores: Tensor
    spikes: dict[str, list[Tensor]]


def _factor(leak: dict[str, int] | None) -> float:
    return leak["multiplier"] / 2 ** leak["shift"] if leak else 1.0


def simulate(path: Path, pictures: Tensor, timesteps: int | None = None) -> Simulated:
    """What the file computes of pictures (batch, …) after its timesteps, or some others."""
    graph = load_graph(path, torch.float64)
    properties = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    steps = timesteps or int(properties["spikelet.timesteps"])
    kept = _factor(json.loads(properties.get("spikelet.scores", "{}")).get("leak"))
    potentials: dict[str, Tensor] = {}
    spikes: dict[str, list[Tensor]] = {}
    scores = torch.zeros((), dtype=torch.float64)
    for _ in range(steps):
        values = graph.constants | {graph.input: pictures.double()}
        subtracted: dict[str, Tensor] = {}
        rules: dict[str, dict] = {}
        for node in graph.nodes:
            inputs = [values[name] for name in node.inputs]
            if node.operator not in COMPARISONS:
                values[node.output] = evaluate(node, inputs)
                continue
            source, threshold = node.inputs[0], inputs[1]
            if source not in rules:
                potentials[source] = potentials.get(source, 0) + inputs[0]
                rules[source] = json.loads(properties[f"spikelet.neurons.{node.label}"])
                subtracted[source] = torch.zeros_like(potentials[source])
            fired = COMPARISONS[node.operator](potentials[source], threshold).double()
            values[node.output] = fired
            spikes.setdefault(node.label, []).append(fired)
            # Thresholds ascend: the largest one that was crossed counts.
            subtracted[source] = torch.maximum(subtracted[source], fired * threshold)
        for source, rule in rules.items():
            potentials[source] = _settled(potentials[source], subtracted[source], rule)
        scores = scores * kept + values[graph.output]
    return Simulated(scores, spikes)


def _settled(potential: Tensor, subtracted: Tensor, rule: dict) -> Tensor:
    leak = _factor(rule["leak"])
    if rule["reset"] == "subtract-after-leak":
        return leak * potential - subtracted
    if rule["reset"] == "zero":
        potential = potential * (subtracted == 0)
    elif rule["reset"] == "subtract":
        potential = potential - subtracted
    return leak * potential
