"""Checks accuracy on the full test sets against the recorded figures, to the picture.

The engine gives the same bits on every machine, so the number of right predictions and the digest
of all scores must equal firmware-configs/expected-accuracy.json exactly; that float networks are
summed in one order makes their count reproducible too. `--update` records what was measured and
rewrites the table in docs/results.md. Needs .build/release/spikelet.
"""

from __future__ import annotations

import argparse
import json

from spikelet_tools import datasets
from spikelet_tools.checks.accuracy_limits import (
    DECLINE,
    converted_failures,
    exit_failures,
    single_failures,
)
from spikelet_tools.deployments import Deployment, all_deployments, find
from spikelet_tools.markdown import Section, grouped, head, percent, row, size
from spikelet_tools.paths import EXPECTED_ACCURACY, ROOT
from spikelet_tools.processes import evaluate, stop

SECTION = Section("accuracy")
FIGURES = ["correct", "scoresDigest", "synapticOperationsPerImage"]
SIZES = ["arenaBytes", "modelBytes"]
DETERMINISM = "lenet5-avg"


def say(name: str, figures: dict, more: str = "") -> None:
    """One line for what was measured."""
    print(f"{name}: {percent(figures['accuracy'])}{more}", flush=True)


def measure_converted(deployment: Deployment, data: list[str]) -> dict:
    """A converted network: as floats, and at several numbers of timesteps."""
    folder = deployment.folder
    result = {"float": evaluate(folder, "--float", *data)["correct"], "timesteps": {}}
    for timesteps in DECLINE:
        agreement = ["--agreement"] if timesteps == 16 else []
        figures = evaluate(folder, "--timesteps", timesteps, *agreement, *data)
        result["timesteps"][str(timesteps)] = {key: figures[key] for key in FIGURES}
        if timesteps == 16:
            result["floatAgreement"] = figures["floatAgreement"]
        for key in [*SIZES, "denseOperationsPerImage"]:
            result[key] = figures[key]
        say(f"{deployment.name} T={timesteps}", figures,
            f" (float {result['float'] / 100:.2f} %)")
    return result


def measure_exit(deployment: Deployment, converted: dict, data: list[str]) -> dict:
    """A deployment with a calibrated exit, beside the float network of the same ONNX file."""
    figures = evaluate(deployment.folder, *data)
    say(deployment.name, figures, f" at {figures['meanTimesteps']:.2f} timesteps")
    return {"float": converted[deployment.owner]["float"], "correct": figures["correct"],
            "meanTimesteps": figures["meanTimesteps"], "rule": figures["exit"]["rule"],
            "scoresDigest": figures["scoresDigest"],
            "synapticOperationsPerImage": figures["synapticOperationsPerImage"]}


def measure_single(deployment: Deployment, data: list[str]) -> dict:
    """A network that was trained for one timestep."""
    figures = evaluate(deployment.folder, *data)
    say(deployment.name, figures)
    return {key: figures[key] for key in FIGURES + SIZES}


def determinism_failures(data: list[str]) -> list[str]:
    """Scores depend on neither the number of jobs nor what was in the arena."""
    variants = [["--jobs", 1], ["--jobs", 2], ["--jobs", 3, "--arena-fill", 255]]
    folder = find(DETERMINISM).folder
    digests = {evaluate(folder, *variant, *data)["scoresDigest"] for variant in variants}
    print("scores with 1, 2 and 3 jobs, clean and dirty arenas: "
          + ("identical" if len(digests) == 1 else "DIFFERENT"))
    return [] if len(digests) == 1 else ["scores depend on the number of jobs or on the arena"]


def table(measured: dict) -> list[str]:
    """The converted networks, a row each."""
    lines = head("network", "float CNN", "T = 4", "T = 8", "T = 16", "T = 64",
                 "same class as the float simulation, T = 16", "synaptic operations, T = 8",
                 "arena", "model")
    for name, result in measured.items():
        cells = [f"{figures['correct'] / 100:.2f} % "
                 f"({(figures['correct'] - result['float']) / 100:+.2f})"
                 for figures in result["timesteps"].values()]
        operations = grouped(result["timesteps"]["8"]["synapticOperationsPerImage"])
        lines.append(row([name, f"{result['float'] / 100:.2f} %", *cells,
                          percent(result["floatAgreement"]), operations,
                          size(result["arenaBytes"]), size(result["modelBytes"])]))
    return lines


def in_recorded_order(deployments: list[Deployment], recorded: dict) -> list[Deployment]:
    """As the recorded figures list them, then those that are new."""
    order = list(recorded)
    return sorted(deployments, key=lambda deployment: (
        order.index(deployment.name) if deployment.name in order else len(order)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data and --update."""
    datasets.add_argument(parser)
    parser.add_argument("--update", action="store_true", help="record what was measured")


def run(options: argparse.Namespace) -> None:
    """Measures everything, then compares or records."""
    data = datasets.arguments(options)
    recorded = json.loads(EXPECTED_ACCURACY.read_text(encoding="utf-8"))
    bundled = in_recorded_order(all_deployments(), recorded)
    converted = {one.name: measure_converted(one, data) for one in bundled
                 if one.is_converted and not one.has_exit}
    exits = {one.name: measure_exit(one, converted, data) for one in bundled
             if one.is_converted and one.has_exit}
    single = {one.name: measure_single(one, data) for one in bundled if one.is_single}
    failures = (converted_failures(converted) + exit_failures(exits) + single_failures(single)
                + determinism_failures(data))
    measured = converted | exits | single
    if options.update:
        EXPECTED_ACCURACY.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
        SECTION.write(table(converted))
        print(f"wrote {EXPECTED_ACCURACY.relative_to(ROOT)} and docs/results.md")
    elif recorded != measured:
        failures.append("the figures differ from firmware-configs/expected-accuracy.json; after a "
                        "change that is meant to change them, run scripts/tool accuracy --update")
    if failures:
        stop("\n".join(failures))
    print("accuracy as recorded")
