"""Measures what each conversion option costs or gains on LeNet-5, for the table of docs/results.md.

Builds variants of the bundled deployments in a temporary folder and evaluates each on the full
MNIST test set. With --check nothing is written; the table must be as it is.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.deployments import find
from spikelet_tools.markdown import Section, add_check_argument, grouped, head
from spikelet_tools.markdown import row as line
from spikelet_tools.processes import build, evaluate
from spikelet_tools.progress import note

SECTION = Section("options")
TIMESTEPS = [4, 8, 16, 64]
VARIANTS = [
    ("avg", "defaults", {}),
    ("avg", "λ per layer", {"conversion": {"granularity": "layer"}}),
    ("avg", "λ at the maximum", {"conversion": {"percentile": 100}}),
    ("avg", "threshold balancing", {"conversion": {"normalization": "thresholds"}}),
    ("avg", "initial potential 0", {"conversion": {"initialPotential": "zero"}}),
    ("avg", "hard reset", {"conversion": {"reset": "hard"}}),
    ("avg", "spiking average pool", {"conversion": {"averagePooling": "spiking"}}),
    ("avg", "int4 weights", {"quantization": {"weights": "int4"}}),
    ("avg", "int16 weights", {"quantization": {"weights": "int16"}}),
    ("avg", "int32 membranes", {"quantization": {"membranes": "int32"}}),
    ("avg", "count read-out", {"readOut": "count"}),
    ("avg", "rate input", {"input": {"mode": "rate"}}),
    ("avg", "Poisson input", {"input": {"mode": "poisson", "seed": 1}}),
    ("max", "defaults (count maximum)", {}),
    ("max", "gated max pool", {"conversion": {"maxPooling": "gated"}}),
    ("max-bn", "defaults (count maximum)", {}),
    ("max-bn", "gated max pool", {"conversion": {"maxPooling": "gated"}}),
]


def row(kind: str, title: str, change: dict, folder: Path, data: list[str]) -> str:
    """One variant's accuracies and sizes."""
    variant = find(f"lenet5-{kind}").write_variant(folder, change, without=("budgets", "board"))
    model = folder / "variant.spk"
    build(variant, model)
    results = [evaluate(model, "--dataset", "mnist", "--timesteps", timesteps, *data)
               for timesteps in TIMESTEPS]
    second = results[1]
    return line([kind, title, *(f"{result['accuracy'] * 100:.2f}" for result in results),
                 grouped(second["synapticOperationsPerImage"]), grouped(second["arenaBytes"]),
                 grouped(second["modelBytes"])])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data and --check."""
    datasets.add_argument(parser)
    add_check_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Measures every variant."""
    lines = head("network", "option", *(f"T = {timesteps}" for timesteps in TIMESTEPS),
                 "operations, T = 8", "arena", "model")
    with tempfile.TemporaryDirectory() as folder:
        for kind, title, change in VARIANTS:
            note(f"{kind}, {title} …")
            lines.append(row(kind, title, change, Path(folder), datasets.arguments(options)))
    SECTION.conclude(lines, options.check, "option-table")
