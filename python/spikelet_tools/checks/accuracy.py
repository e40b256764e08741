"""Checks accuracy on the full test sets against the recorded figures, to the picture.

The engine gives the same bits on every machine, so the number of right predictions and the digest
of all scores must equal firmware-configs/expected-accuracy.json exactly; that float networks are
summed in one order makes their count reproducible too. `--update` records what was measured and
rewrites the tables in docs/results.md and docs/cifar10.md. AlexNet's longer runs are measured with
`--long` alone. Needs .build/release/spikelet.
"""

from __future__ import annotations

import argparse
import json

from spikelet_tools import datasets
from spikelet_tools.checks.accuracy_limits import (
    converted_failures,
    declines,
    event_failures,
    exit_failures,
    look_failures,
    single_failures,
)
from spikelet_tools.deployments import Deployment, all_deployments, find
from spikelet_tools.markdown import NONE, Section, grouped, head, percent, row, size
from spikelet_tools.paths import EXPECTED_ACCURACY, ROOT
from spikelet_tools.processes import evaluate, stop

SECTION = Section("accuracy")
EVENT_SECTION = Section("nmnist", ROOT / "docs" / "events.md")
CIFAR_SECTION = Section("accuracy", ROOT / "docs" / "cifar10.md")
CIFAR_EXIT_SECTION = Section("exits", ROOT / "docs" / "cifar10.md")
CIFAR_LOOK_SECTION = Section("looks", ROOT / "docs" / "cifar10.md")
FIGURES = ["correct", "scoresDigest", "synapticOperationsPerImage"]
SIZES = ["arenaBytes", "modelBytes"]
DETERMINISM = "lenet5-avg"


def say(name: str, figures: dict, more: str = "") -> None:
    """One line for what was measured."""
    print(f"{name}: {percent(figures['accuracy'])}{more}", flush=True)


def measure_converted(deployment: Deployment, data: list[str], long: bool) -> dict:
    """A converted network: as floats, and at several numbers of timesteps."""
    folder, name = deployment.folder, deployment.document["dataset"]
    result = {"float": evaluate(folder, "--float", *data)["correct"], "timesteps": {}}
    stops = sorted(declines(deployment.name, long))
    curve = evaluate(folder, "--after", ",".join(map(str, stops)), *data)
    for figures in curve["after"]:
        timesteps = figures["timesteps"]
        result["timesteps"][str(timesteps)] = {key: figures[key] for key in FIGURES}
        # The simulation of a large network takes hours.
        if timesteps == 16 and name == "mnist":
            alone = evaluate(folder, "--timesteps", timesteps, "--agreement", *data)
            result["floatAgreement"] = alone["floatAgreement"]
            if any(alone[key] != figures[key] for key in FIGURES):
                stop(f"{deployment.name}: runs that end and that go on differ at T = {timesteps}")
        for key in [*SIZES, "denseOperationsPerImage"]:
            result[key] = figures[key]
        say(f"{deployment.name} T={timesteps}", figures,
            f" (float {result['float'] / 100:.2f} %)")
    return result


def measure_exit(deployment: Deployment, converted: dict, data: list[str]) -> dict:
    """A deployment with a calibrated exit, beside the float network of the same ONNX file."""
    figures = evaluate(deployment.folder, "--without-comparison", *data)
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


def measure_looks(deployment: Deployment, data: list[str]) -> dict:
    """A network that looks at the mirror image, too: with its exit, and with one look and both."""
    figures = evaluate(deployment.folder, "--without-comparison", *data)
    say(deployment.name, figures, f" at {figures['meanTimesteps']:.2f} looks")
    after = evaluate(deployment.folder, "--after", "1,2", *data)["after"]
    return {"meanTimesteps": figures["meanTimesteps"], "rule": figures["exit"]["rule"],
            **{key: figures[key] for key in FIGURES + SIZES},
            "looks": {str(one["timesteps"]): {key: one[key] for key in FIGURES} for one in after}}


def measure_events(deployment: Deployment, data: list[str]) -> dict:
    """A network for recordings of events: with its exit, without, as floats and simulated."""
    folder = deployment.folder
    figures = evaluate(folder, "--agreement", *data)
    whole = evaluate(folder, "--exit", "none", "--agreement", *data)
    say(deployment.name, figures, f" after {figures['eventsPerDecision']:.0f} events and "
        f"{figures['millisecondsPerDecision']:.0f} ms; {percent(whole['accuracy'])} to the end")
    return {"float": evaluate(folder, "--float", *data)["correct"],
            "whole": {key: whole[key] for key in [*FIGURES, "floatCorrect"]},
            **{key: figures[key] for key in [
                *FIGURES, *SIZES, "floatCorrect", "meanTimesteps", "eventsPerDecision",
                "millisecondsPerDecision"]}}


def determinism_failures(data: list[str]) -> list[str]:
    """Scores depend on neither the number of jobs nor what was in the arena."""
    variants = [["--jobs", 1], ["--jobs", 2], ["--jobs", 3, "--arena-fill", 255]]
    folder = find(DETERMINISM).folder
    digests = {evaluate(folder, *variant, *data)["scoresDigest"] for variant in variants}
    print("scores with 1, 2 and 3 jobs, clean and dirty arenas: "
          + ("identical" if len(digests) == 1 else "DIFFERENT"))
    return [] if len(digests) == 1 else ["scores depend on the number of jobs or on the arena"]


def cifar_table(measured: dict) -> list[str]:
    """The networks for CIFAR-10, a row for each number of timesteps."""
    lines = head("network", "timesteps", "accuracy", "against its CNN", "synaptic operations",
                 "arena", "model")
    for name, result in measured.items():
        steps = result.get("timesteps", {"1": result})
        sizes = [size(result["arenaBytes"]), size(result["modelBytes"])]
        if "float" in result:
            lines.append(row([name, "CNN", f"{result['float'] / 100:.2f} %", NONE, NONE, NONE,
                              NONE]))
        for timesteps, figures in steps.items():
            decline = (f"{(figures['correct'] - result['float']) / 100:+.2f}"
                       if "float" in result else NONE)
            lines.append(row([name, timesteps, f"{figures['correct'] / 100:.2f} %", decline,
                              grouped(figures["synapticOperationsPerImage"]), *sizes]))
    return lines


def cifar_exit_table(exits: dict) -> list[str]:
    """The networks for CIFAR-10 that end early."""
    lines = head("network", "its CNN", "accuracy", "decline", "mean timesteps", "rule",
                 "synaptic operations")
    for name, result in exits.items():
        lines.append(row([
            name, f"{result['float'] / 100:.2f} %", f"{result['correct'] / 100:.2f} %",
            f"{(result['float'] - result['correct']) / 100:.2f}",
            f"{result['meanTimesteps']:.2f}", f"`{result['rule']}`",
            grouped(result["synapticOperationsPerImage"])]))
    return lines


def look_table(measured: dict) -> list[str]:
    """The networks that look at the mirror image, too."""
    lines = head("network", "looks", "accuracy", "synaptic operations", "arena")
    for name, result in measured.items():
        runs = {"1": result["looks"]["1"], "2": result["looks"]["2"],
                f"{result['meanTimesteps']:.2f}, by `{result['rule']}`": result}
        for looks, figures in runs.items():
            lines.append(row([name, looks, f"{figures['correct'] / 100:.2f} %",
                              grouped(figures["synapticOperationsPerImage"]),
                              size(result["arenaBytes"])]))
    return lines


def event_table(measured: dict) -> list[str]:
    """The networks for N-MNIST, with their exits and without."""
    lines = head("network", "float network", "right of 100", "its simulation", "timesteps",
                 "events", "milliseconds", "right without exit", "arena", "model")
    for name, result in measured.items():
        lines.append(row([
            name, str(result["float"]), str(result["correct"]), str(result["floatCorrect"]),
            f"{result['meanTimesteps']:.2f}", grouped(result["eventsPerDecision"]),
            f"{result['millisecondsPerDecision']:.0f}", str(result["whole"]["correct"]),
            size(result["arenaBytes"]), size(result["modelBytes"])]))
    return lines


def table(measured: dict) -> list[str]:
    """The converted networks for MNIST, a row each."""
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


def is_for_cifar(name: str) -> bool:
    """Whether a deployment is for CIFAR-10."""
    return find(name).document["dataset"] == "cifar10"


def with_recorded_runs(measured: dict, recorded: dict) -> dict:
    """A converted network's figures, with the recorded ones of runs that were not measured."""
    runs = recorded.get("timesteps", {}) | measured["timesteps"]
    return measured | {"timesteps": dict(sorted(runs.items(), key=lambda run: int(run[0])))}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data, --long and --update."""
    datasets.add_argument(parser)
    parser.add_argument("--long", action="store_true", help="AlexNet's longer runs, too")
    parser.add_argument("--update", action="store_true", help="record what was measured")
    parser.add_argument("names", nargs="*", metavar="NAME", help="deployments; default: all")


def measure(bundled: list[Deployment], recorded: dict, long: bool, data: list[str]) -> dict:
    """The figures of all these deployments, by name; the others' are the recorded ones."""
    measured = dict(recorded)
    for one in sorted(bundled, key=lambda one: one.has_exit):
        if one.reads_events:
            measured[one.name] = measure_events(one, data)
        elif one.is_converted and not one.has_exit:
            found = measure_converted(one, data, long)
            measured[one.name] = with_recorded_runs(found, recorded.get(one.name, {}))
        elif one.is_converted:
            measured[one.name] = measure_exit(one, measured, data)
        elif one.looks_twice:
            measured[one.name] = measure_looks(one, data)
        elif one.is_single:
            measured[one.name] = measure_single(one, data)
    return measured


def run(options: argparse.Namespace) -> None:
    """Measures everything, then compares or records."""
    data = datasets.arguments(options)
    recorded = json.loads(EXPECTED_ACCURACY.read_text(encoding="utf-8"))
    known = {one.name for one in all_deployments()}
    recorded = {name: figures for name, figures in recorded.items() if name in known}
    chosen = [find(name) for name in options.names] or all_deployments()
    measured = measure(in_recorded_order(chosen, recorded), recorded, options.long, data)
    deployments = in_recorded_order([find(name) for name in measured], recorded)
    events = {one.name: measured[one.name] for one in deployments if one.reads_events}
    pictures = [one for one in deployments if not one.reads_events]
    converted = {one.name: measured[one.name] for one in pictures
                 if one.is_converted and not one.has_exit}
    exits = {one.name: measured[one.name] for one in pictures
             if one.is_converted and one.has_exit}
    single = {one.name: measured[one.name] for one in pictures if one.is_single}
    looks = {one.name: measured[one.name] for one in pictures if one.looks_twice}
    failures = converted_failures(converted) + exit_failures(exits) + single_failures(single)
    failures += look_failures(looks) + event_failures(events)
    failures += [] if options.names else determinism_failures(data)
    measured = converted | exits | single | looks | events
    if options.update:
        EXPECTED_ACCURACY.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
        SECTION.write(
            table({name: one for name, one in converted.items() if not is_for_cifar(name)}))
        CIFAR_SECTION.write(cifar_table(
            {name: one for name, one in (converted | single).items() if is_for_cifar(name)}))
        CIFAR_EXIT_SECTION.write(cifar_exit_table(
            {name: one for name, one in exits.items() if is_for_cifar(name)}))
        CIFAR_LOOK_SECTION.write(look_table(looks))
        EVENT_SECTION.write(event_table(events))
        print(f"wrote {EXPECTED_ACCURACY.relative_to(ROOT)}, docs/results.md and docs/cifar10.md")
    elif recorded != measured:
        failures.append("the figures differ from firmware-configs/expected-accuracy.json; after a "
                        "change that is meant to change them, run scripts/tool accuracy --update")
    if failures:
        stop("\n".join(failures))
    print("accuracy as recorded")
