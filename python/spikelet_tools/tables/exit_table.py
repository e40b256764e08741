"""Sets the four LeNet-5 types of Chen et al. 2021, Table 1, beside the paper's rows.

Measures the deployments with a calibrated exit on the 10,000 MNIST test pictures, rewrites the
tables of docs/results.md between its markers and draws docs/<deployment>.svg. With --check nothing
is written; the tables must be as they are. The rules themselves were chosen by `spikelet calibrate`
on training pictures and lie in firmware-configs/<deployment>/exit.json.
"""

from __future__ import annotations

import argparse

from spikelet_tools import datasets
from spikelet_tools.deployments import find
from spikelet_tools.markdown import Section, add_check_argument, head, percent, row
from spikelet_tools.processes import evaluate, sweep
from spikelet_tools.progress import note

SECTION = Section("exits")
CRITERIA = ["count", "margin", "stable", "margin-per-step"]
FIXED = 64
# The paper's rows (PMC8558256, Table 1): accuracy, decline against its CNN, mean timesteps, ratio
# against its baseline at the same accuracy.
TYPES = {
    "lenet5-avg-exit": ("average / analog", (98.50, 0.06, 24, 1.88)),
    "lenet5-avg-poisson-exit": ("average / Poisson", (98.48, 0.08, 27, 1.48)),
    "lenet5-max-exit": ("max / analog", (97.91, 0.74, 30, 1.97)),
    "lenet5-avg-bn-exit": ("average, batch norm / analog", (98.73, 0.09, 70, 1.39)),
}


def first(points: list[dict], accuracy: float) -> int | None:
    """The first fixed number of timesteps that is at least as accurate."""
    return next((t for t, point in enumerate(points, 1) if point["accuracy"] >= accuracy), None)


def measure(name: str, data: list[str], picture: str | None) -> dict:
    """One deployment: its own exit, every criterion, fixed timesteps and the oracle."""
    deployment = find(name)
    folder, calibration = deployment.folder, deployment.exit_calibration
    note(f"{name} …")
    rows = {}
    for criterion in CRITERIA:
        rule = calibration["criteria"][criterion]["rule"]
        result = evaluate(folder, "--exit", rule, *data)
        rows[criterion] = {"rule": rule, "accuracy": result["accuracy"],
                           "mean": result["meanTimesteps"]}
    drawing = ["--svg", picture] if picture else []
    points = sweep(folder, "--fixed-timesteps", FIXED, *data, *drawing)["points"]
    return {"float": evaluate(folder, "--float", *data)["accuracy"],
            "own": evaluate(folder, *data), "rows": rows, "fixed": points["fixed"],
            "oracle": points["oracle"][0]}


def main_table(measured: dict) -> list[str]:
    """The paper's rows and ours."""
    lines = head("type", "", "accuracy", "decline against its CNN", "mean timesteps",
                 "fixed T as accurate: ratio", "fixed T at full accuracy: ratio",
                 "operations saved")
    for name, (title, paper) in TYPES.items():
        result = measured[name]
        exit_ = result["own"]["exit"]
        accuracy, mean = exit_["accuracy"], exit_["meanTimesteps"]
        same = first(result["fixed"], accuracy)
        full = first(result["fixed"], result["fixed"][-1]["accuracy"])
        lines.append(row([
            title, "paper", f"{paper[0]:.2f} %", f"{paper[1]:.2f}", paper[2],
            f"{paper[2] * paper[3]:.0f}: {paper[3]:.2f}", "", ""]))
        lines.append(row([
            "", "**Spikelet**", percent(accuracy), f"{(result['float'] - accuracy) * 100:.2f}",
            f"**{mean:.2f}**", f"{same}: {same / mean:.2f}" if same else f"none up to {FIXED}",
            f"{full}: {full / mean:.1f}", percent(exit_["savedOperations"], 1)]))
    return lines


def criteria_table(measured: dict) -> list[str]:
    """What each criterion reaches, and what an oracle would."""
    lines = head("type", *CRITERIA, "oracle")
    for name, (title, _) in TYPES.items():
        result = measured[name]
        cells = [f"{percent(found['accuracy'])} at {found['mean']:.2f}"
                 + (f" (`{found['rule']}`)" if len(found["rule"]) < 24 else "")
                 for found in result["rows"].values()]
        oracle = result["oracle"]
        lines.append(row([title, *cells, f"{percent(oracle['accuracy'])} at "
                                         f"{oracle['meanTimesteps']:.2f}"]))
    return lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data and --check."""
    datasets.add_argument(parser)
    add_check_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Measures the four types."""
    data = datasets.arguments(options)
    pictures = {name: None if options.check else f"docs/{name}.svg" for name in TYPES}
    measured = {name: measure(name, data, picture) for name, picture in pictures.items()}
    lines = [*main_table(measured), "", *criteria_table(measured)]
    SECTION.conclude(lines, options.check, "exit-table")
