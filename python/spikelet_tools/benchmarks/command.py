"""Compares Spikelet with LiteRT, ONNX Runtime, PyTorch, SpikingJelly and snnTorch, side by side.

The same networks on the same pictures, a thread each: times on this machine in interleaved rounds,
accuracy, sizes; instructions on Arm in qemu beside LiteRT's own wheel; the arena of TFLite Micro.
Writes Benchmarks/peers.json, and from it docs/benchmarks.md and the lines of README.md.

Needs Python 3.11 with the packages of Benchmarks/requirements.txt, the data sets, and for Arm
scripts/install-cross-tools and Benchmarks/install-arm64. --page and --check need nothing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.benchmarks import environment, page
from spikelet_tools.benchmarks.contest import CONTESTS
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import need, stop
from spikelet_tools.targets import BOARDS

RECORD = ROOT / "Benchmarks" / "peers.json"
PARTS = ["accuracy", "micro", "arm", "times"]
FEWEST_ROUNDS = 5
OPTIONS = {
    "accuracy": environment.host_options,
    "times": environment.host_options,
    "arm": lambda: " ".join(BOARDS["aarch64"].machine_options),
    "micro": lambda: "none",
}
"""What Spikelet was compiled with, beside the options of every release build."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Rounds, parts, and what is only written or compared."""
    parser.add_argument("--rounds", type=int, default=7, help="times each engine is timed; ≥ 5")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART",
                        help=f"measure only some of: {', '.join(PARTS)}; the record keeps the rest")
    names = [contest.name for contest in CONTESTS]
    parser.add_argument("--networks", nargs="+", choices=names, default=names, metavar="NETWORK",
                        help=f"measure only some of: {', '.join(names)}")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--page", action="store_true", help="write the page from the record")
    mode.add_argument("--check", action="store_true", help="compare the page with the record")
    datasets.add_argument(parser)


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses too few rounds."""
    if options.rounds < FEWEST_ROUNDS:
        parser.error(f"--rounds: {options.rounds}, needed {FEWEST_ROUNDS} or more")


def load() -> dict:
    """The record, or an empty one."""
    if RECORD.exists():
        return json.loads(RECORD.read_text(encoding="utf-8"))
    return {"about": "Written by `scripts/tool benchmarks`; docs/benchmarks.md is made of it.",
            "parts": {}, "contests": {}}


def measure(part: str, options: argparse.Namespace, folders: dict, work: Path) -> dict:
    """One part of the record, by contest."""
    from spikelet_tools.benchmarks import arm, host, micro

    found = {}
    for contest in (one for one in CONTESTS if one.name in options.networks):
        print(f"{contest.title}: {part}", flush=True)
        folder = folders[contest.name]
        if part == "accuracy":
            found[contest.name] = {"rows": host.accuracy(contest, folder, options.data),
                                   "sizes": host.sizes(contest, folder)}
        elif part == "times":
            found[contest.name] = {
                "rows": host.rounds(contest, folder, options.data, options.rounds),
                "rounds": options.rounds}
        elif part == "arm":
            found[contest.name] = arm.count(contest, folder, work)
        else:
            found[contest.name] = micro.arenas(folder)
    return found


def write(record: dict) -> None:
    """Writes the record."""
    RECORD.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def run(options: argparse.Namespace) -> None:
    """Measures and writes, or compares."""
    if options.page or options.check:
        if not RECORD.exists():
            stop(f"{RECORD.relative_to(ROOT)} is missing: scripts/tool benchmarks", 2)
        page.conclude(load(), options.check)
        return
    environment.check_packages()
    if "arm" in options.only:
        from spikelet_tools.benchmarks import arm

        need("qemu-aarch64", "aarch64-linux-gnu-gcc", "swiftc", "llvm-nm", "gcc", "make")
        arm.check_tools()
    from spikelet_tools.benchmarks.preparation import prepare

    folders = {contest.name: prepare(contest, options.data) for contest in CONTESTS
               if contest.name in options.networks}
    record = load()
    with tempfile.TemporaryDirectory() as folder:
        for part in options.only:
            found = measure(part, options, folders, Path(folder))
            record = load()
            record["parts"][part] = environment.stamp(OPTIONS[part]())
            for name, figures in found.items():
                record["contests"].setdefault(name, {})[part] = figures
            write(record)
    missing = [part for part in PARTS if part not in record["parts"]]
    if missing:
        print(f"the page needs {', '.join(missing)}, too; the record is written")
        return
    page.conclude(record, check=False)
