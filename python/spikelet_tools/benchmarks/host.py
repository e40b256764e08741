"""Times every engine on this machine, in interleaved rounds, and counts what each gets right."""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
from pathlib import Path

from spikelet_tools.benchmarks.contest import Contest, Ours, Peer
from spikelet_tools.benchmarks.preparation import labelled, model
from spikelet_tools.paths import ROOT, TOOL
from spikelet_tools.processes import evaluate, inspect, output
from spikelet_tools.progress import ProgressBar

THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
MEASURED = ("p50Nanoseconds", "p90Nanoseconds")
LONG = 500_000
"""Nanoseconds from which a busy machine interrupts most inferences of a process."""


def settled(figures: dict) -> dict[str, int]:
    """What a process took in a round.

    Of long inferences the processor's time is taken where it is less than the clock's, so that slow
    engines do not look slower for being interrupted more.
    """
    found = {name: figures[name] for name in MEASURED}
    for name in MEASURED:
        other = figures.get(name.replace("Nanoseconds", "ProcessorNanoseconds"))
        if figures["p50Nanoseconds"] >= LONG and other:
            found[name] = min(found[name], other)
    return found


def worker(peer: Peer, folder: Path, count: int, repeats: int) -> dict:
    """The figures of another engine, from a process of its own."""
    environment = os.environ | THREADS | {"PYTHONPATH": str(ROOT / "python"),
                                          "TF_CPP_MIN_LOG_LEVEL": "3"}
    text = output(sys.executable, "-W", "ignore", "-m", "spikelet_tools.benchmarks.worker",
                  peer.name, folder, folder / "pictures.npy", folder / "labels.npy",
                  count, repeats, env=environment)
    return json.loads(text.splitlines()[-1])


def bench(contest: Contest, ours: Ours, data: Path, repeats: int) -> tuple[dict, float]:
    """The figures of `spikelet bench`, and the processor's time that all of it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = output(TOOL, "bench", model(contest, ours), "--dataset", contest.dataset, "--data", data,
                  "--limit", contest.timed, "--repeats", repeats, *ours.options, "--json", "-")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(text), (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def timed(contest: Contest, ours: Ours, data: Path) -> dict:
    """Spikelet's figures; of long inferences also the processor's time, a mean.

    That is what further inferences add to the time of the whole process, about a second's worth.
    """
    figures, spent = bench(contest, ours, data, contest.repeats)
    p50 = figures["p50Nanoseconds"]
    if p50 >= LONG:
        further = 1 + 1_000_000_000 // (p50 * contest.timed)
        _, more = bench(contest, ours, data, contest.repeats + further)
        figures["p50ProcessorNanoseconds"] = round(
            1e9 * max(0, more - spent) / (further * contest.timed))
    return figures


def rounds(contest: Contest, folder: Path, data: Path, count: int) -> dict[str, dict]:
    """Every engine once a round; what each took in each of them."""
    rows: dict[str, dict] = {}
    bar = ProgressBar(f"timing {contest.title}",
                      count * (len(contest.ours) + len(contest.peers)))
    for turn in range(count):
        for index, entry in enumerate([*contest.ours, *contest.peers]):
            if isinstance(entry, Ours):
                figures = timed(contest, entry, data)
            else:
                repeats = contest.slow_repeats if entry.spiking else contest.repeats
                figures = worker(entry, folder, contest.timed, repeats)
            row = rows.setdefault(entry.key, {"rounds": []})
            row["rounds"].append(settled(figures))
            row["peakMemoryBytes"] = max(row.get("peakMemoryBytes", 0), figures["peakMemoryBytes"])
            for name in ("meanTimesteps", "arenaBytes", "memoryBeforeBytes"):
                if name in figures:
                    row[name] = figures[name]
            bar.update(turn * (len(contest.ours) + len(contest.peers)) + index + 1)
    bar.clear()
    for row in rows.values():
        for name in MEASURED:
            row[f"best{name[0].upper()}{name[1:]}"] = min(one[name] for one in row["rounds"])
        row["medianP50Nanoseconds"] = statistics.median(
            one["p50Nanoseconds"] for one in row["rounds"])
    return rows


def sizes(contest: Contest, folder: Path) -> dict[str, dict]:
    """What each engine reads: the bytes of its model."""
    found = {}
    for ours in contest.ours:
        summary = inspect(model(contest, ours))
        found[ours.key] = {"modelBytes": model(contest, ours).stat().st_size,
                           "arenaBytes": summary["arenaBytes"]}
    for peer in contest.peers:
        if peer.file.endswith(("tflite", "onnx")):
            found[peer.key] = {"modelBytes": (folder / peer.file).stat().st_size}
    return found


def accuracy(contest: Contest, folder: Path, data: Path) -> dict[str, dict]:
    """How many of the first pictures, and of all, each engine gets right."""
    everything = len(labelled(contest, data, "test")[1])
    counts = sorted({contest.judged, everything})
    found: dict[str, dict] = {}
    bar = ProgressBar(f"judging {contest.title}", len(contest.ours) + len(contest.peers))
    for index, entry in enumerate([*contest.ours, *contest.peers]):
        if isinstance(entry, Ours):
            right = {count: evaluate(model(contest, entry), "--dataset", contest.dataset, "--data",
                                     data, "--limit", count, "--jobs", 1, *entry.options)["correct"]
                     for count in counts}
        else:
            limit = contest.judged if entry.spiking else everything
            flags = worker(entry, folder, limit, 0)["right"]
            right = {count: sum(flags[:count]) for count in counts if count <= limit}
        found[entry.key] = {"correct": {str(count): number for count, number in right.items()}}
        bar.update(index + 1)
    bar.clear()
    return found
