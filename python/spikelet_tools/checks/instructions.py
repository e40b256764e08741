"""Counts the instructions of an inference on both Arm targets, exactly.

Without options it prints tables and compares with Benchmarks/instructions.json. Bundled networks
classify their golden pictures in their own number of timesteps, ten digits (LeNet-5) or three
colour pictures (AlexNet), in qemu with tools/instruction-count/count.c as its plugin. The counts
depend on the compiler, the sources, the models and the pictures, and not on the machine or its
load; every run is made twice to hold them to that. The estimates of `spikelet inspect --explain`
must be within a tenth of them. They are not times: a load that misses the cache
counts as one.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path

from spikelet_tools.checks.cost_estimates import check_estimates
from spikelet_tools.checks.instruction_counting import (
    ALL,
    FIRST,
    OPENING,
    WITH_EXIT,
    build_plugin,
    by_group,
    count,
    group,
    picture_count,
    pictures,
    steps,
)
from spikelet_tools.deployments import find
from spikelet_tools.markdown import grouped, head, row, size
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import inspect, need, output, stop
from spikelet_tools.targets import BOARDS

RECORD = ROOT / "Benchmarks" / "instructions.json"
# These decide in a single timestep, on the pictures of the first network.
SINGLE = ["lenet5-iir-mnist", "lenet5-iir-mnist-sparse2", "lenet5-dt-mnist", "lenet5-dt-mnist-int4",
          "lenet5-maxpool-mnist", "lenet5-poolfirst-mnist"]
NETWORKS = ["lenet5-avg", "lenet5-max", "lenet5-avg-exit", *SINGLE, "alexnet-cifar10",
            "alexnet-cifar10-t1", "alexnet-cifar10-looks"]
# Budgets for the arenas of two networks of one timestep.
ARENAS = {
    SINGLE[0]: [2048, 4096, 8192, 16384, 32768],
    "alexnet-cifar10-t1": [24576, 32768, 36864, 40960, 49152, 65536, 131072, 278528],
}
EXIT_LIMIT = 0.01


def check_tools(targets: list[str]) -> None:
    """Ends where a program is missing."""
    need("swift", "swiftc", "llvm-nm", "gcc", "make")
    need(*(name for target in targets for name in (BOARDS[target].emulator,
                                                   BOARDS[target].compiler)))


def check_exit_cost(target: str, plain: dict, phases: dict) -> None:
    """The criterion may cost a hundredth of a timestep."""
    totals = [sum(by_group(one[ALL]).values()) for one in (plain, phases)]
    further = picture_count(pictures(NETWORKS[0])) * (steps(NETWORKS[0]) - 1)
    step = (totals[0] - sum(by_group(plain[FIRST]).values())) / further
    cost = (totals[1] - totals[0]) / further
    print(f"\n{target}: an exit policy costs {cost:,.0f} instructions a timestep, "
          f"{100 * cost / step:.2f} % of one")
    if cost > EXIT_LIMIT * step:
        stop(f"{target}: an exit policy may cost {100 * EXIT_LIMIT:g} % of a timestep")


def print_table(target: str, network: str, phases: dict) -> None:
    """One network's instructions by group."""
    first, all_steps = by_group(phases[FIRST]), by_group(phases[ALL])
    runs = picture_count(pictures(network))
    exits = find(network).has_exit
    print(f"\n{target}, {network}: instructions a picture ({runs} pictures, "
          f"T {'≤' if exits else '='} {steps(network)})\n")
    print(f"{'':<13}{'picture':>12}{'share':>8}{'timestep 1':>13}{'each further':>14}")
    total, total_first = sum(all_steps.values()), sum(first.values())

    def row(name, picture, step):
        further = "–"
        if steps(network) > 1 and not exits:
            further = f"{(picture - step) / runs / (steps(network) - 1):,.0f}"
        print(f"{name:<13}{picture / runs:>12,.0f}{100 * picture / total:>7.1f}%"
              f"{step / runs:>13,.0f}{further:>14}")

    for name, instructions in all_steps.items():
        row(name, instructions, first.get(name, 0))
    row("total", total, total_first)
    print(f"opening the model: {sum(by_group(phases[OPENING]).values()):,}")


def print_symbols(target: str, network: str, phases: dict) -> None:
    """One network's instructions by function."""
    for phase, title in [(OPENING, "opening the model"), (ALL, "all pictures")]:
        print(f"\n{target}, {network}: {title}\n")
        for name, instructions in sorted(phases[phase].items(), key=lambda item: -item[1]):
            print(f"{instructions:>12,}  {group(name) or 'other':<12} {name}")


def measured(phases: dict) -> dict[str, int]:
    """What is recorded of one network."""
    all_steps = by_group(phases[ALL])
    return {
        "opening": sum(by_group(phases[OPENING]).values()),
        "firstTimestep": sum(by_group(phases[FIRST]).values()),
        "total": sum(all_steps.values()),
        **{name: all_steps[name] for name in all_steps},
    }


def differences(place: str, expected: dict, given: dict, tolerance: float):
    """Lines for what left its threshold. A group's slack is never less than 0.5 % of the total."""
    for name in sorted(expected.keys() | given.keys()):
        old, new = expected.get(name, 0), given.get(name, 0)
        slack = old * tolerance
        if name not in ("opening", "firstTimestep", "total"):
            slack = max(slack, 0.005 * expected["total"])
        if abs(new - old) > slack:
            change = f"{100 * (new - old) / old:+.1f} %" if old else "new"
            yield f"{place}, {name}: {new:,} instructions, expected {old:,} ({change})"


def compare(results: dict, compiler: str) -> None:
    """Holds the counts to those recorded."""
    recorded = json.loads(RECORD.read_text())
    failures = [
        line for place, given in results.items()
        for line in differences(place, recorded["counts"].get(place, {"total": 0}), given,
                                recorded["tolerance"])]
    if not failures:
        print(f"\nwithin ±{100 * recorded['tolerance']:g} % of Benchmarks/instructions.json")
        return
    print(file=sys.stderr)
    for line in failures:
        print(line, file=sys.stderr)
    if recorded["compiler"] != compiler:
        print(f"recorded with {recorded['compiler']}, this is {compiler}", file=sys.stderr)
    stop("if that is meant: scripts/tool instructions --update, and say why in the commit")


def update(results: dict, compiler: str) -> None:
    """Records the counts."""
    tolerance = json.loads(RECORD.read_text())["tolerance"] if RECORD.exists() else 0.03
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps({
        "about": "Executed instructions for the golden pictures (LeNet-5: ten, AlexNet: three) at "
                 "each deployment's own number of timesteps, in total and by group; for their "
                 "first timestep; for opening the model. "
                 "`make instructions` allows `tolerance` in either direction, and a group 0.5 % of "
                 "the total. A change that is meant: `scripts/tool instructions --update`, and say "
                 "why in the commit.",
        "tolerance": tolerance,
        "compiler": compiler,
        "counts": results,
    }, indent=2) + "\n")
    print("\nwrote Benchmarks/instructions.json")


def print_arenas(targets: list[str], work: Path) -> None:
    """What a larger arena is worth to networks of one timestep."""
    plugins = {target: build_plugin(work, BOARDS[target].emulator) for target in targets}
    for network, budgets in ARENAS.items():
        print(f"\n{network}: instructions a picture\n")
        print("\n".join(head("budget", "arena", *targets)))
        runs = picture_count(pictures(network))
        for budget in budgets:
            name = f"{network}@{budget}"
            counted = [sum(by_group(count(target, name, plugins[target], work)[ALL]).values())
                       for target in targets]
            arena = inspect(work / f"{name}.spk")["arenaBytes"]
            print(row([size(budget), size(arena), *(grouped(total / runs) for total in counted)]),
                  flush=True)


def count_all(target: str, work: Path, print_functions: bool) -> dict[str, dict]:
    """Every network on one target, printed; gives what is compared."""
    plugin = build_plugin(work, BOARDS[target].emulator)
    counts = {network: count(target, network, plugin, work) for network in NETWORKS}
    results = {}
    for network, phases in counts.items():
        if print_functions:
            print_symbols(target, network, phases)
        else:
            print_table(target, network, phases)
            results[f"{target}, {network}"] = measured(phases)
    plain = NETWORKS[0]
    check_exit_cost(target, counts[plain], count(target, plain + WITH_EXIT, plugin, work))
    check_estimates(target, counts, work)
    return results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is printed or written, and targets."""
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--update", action="store_true", help="write Benchmarks/instructions.json")
    mode.add_argument("--symbols", action="store_true",
                      help="each function instead of groups; compares nothing")
    mode.add_argument("--arenas", action="store_true",
                      help="what single timesteps take in arenas of several sizes")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="aarch64 or armv7; else both")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses unknown targets, and a record of one target."""
    unknown = set(options.targets) - set(BOARDS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    if options.update and options.targets:
        parser.error("--update takes every target")


def run(options: argparse.Namespace) -> None:
    """Counts, prints, and compares or records."""
    targets = options.targets or list(BOARDS)
    check_tools(targets)
    compiler = re.search(r"Swift version \S+", output("swiftc", "--version"))[0]
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if options.arenas:
            print_arenas(targets, work)
            return
        for target in targets:
            results |= count_all(target, work, options.symbols)
    if options.update:
        update(results, compiler)
    elif not options.symbols:
        compare(results, compiler)
