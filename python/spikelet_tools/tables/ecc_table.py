"""Reproduces what Wu et al. 2022 vary in a conversion, on AlexNet for CIFAR-10.

Accuracy over 8 to 256 timesteps with and without their thresholding for residual elimination
(TRE, here the initial potential F/2), λ per layer or channel, at the maximum or a percentile, in
the weights or the thresholds (WN, TB), and weights of 7 to 16 bits; by the engine itself, on the
first test pictures. Rewrites the table in docs/cifar10.md and draws docs/ecc-alexnet.svg. A run
goes on from what --resume has kept.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.deployments import find
from spikelet_tools.markdown import Section, add_check_argument, grouped, head, row
from spikelet_tools.paths import CACHE, ROOT
from spikelet_tools.processes import build, evaluate, sweep
from spikelet_tools.progress import note
from spikelet_tools.tables.chart import write_chart

SECTION = Section("ecc", ROOT / "docs" / "cifar10.md")
CHART = ROOT / "docs" / "ecc-alexnet.svg"
DEPLOYMENT = "alexnet-cifar10"
TIMESTEPS = [8, 16, 32, 64, 128, 256]
PICTURES = 1000
OPERATIONS_AT = 64
LOWEST_DRAWN = 0.5

CHANNEL = {"granularity": "channel", "percentile": 99.5}
LAYER = {"granularity": "layer"}
MAXIMUM = {"percentile": 100}
NO_TRE = {"initialPotential": "zero"}
VARIANTS: dict[str, dict] = {
    "λ a channel, 99.5 %, TRE, 8 bits": {"conversion": CHANNEL},
    "without TRE": {"conversion": CHANNEL | NO_TRE},
    "λ a layer": {"conversion": LAYER},
    "λ the maximum": {"conversion": CHANNEL | MAXIMUM},
    "λ the maximum, a layer (the paper)": {"conversion": LAYER | MAXIMUM},
    "the same without TRE": {"conversion": LAYER | MAXIMUM | NO_TRE},
    "the same, in the thresholds (TB)": {
        "conversion": LAYER | MAXIMUM | {"normalization": "thresholds"}},
    "7 bits": {"conversion": CHANNEL, "quantization": {"weights": "int7"}},
    "9 bits": {"conversion": CHANNEL, "quantization": {"weights": "int9"}},
    "10 bits": {"conversion": CHANNEL, "quantization": {"weights": "int10"}},
    "16 bits": {"conversion": CHANNEL, "quantization": {"weights": "int16"}},
}


def measure(
    title: str, change: dict, folder: Path, resume: Path, options: list
) -> dict[int, dict]:
    """One variant: the points of its curve at the timesteps of the table."""
    note(f"{title} …")
    last = TIMESTEPS[-1]
    variant = find(DEPLOYMENT).write_variant(
        folder, change | {"maximumTimesteps": last}, without=("budgets", "board"))
    model = folder / "variant.spk"
    build(variant, model)
    kept = resume / f"{title.replace(' ', '_')}.json"
    points = sweep(model, "--timesteps", 1, "--fixed-timesteps", last, "--criteria", "count",
                   "--points", 2, "--resume", kept, *options)["points"]["fixed"]
    return {timesteps: points[timesteps - 1] for timesteps in TIMESTEPS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data, --limit, --resume and --check."""
    datasets.add_argument(parser)
    parser.add_argument("--limit", type=int, default=PICTURES, help="the first test pictures")
    parser.add_argument(
        "--resume", type=Path, default=CACHE / "ecc", help="a folder for what is done")
    add_check_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Measures every variant."""
    chosen = ["--dataset", "cifar10", "--limit", options.limit, *datasets.arguments(options)]
    options.resume.mkdir(parents=True, exist_ok=True)
    network = evaluate(find(DEPLOYMENT).folder, "--float", "--limit", options.limit,
                       *datasets.arguments(options))["accuracy"]
    lines = [f"The first {grouped(options.limit)} test pictures; the CNN has "
             f"{100 * network:.1f} % there.", ""]
    lines += head("conversion", *(f"T = {timesteps}" for timesteps in TIMESTEPS),
                  f"operations, T = {OPERATIONS_AT}")
    series = {}
    with tempfile.TemporaryDirectory() as folder:
        for title, change in VARIANTS.items():
            points = measure(title, change, Path(folder), options.resume, chosen)
            accuracies = {t: point["accuracy"] for t, point in points.items()}
            operations = points[OPERATIONS_AT]["synapticOperationsPerImage"]
            lines.append(row([title, *(f"{100 * a:.1f}" for a in accuracies.values()),
                              grouped(operations)]))
            series[title] = accuracies
    if not options.check:
        write_chart(CHART, "AlexNet for CIFAR-10: accuracy over timesteps", series, LOWEST_DRAWN)
    SECTION.conclude(lines, options.check, "ecc-table")
