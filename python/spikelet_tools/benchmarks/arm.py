"""Counts instructions on Arm in qemu: LiteRT's own aarch64 wheel and Spikelet, picture by picture.

LiteRT's are the difference of two runs with different numbers of invocations, so that Python and
the loading of the model fall out; they depend on the network and not on the picture. Spikelet's are
a mean over the first pictures of the test set, whose number of spikes differs.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from spikelet_tools.benchmarks.contest import Contest
from spikelet_tools.benchmarks.preparation import model
from spikelet_tools.checks.instruction_counting import (
    ALL,
    build_plugin,
    by_group,
    count_model,
    picture_count,
)
from spikelet_tools.deployments import find
from spikelet_tools.paths import CACHE
from spikelet_tools.processes import output, stop
from spikelet_tools.targets import BOARDS

PYTHON_ROOT = CACHE / "benchmarks" / "arm64"
PROCESSORS = ["cortex-a53", "cortex-a76"]
INVOCATIONS = (5, 25)
VARIANTS = {
    "LiteRT float": ("float.tflite", "xnnpack"),
    "LiteRT int8": ("int8.tflite", "xnnpack"),
    "LiteRT int8, built-in kernels": ("int8.tflite", "built-in"),
}
"""LiteRT's file and kernels, by the name in tables."""


def check_tools() -> None:
    """Ends where the arm64 Python is missing."""
    if not (PYTHON_ROOT / "usr" / "bin" / "python3.11").exists():
        stop(f"{PYTHON_ROOT} has no Python with LiteRT: Benchmarks/install-arm64 unpacks it", 2)


def executed(plugin: Path, processor: str, file: Path, invocations: int, kernels: str,
             work: Path) -> int:
    """Instructions of a whole run of Python with so many invocations."""
    everything, counts = work / "everything.symbols", work / "litert.counts"
    everything.write_text("0 everything\n")
    output("qemu-aarch64", "-cpu", processor,
           "-plugin", f"{plugin},symbols={everything},out={counts}", "-L", PYTHON_ROOT,
           PYTHON_ROOT / "usr" / "bin" / "python3.11", "-S",
           Path(__file__).with_name("arm_worker.py"), PYTHON_ROOT / "site", file, invocations,
           kernels,
           env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
                "OPENBLAS_NUM_THREADS": "1"})
    return sum(int(line.split()[1]) for line in counts.read_text().splitlines())


def count_litert(contest: Contest, folder: Path, plugin: Path, work: Path) -> dict[str, dict]:
    """Instructions of an inference on each processor."""
    found = {}
    for title, (file, kernels) in VARIANTS.items():
        found[title] = {}
        for processor in PROCESSORS:
            few, many = (executed(plugin, processor, folder / file, invocations, kernels, work)
                         for invocations in INVOCATIONS)
            found[title][processor] = round((many - few) / (INVOCATIONS[1] - INVOCATIONS[0]))
    return found


def count_ours(contest: Contest, folder: Path, plugin: Path, work: Path) -> dict[str, dict]:
    """Spikelet's instructions of an inference on each processor, a mean over pictures."""
    found = {}
    inputs = folder / "counted.idx"
    for ours in contest.ours:
        steps = ours.timesteps or find(ours.deployment).timesteps
        found[ours.key] = {}
        for processor in PROCESSORS:
            board = replace(BOARDS["aarch64"], processor=processor)
            phases = count_model(board, model(contest, ours), inputs, steps, plugin, work)
            total = sum(by_group(phases[ALL]).values())
            found[ours.key][processor] = round(total / picture_count(inputs))
    return found


def count(contest: Contest, folder: Path, work: Path) -> dict[str, dict]:
    """Every row of the table of instructions."""
    plugin = build_plugin(work, "qemu-aarch64")
    return (count_ours(contest, folder, plugin, work)
            | count_litert(contest, folder, plugin, work))
