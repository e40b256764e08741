"""Replays damaged models on each machine, and compares with what the host made of them.

SAMPLES is the folder that CorruptionTests wrote (SPIKELET_SAMPLES; `make corruption`): damaged
models with the error that refuses each, or what its run computes. The program,
Tests/c/replay-mutants.c with the C library, has model, arena and picture against pages that
nobody may touch; those of boards run in qemu.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from spikelet_tools.checks.c_library import TARGETS, check_arguments
from spikelet_tools.paths import BUILD, ROOT
from spikelet_tools.processes import need, output, stop
from spikelet_tools.targets import BOARDS

__all__ = ["add_arguments", "check_arguments", "run"]


def replay(target: str, samples: list[Path]) -> None:
    """All samples on one machine."""
    program = BUILD / "c" / target / "replay-mutants"
    makefile = ROOT / "examples" / "c" / "Makefile"
    output("make", "-s", "-C", ROOT / "Tests" / "c", "-f", makefile, f"TARGET={target}", program)
    emulator = [BOARDS[target].emulator] if target in BOARDS else []
    print(f"corruption: {target}: {output(*emulator, program, *samples).strip()}, as on the host",
          flush=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The samples, and targets."""
    parser.add_argument("samples", type=Path, metavar="SAMPLES")
    parser.add_argument("targets", nargs="*", metavar="TARGET",
                        help=f"{', '.join(TARGETS)}; all where none is given")


def run(options: argparse.Namespace) -> None:
    """Replays on every target."""
    samples = sorted(options.samples.resolve().glob("*.mutants"))
    if not samples:
        stop(f"{options.samples} holds no samples: make corruption writes them", 2)
    for target in options.targets or TARGETS:
        board = BOARDS.get(target)
        need("make", *((board.compiler, board.emulator) if board else ("gcc",)))
        replay(target, samples)
