"""Counts small networks and finds what each piece of a kernel's work costs in instructions.

Without options it compares the estimates of `spikelet inspect --explain` with what is counted,
network by network. `--update` fits new prices and writes CostTable+TARGET.swift; build the tool
again then. The networks are of one layer each, run at firing rates from 0 to 100 %
(python/spikelet_tools/cost); none of them is a bundled one, which `scripts/tool instructions`
checks the estimates with.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from spikelet_tools.checks.instruction_counting import (
    ALL,
    by_group,
    build_plugin,
    count_model,
)
from spikelet_tools.cost.fit import fit
from spikelet_tools.cost.sample_sets import all_samples
from spikelet_tools.cost.samples import Sample
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import need, spikelet
from spikelet_tools.targets import COUNTED

TABLES = ROOT / "Sources" / "SpikeletCompiler" / "Cost"
PICTURES = 2

# Which counted groups the pieces of work of a kind are in; what is in none is "rest".
KINDS = {
    # Of its own: beside what spikes cost, its errors would not be seen.
    "first layer": ({"first"}, {"first layer"}),
    # Divisions are calls on 32-bit Arm, those of the first layer ("divide") too.
    "synapses": ({"gather", "list", "scatter", "divide"}, {"gather", "synapses", "division"}),
    "neurons": ({"neurons"}, {"neurons"}),
    "pool": ({"pool"}, {"pooling"}),
    "encode": ({"encode"}, {"encoding"}),
    "rest": ({"rest"}, {"engine", "loader", "memory", "read-out", "other", "texts"}),
}


def features(explanation: dict) -> dict[str, float]:
    """The pieces of work of all pictures of a run."""
    steps = explanation["typical"]["timesteps"]
    sums = dict(explanation["features"]["picture"])
    for name, count in explanation["features"]["timestep"].items():
        sums[name] = sums.get(name, 0) + steps * count
    return {name: count * PICTURES for name, count in sums.items()}


def of_kind(kind: str, pieces: dict[str, float], groups: dict[str, int]) -> tuple[dict, float]:
    """The pieces of one kind, and the instructions that were counted for them."""
    prefixes, names = KINDS[kind]
    own = {name: count for name, count in pieces.items() if name.partition(".")[0] in prefixes}
    return own, float(sum(count for name, count in groups.items() if name in names))


class Runs:
    """Counts networks on one target."""

    def __init__(self, target: str, work: Path):
        self.target = target
        self.work = work / target
        self.work.mkdir()
        self.plugin = build_plugin(self.work, COUNTED[target].emulator)

    def run(self, sample: Sample) -> list[tuple[str, dict, dict, float]]:
        """Of each run its name, pieces, counted groups and estimate."""
        folder = self.work / sample.name.replace(" ", "-")
        folder.mkdir()
        model = folder / f"{sample.name.replace(' ', '-')}.spk"
        spikelet("build", sample.write(folder), "-o", model, "--prefer-kernel", sample.prefer)
        results = []
        for level in sample.levels:
            pictures = folder / f"{level}.idx"
            sample.write_pictures(pictures, level)
            explanation = json.loads(spikelet(
                "inspect", model, "--explain", "--data", pictures, "--shape",
                sample.picture_shape, "--target", self.target, "--jobs", 1, "--json", "-"))
            counts = count_model(COUNTED[self.target], model, pictures, sample.timesteps,
                                 self.plugin, folder, runs=1)
            results.append((f"{sample.name} at {level}", features(explanation),
                            by_group(counts[ALL]),
                            explanation["typical"]["instructions"] * PICTURES))
        return results


def write_table(prices: dict[str, dict[str, float]]) -> None:
    """Writes the prices as Swift source, a file for each target."""
    for target, table in prices.items():
        name = target.partition("-")[0]
        lines = ["// Written by `scripts/tool cost-model --update`, which counts in qemu.",
                 "", "extension CostTable {",
                 f"  /// Instructions of each piece of work on {target}.",
                 f"  static let {name}Prices: [String: Double] = ["]
        lines += [f'    "{piece}": {price:.6g},' for piece, price in sorted(table.items())]
        path = TABLES / f"CostTable+{name}.swift"
        path.write_text("\n".join([*lines, "  ]", "}"]) + "\n", encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    print("build the tool again")


def print_fit(kind: str, names: list[str], rows: list, prices: dict[str, float]) -> None:
    """How far the prices are from what was counted."""
    errors = []
    for name, (pieces, counted) in zip(names, rows):
        estimate = sum(count * prices[piece] for piece, count in pieces.items())
        errors.append(((estimate - counted) / max(counted, 2000), name, counted))
    mean = sum(abs(error) for error, _, _ in errors) / len(errors)
    print(f"  {kind}: mean {100 * mean:.1f} %, worst:")
    for error, name, counted in sorted(errors, key=lambda item: -abs(item[0]))[:4]:
        print(f"    {100 * error:+6.1f} %  {name} ({counted:,.0f})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether prices are written, and targets."""
    parser.add_argument("--update", action="store_true", help="write CostTable+TARGET.swift")
    parser.add_argument("--keep", metavar="FILE", help="keep what was counted in this file")
    parser.add_argument("--counted", metavar="FILE", help="take what an earlier run has kept")
    parser.add_argument("targets", nargs="*", metavar="TARGET",
                        help=f"{', '.join(COUNTED)}; else all")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses unknown targets, and a table of one target."""
    unknown = set(options.targets) - set(COUNTED)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    if options.update and options.targets:
        parser.error("--update takes every target")


def count_target(target: str) -> list[tuple[str, dict, dict, float]]:
    """All runs of all networks on a target."""
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(target, Path(folder))
        return [run for sample in all_samples() for run in runs.run(sample)]


def run(options: argparse.Namespace) -> None:
    """Counts, then compares or fits."""
    targets = options.targets or list(COUNTED)
    if options.counted:
        counted = json.loads(Path(options.counted).read_text())
    else:
        need("swift", "swiftc", "llvm-nm", "gcc", "make",
             *(COUNTED[target].emulator for target in targets))
        counted = {target: count_target(target) for target in targets}
    if options.keep:
        Path(options.keep).write_text(json.dumps(counted))
    tables = {}
    for target in targets:
        runs = counted[target]
        if not options.update:
            print(f"{target}: estimates of {len(runs)} runs")
            errors = [((estimate - sum(groups.values())) / sum(groups.values()), name)
                      for name, _, groups, estimate in runs]
            mean = sum(abs(error) for error, _ in errors) / len(errors)
            print(f"  mean {100 * mean:.1f} %, worst:")
            for error, name in sorted(errors, key=lambda item: -abs(item[0]))[:8]:
                print(f"    {100 * error:+6.1f} %  {name}")
            continue
        print(f"{target}: {len(runs)} runs")
        tables[target] = {}
        for kind in KINDS:
            rows = [of_kind(kind, pieces, groups) for _, pieces, groups, _ in runs]
            prices = fit([row for row in rows if row[0]])
            tables[target] |= prices
            print_fit(kind, [name for name, *_ in runs], rows, prices)
    if options.update:
        write_table(tables)
