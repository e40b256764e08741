"""Profiles a model on a board's processor in qemu: executed instructions, layer by layer.

MODEL is a deployment of firmware-configs/ or a model file. Runs `spikelet-board --profile` with
tools/instruction-count/count.c as qemu's plugin, so that its clock counts instructions instead of
time: whole inferences as the model ends them, and layers in runs without an early exit. Counts are
exact, and the same on every machine; they are not times. "ideal" is the share of a layer's
instructions that the inner loops of its arithmetic need at least (docs/performance.md); the rest
lists spikes, finds rows, begins and ends loops.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.checks.cost_estimates import explain
from spikelet_tools.checks.instruction_counting import build_plugin, functions, pictures
from spikelet_tools.deployments import exists, find
from spikelet_tools.markdown import NONE, aligned, grouped
from spikelet_tools.paths import BOARD_PROGRAMS
from spikelet_tools.processes import build, inspect, need, output, stop
from spikelet_tools.targets import BOARDS, Target

LAYER = re.compile(r"^(\S+(?: pool)?) +\d+\.\d +(\d+) +(\d+) +(\d+) +(\d+)  (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What spikelet-board has printed of a model's layers: means of a timestep."""

    timesteps: int
    "Of a picture, without an exit."
    pictures: int
    mean_timesteps: float
    "Until the exit."
    stack: int
    layers: list[dict]

    @staticmethod
    def read(text: str) -> Report:
        """Reads the report; ends where it is none."""
        steps = re.search(r"^timesteps +mean ([\d.]+) of (\d+)$", text, re.MULTILINE)
        runs = re.search(r"^layers +means of (\d+) timesteps", text, re.MULTILINE)
        stack = re.search(r"stack (\d+) bytes", text)
        if not (steps and runs and stack):
            stop(f"spikelet-board --profile printed no profile\n{text}")
        keys = ("spikes", "rows", "additions", "weightBytes")
        layers = [{"name": found[5], "kernel": found[0],
                   **{key: int(value) for key, value in zip(keys, found[1:5])}}
                  for found in LAYER.findall(text)]
        return Report(int(steps[2]), int(runs[1]) // int(steps[2]), float(steps[1]), int(stack[1]),
                      layers)


def intervals(ticks: list[int], report: Report) -> tuple[list[int], list[int]]:
    """The instructions of each inference, and of each layer in all timesteps of all pictures."""
    layers = len(report.layers)
    # Of each picture the clock is read around the inference, then around each layer.
    pairs = 1 + report.timesteps * layers
    if len(ticks) != 2 * pairs * report.pictures:
        stop(f"spikelet-board has read its clock {len(ticks)} times, "
             f"needed {2 * pairs * report.pictures}")
    spans = [end - start for start, end in zip(ticks[::2], ticks[1::2])]
    inferences, sums = [], [0] * layers
    for first in range(0, len(spans), pairs):
        inferences.append(spans[first])
        for index, span in enumerate(spans[first + 1:first + pairs]):
            sums[index % layers] += span
    return inferences, sums


def quantile(values: list[int], share: float) -> int:
    """The value that a share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def run_board(board: Target, model: Path, data: Path, limit: int | None,
              work: Path) -> tuple[Report, list[int]]:
    """The board program's report, and the instructions at each look at its clock."""
    output("scripts/build-boards", "--threads", "--profile", board.name)
    # With its symbols.
    program, = BOARD_PROGRAMS.glob(f"build/{board.name}-threads-profile/*/release/spikelet-board")
    symbols, ticks = work / "symbols", work / "ticks"
    symbols.write_text("".join(f"{address:x} {name}\n" for address, name in functions(program)))
    plugin = build_plugin(work, board.emulator)
    words = [] if limit is None else ["--limit", limit]
    text = output(board.emulator, "-cpu", board.processor, "-plugin",
                  f"{plugin},symbols={symbols},out={work / 'counts'},ticks={ticks}",
                  program, "--profile", *words, model, data)
    return Report.read(text), [int(line) for line in ticks.read_text().split()]


def figures(board: Target, model: Path, data: Path, limit: int | None, work: Path) -> dict:
    """The profile as data: instructions of inferences, and of layers for a timestep."""
    report, ticks = run_board(board, model, data, limit, work)
    inferences, sums = intervals(ticks, report)
    summary = inspect(model)
    # Such as "3×32×32 direct".
    shape = summary["input"].split()[0].replace("×", "x")
    costs = explain(model, data, shape, board.name)["layers"]
    steps = report.timesteps
    layers = []
    for layer, total, cost in zip(report.layers, sums, costs):
        least = cost["ideal"]["picture"] / steps + cost["ideal"]["timestep"]
        mean = total / (report.pictures * steps)
        layers.append(layer | {"instructions": mean,
                               "shareOfIdeal": least / mean if least and mean else None})
    return {
        "model": model.stem, "target": board.name, "processor": board.processor,
        "input": data.name, "first": inferences[0], "p50": quantile(inferences, 0.5),
        "p90": quantile(inferences, 0.9), "p99": quantile(inferences, 0.99),
        "inferences": len(inferences), "meanTimesteps": report.mean_timesteps,
        "timesteps": steps, "arenaBytes": summary["arenaBytes"],
        "modelBytes": model.stat().st_size, "stackBytes": report.stack, "layers": layers,
    }


def shortened(name: str, limit: int) -> str:
    """A name with its middle left out where it is longer."""
    return name if len(name) <= limit else f"{name[:limit // 2]}…{name[-(limit // 2 - 1):]}"


def card(profile: dict) -> str:
    """The profile as tables, in the order of Arm's model pages."""
    def counted(key: str) -> str:
        return f"{grouped(profile[key])} instructions"

    memory = profile["arenaBytes"] + profile["stackBytes"]
    whole = aligned([
        [profile["model"], f"{profile['target']}, {profile['processor']} in qemu"],
        ["input", profile["input"]], ["first inference", counted("first")],
        ["median (p50)", counted("p50")], ["p90", counted("p90")], ["p99", counted("p99")],
        ["inferences", f"{profile['inferences']}, one thread"],
        ["mean timesteps", f"{profile['meanTimesteps']:.2f}"],
        ["arena", f"{profile['arenaBytes']:,} bytes"],
        ["model", f"{profile['modelBytes']:,} bytes"],
        ["peak memory, arena and stack", f"{memory:,} bytes"],
    ])
    total = sum(layer["instructions"] for layer in profile["layers"])
    rows = [["layer", "kernel", "instructions", "share", "spikes", "rows", "additions", "ideal",
             "bytes"]]
    for layer in profile["layers"]:
        ideal = layer["shareOfIdeal"]
        rows.append([
            shortened(layer["name"], 14), layer["kernel"], grouped(layer["instructions"]),
            f"{100 * layer['instructions'] / total:.0f} %",
            *(grouped(layer[key]) for key in ("spikes", "rows", "additions")),
            NONE if ideal is None else f"{100 * ideal:.0f} %", grouped(layer["weightBytes"])])
    table = aligned(rows, right=range(2, 9))
    steps = profile["timesteps"]
    length = "one timestep" if steps == 1 else f"means of {steps} timesteps without an early exit"
    remark = (f"Layers: {length}; bytes are those of the weights that additions read. "
              "Multiplications of pixels are not additions. Ideal: the share of the instructions "
              "that the inner loops of the layer's arithmetic need at least.")
    return f"{whole}\n\n{table}\n\n{textwrap.fill(remark, 100)}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The model, its pictures, and what is written."""
    parser.add_argument("model", metavar="MODEL", help="a deployment's name, or a model file")
    parser.add_argument("--target", choices=list(BOARDS), default="aarch64")
    parser.add_argument("--data", metavar="FILE", type=Path,
                        help="an IDX file; default: the deployment's golden pictures")
    parser.add_argument("--limit", type=int, help="run only so many pictures")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures, too")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses what is no model, and pictures that are missing."""
    if options.limit is not None and options.limit < 1:
        parser.error("--limit is below 1")
    if exists(options.model):
        deployment = find(options.model)
        if deployment.reads_events:
            parser.error(f"{options.model} reads events, needed a model of pictures")
        if options.data is None:
            options.data = pictures(options.model)
    elif not options.model.endswith(".spk"):
        parser.error(f"{options.model} is no deployment of firmware-configs/ and no model file")
    elif options.data is None:
        parser.error("a model file needs --data")
    for path in [options.data, *([] if exists(options.model) else [Path(options.model)])]:
        if not path.is_file():
            parser.error(f"{path} does not exist")


def run(options: argparse.Namespace) -> None:
    """Runs, counts and prints."""
    board = BOARDS[options.target]
    need("swift", "llvm-nm", "gcc", board.emulator)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        model = Path(options.model)
        if exists(options.model):
            model = work / f"{options.model}.spk"
            build(find(options.model).folder, model)
        profile = figures(board, model.resolve(), options.data.resolve(), options.limit, work)
    print(card(profile))
    if options.json:
        options.json.write_text(json.dumps(profile, indent=2) + "\n", encoding="utf-8")
