"""Counts the instructions of opening a model file, by its size, on an Arm target.

Opening reads a file and proves that it is safe; its work has to grow with the file and nothing
else. A bundled network and models that a test writes (`isWrittenForCounting`), each kind of
content at three sizes, are opened in qemu, with tools/instruction-count/count.c as its plugin. On
aarch64 no weights may take more than 25 instructions a byte, nor a larger file more a byte than a
smaller one of its kind.

Convolutions in groups are proven one channel at a time, not eight. Files that are hardly more than
records or values a channel take more, since a byte of these says more. These kinds have limits of
their own, in MORE. Of buffers that are alive at the same time, all pairs are compared: the largest
file of `layers-alive` has as many of them as the format allows.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from spikelet_tools.checks.instruction_counting import (
    SOURCES,
    build_plugin,
    build_program,
    functions,
)
from spikelet_tools.checks.instructions import check_tools
from spikelet_tools.deployments import find
from spikelet_tools.markdown import grouped, head, row
from spikelet_tools.processes import build, output, stop
from spikelet_tools.targets import BOARDS

LIMITED = "aarch64"
LIMIT = 25
MORE = {"conv-groups-8": 28, "conv-depthwise-4": 60, "conv-depthwise-8": 60, "layers": 32,
        "layers-alive": 125}
GROWTH = 1.04
IN_PAIRS = "layers-alive"
NETWORK = "lenet5-iir-mnist"
OPENING = 1


def write_models(folder: Path) -> list[Path]:
    """The bundled network, and those of the test."""
    build(find(NETWORK).folder, folder / f"{NETWORK}.spk")
    output("scripts/swift-test", "--filter", "isWrittenForCounting",
           env=dict(os.environ, SPIKELET_OPENING=str(folder)))
    return sorted(folder.glob("*.spk"), key=lambda path: (kind(path), path.stat().st_size))


def kind(model: Path) -> str:
    """What a model has in common with those of other sizes."""
    return model.stem if model.stem == NETWORK else model.stem.rsplit("-", 1)[0]


def count(target: str, models: list[Path], folder: Path) -> dict[Path, int]:
    """Executed instructions of opening each model."""
    board = BOARDS[target]
    plugin = build_plugin(folder, board.emulator)
    program = build_program(BOARDS[target], SOURCES, "opening")
    symbols = folder / f"{target}.symbols"
    symbols.write_text("".join(f"{address:x} {name}\n" for address, name in functions(program)))
    counts = {}
    for model in models:
        out = folder / "counts"
        output(board.emulator, "-cpu", board.processor, "-plugin",
               f"{plugin},symbols={symbols},out={out}", program, model,
               env={"PATH": os.environ["PATH"]})
        lines = [line.split() for line in out.read_text().splitlines()]
        counts[model] = sum(int(words[1]) for words in lines
                            if int(words[0]) == OPENING and words[2] not in ("main", "count_phase"))
    return counts


def check_limits(counts: dict[Path, int]) -> None:
    """The limit of each file, and that a byte costs no more in a larger one."""
    smaller: dict[str, float] = {}
    for model, instructions in counts.items():
        a_byte = instructions / model.stat().st_size
        limit = MORE.get(kind(model), LIMIT)
        if a_byte > limit:
            stop(f"{model.stem}: {a_byte:.1f} instructions a byte, at most {limit}")
        before = smaller.setdefault(kind(model), a_byte)
        if a_byte > before * GROWTH and kind(model) != IN_PAIRS:
            stop(f"{model.stem}: {a_byte:.2f} instructions a byte, a smaller one {before:.2f}")
        smaller[kind(model)] = a_byte


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Targets."""
    parser.add_argument("targets", nargs="*", metavar="TARGET", default=[],
                        help=f"{', '.join(BOARDS)} (default {LIMITED}, which has the limits)")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses unknown targets."""
    unknown = set(options.targets) - set(BOARDS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")


def run(options: argparse.Namespace) -> None:
    """Counts and prints, and checks the limits."""
    targets = options.targets or [LIMITED]
    check_tools(targets)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        models = write_models(folder)
        counts = {target: count(target, models, folder) for target in targets}
        print("\n".join(head("model", "bytes", *(word for target in targets
                                                 for word in (target, "a byte")))))
        for model in models:
            size = model.stat().st_size
            cells = [word for target in targets
                     for word in (grouped(counts[target][model]),
                                  f"{counts[target][model] / size:.1f}")]
            print(row([model.stem, grouped(size), *cells]))
        if LIMITED in counts:
            check_limits(counts[LIMITED])
