"""Prints the results of the networks of few timesteps, from the logs, as a table."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from spikelet_tools.markdown import row as line
from spikelet_tools.paths import TRAINING_LOGS

HEADER = (
    "| network | bits | K | T | held back | test | operations | of all | spike rates |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)


def results(directory: Path) -> list[dict[str, object]]:
    """Every exported network's last result, by name."""
    found: dict[str, dict[str, object]] = {}
    for path in sorted(directory.glob("*.jsonl"), key=_turn):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            if "network" in record:
                found[str(record["network"])] = record
    return [found[name] for name in sorted(found)]


def _turn(path: Path) -> tuple[bool, int, str]:
    """Logs in the order of training: a network, its tuning, its long tuning or its four bits."""
    return path.stem.endswith(("-long", "-int4")), len(path.stem), path.stem


def row(record: dict[str, object]) -> str:
    """One network's line; operations and rates are those of the test images."""
    part = "test" if "test_accuracy" in record else "held_back"
    busy, dense = record[f"{part}_synaptic_operations"], record["dense_synaptic_operations"]
    rates = " ".join(f"{rate:.0%}" for rate in record[f"{part}_spike_rates"])
    test = f"{record['test_accuracy']:.2%}" if part == "test" else "-"
    cells = [
        record["network"],
        record["bits"],
        record["thresholds"],
        record["timesteps"],
        f"{record['held_back_accuracy']:.2%}",
        test,
        f"{busy:,}",
        f"{busy / dense:.0%}",
        rates,
    ]
    return line(cells)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_: argparse.Namespace) -> None:
    """The table, as in training/README.md."""
    print("\n".join([*HEADER, *(row(record) for record in results(TRAINING_LOGS))]))
