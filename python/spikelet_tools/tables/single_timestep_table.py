"""Measures the networks of one timestep and rewrites their tables in docs/results.md.

Every deployment with a network of few timesteps is run on the whole test set of its data set by the
engine; sizes and operations are those of `spikelet inspect`. With --check nothing is written; the
tables must be as they are.
"""

from __future__ import annotations

import argparse

from spikelet_tools import datasets
from spikelet_tools.deployments import exists, find
from spikelet_tools.markdown import (
    NONE,
    Section,
    add_check_argument,
    grouped,
    head,
    percent,
    row,
    size,
)
from spikelet_tools.processes import evaluate, inspect
from spikelet_tools.progress import note

SECTION = Section("single timestep")
SETS = {"mnist": "MNIST", "fashion": "Fashion-MNIST"}
KINDS = {"lenet5-iir": "LeNet-5, one threshold", "lenet5-dt": "LeNet-5, two thresholds",
         "lenet5-dt3": "LeNet-5, three thresholds",
         "lenet5-maxpool": "LeNet-5, max pools",
         "lenet5-poolfirst": "LeNet-5, pools before thresholds", "vgg4": "VGG4"}
# The stages of the ladder to one timestep, run without and with an exit.
LADDER = [5, 3, 2, 1]
# What a spike costs in training (training/single_timestep.py of this package), by the name's end.
PENALTIES = {"": 0, "-sparse1": 0.03, "-sparse2": 0.1, "-sparse3": 0.3}


def measure(name: str, data: list[str]) -> dict | None:
    """Figures and sizes of a deployment, if there is one of this name."""
    if not exists(name):
        return None
    note(f"{name} …")
    folder = find(name).folder
    return evaluate(folder, "--rates", *data) | {"inspect": inspect(folder)}


def measure_kinds(data: list[str]) -> dict:
    """Every kind of network on every data set, with weights of eight and of four bits."""
    measured = {}
    for kind in KINDS:
        for name in SETS:
            for bits, suffix in ((8, ""), (4, "-int4")):
                figures = measure(f"{kind}-{name}{suffix}", data)
                if figures is not None:
                    measured[kind, name, bits] = figures
    return measured


def convolutions(figures: dict) -> dict:
    """Weights, operations and accumulator bytes of the convolution layers alone."""
    layers = [layer for layer in figures["inspect"]["layers"] if layer["kind"] == "convolution"]
    return {
        "weights": sum(layer["weights"] for layer in layers),
        "operations": sum(layer["denseOperations"] for layer in layers),
        "accumulators": sum(layer["neurons"] for layer in layers),
    }


def rates(figures: dict) -> str:
    """The share of neurons that fire, layer by layer."""
    return " ".join(f"{100 * layer['rate']:.0f}" for layer in figures["spikeRates"])


def main_table(measured: dict) -> list[str]:
    """Every network that was measured."""
    lines = head("network", "data set", "weights", "accuracy", "synaptic operations",
                 "multiplications of pixels", "dense operations", "arena", "model",
                 "spike rates, %")
    for (kind, data, bits), figures in measured.items():
        lines.append(row([
            KINDS[kind], SETS[data], f"int{bits}", percent(figures["accuracy"]),
            grouped(figures["synapticOperationsPerImage"]),
            grouped(figures["multiplyAccumulatesPerImage"]),
            grouped(figures["denseOperationsPerImage"]), size(figures["arenaBytes"]),
            size(figures["modelBytes"]), rates(figures)]))
    return lines


def dual_table(measured: dict) -> list[str]:
    """What more thresholds save in the convolutions, and cost in accuracy."""
    lines = head("convolutions", "weights", "operations", "accumulators", "MNIST", "Fashion-MNIST")
    plain = {data: measured.get(("lenet5-iir", data, 8)) for data in SETS}
    reference = convolutions(plain["mnist"])
    for kind in ["lenet5-iir", "lenet5-dt", "lenet5-dt3"]:
        results = {data: measured.get((kind, data, 8)) for data in SETS}
        if results["mnist"] is None:
            continue
        cells = [f"{value:,} ({percent(value / reference[key], 0)})"
                 for key, value in convolutions(results["mnist"]).items()]
        for data, result in results.items():
            if result is None or plain[data] is None:
                cells.append(NONE)
                continue
            change = 100 * (result["accuracy"] - plain[data]["accuracy"])
            cells.append(f"{percent(result['accuracy'])} ({change:+.2f})")
        lines.append(row([KINDS[kind], *cells]))
    return lines


def sparse_table(measured: dict, data: list[str]) -> list[str]:
    """What a penalty on spikes saves and costs."""
    lines = head("penalty", "MNIST", "synaptic operations", "spike rates, %", "Fashion-MNIST",
                 "synaptic operations", "spike rates, %")
    for suffix, penalty in PENALTIES.items():
        cells = []
        for name in SETS:
            figures = (measured.get(("lenet5-iir", name, 8)) if penalty == 0
                       else measure(f"lenet5-iir-{name}{suffix}", data))
            cells += ([NONE] * 3 if figures is None else
                      [percent(figures["accuracy"]),
                       grouped(figures["synapticOperationsPerImage"]), rates(figures)])
        lines.append(row([f"{penalty:g}", *cells]))
    return lines


def ladder_cells(name: str, data: list[str]) -> list[str]:
    """One stage on one data set: all timesteps, and stopped by its exit."""
    if not exists(name):
        return [NONE] * 3
    folder = find(name).folder
    full, own = evaluate(folder, "--exit", "none", *data), evaluate(folder, *data)
    cells = [percent(full["accuracy"])]
    if "exit" not in own:
        return cells + [NONE] * 2
    return cells + [percent(own["accuracy"]), f"{own['meanTimesteps']:.2f}"]


def ladder_table(data: list[str]) -> list[str]:
    """The stages of the ladder."""
    lines = head("trained at", "MNIST", "with its exit", "mean timesteps", "Fashion-MNIST",
                 "with its exit", "mean timesteps")
    for steps in LADDER:
        suffix = f"-t{steps}" if steps > 1 else ""
        cells = [cell for name in SETS for cell in ladder_cells(f"lenet5-iir-{name}{suffix}", data)]
        lines.append(row([f"T = {steps}", *cells]))
    return lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data and --check."""
    datasets.add_argument(parser)
    add_check_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Measures all networks."""
    data = datasets.arguments(options)
    measured = measure_kinds(data)
    lines = [*main_table(measured), "", *dual_table(measured), "", *ladder_table(data), "",
             *sparse_table(measured, data)]
    SECTION.conclude(lines, options.check, "single-timestep-table")
