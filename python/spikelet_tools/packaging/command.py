"""Writes Debian packages and archives of the tool and of the board program, with their sums.

Into .build/packages: spikelet for this machine (the tool, statically linked against Swift's
libraries and for the baseline of its architecture, and the C library), and spikelet-board for
arm64, armhf and armel (a static executable and the C library). `make packages` builds the tool and
calls this. Equal executables give equal bytes: docs/release.md.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import tempfile
from pathlib import Path

from spikelet_tools.packaging.archives import (Package, dependencies, write_package, write_sums,
                                               write_tar)
from spikelet_tools.packaging.contents import Program, board_tree, strip, tool_tree
from spikelet_tools.packaging.library import build_library, library_tree
from spikelet_tools.packaging.tree import Tree
from spikelet_tools.paths import BOARD_PROGRAMS, BUILD
from spikelet_tools.processes import need, output, stop
from spikelet_tools.targets import BOARDS, LIBRARY_TARGETS
from spikelet_tools.version import version

FOLDER = BUILD / "packages"
# The executable of boards that goes with a C library. The one for armv7 is static, so it runs
# beside either calling convention.
BOARD_OF_LIBRARY = {"aarch64": "aarch64", "armv7hf": "armv7", "armv7": "armv7"}
# What the packages' program can do that the smallest one cannot: it may run as a service.
BOARD_OPTIONS = ["--serve"]

TOOL_SUMMARY = "compiler and engine for fixed-point spiking networks"
TOOL_DESCRIPTION = """
Spikelet compiles trained networks (ONNX) into fixed-point spiking models, calibrates and
evaluates them, and runs them without floating point. This package has the command-line tool, with
networks and golden vectors to try it on, and the engine as a C library.
"""
BOARD_SUMMARY = "runs fixed-point spiking networks on small boards"
BOARD_DESCRIPTION = """
spikelet-board classifies pictures with a model that the spikelet tool has compiled. It is one
static executable without a heap; the C library with the same engine comes with it.
"""
ARMV7_NOTE = """

It needs an ARMv7-A processor with NEON (grep neon /proc/cpuinfo), which is more than the baseline
of this architecture.
"""


def tool_package(tool: Path) -> tuple[Tree, Package, str]:
    """The host's tool and library as a tree, a package and the name of an archive."""
    program = strip(tool, FOLDER / "tool" / "spikelet")
    tree = tool_tree(Program(program))
    triple = LIBRARY_TARGETS["host"].triple
    tree.merge(library_tree(build_library("host"), "host", f"lib/{triple}"))
    package = Package("spikelet", LIBRARY_TARGETS["host"].debian, TOOL_SUMMARY, TOOL_DESCRIPTION,
                      dependencies(program))
    return tree, package, f"spikelet-{version()}-linux-x86_64"


def board_program(board: str) -> Path:
    """Where scripts/build-boards puts the program that the packages have."""
    return BOARD_PROGRAMS / f"spikelet-board-serve-{board}"


def board_package(target: str) -> tuple[Tree, Package, str]:
    """The board program and library of a target."""
    board = BOARD_OF_LIBRARY[target]
    path = board_program(board)
    tree = board_tree(Program(path, (BOARDS[board].emulator_of_static,)))
    machine = LIBRARY_TARGETS[target]
    tree.merge(library_tree(build_library(target), target, f"lib/{machine.triple}"))
    note = ARMV7_NOTE if machine.bits == 32 else ""
    package = Package("spikelet-board", machine.debian, BOARD_SUMMARY, BOARD_DESCRIPTION + note)
    return tree, package, f"spikelet-board-{version()}-linux-{target}"


def describe_all(tool: Path) -> list[tuple[Tree, Package, str]]:
    """Every package, with the name of its archive; builds the libraries."""
    return [tool_package(tool), *map(board_package, BOARD_OF_LIBRARY)]


def write_all(packages: list[tuple[Tree, Package, str]], folder: Path, level: int,
              work: Path) -> list[Path]:
    """Writes every package and archive into a folder; `work` is for files on their way."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for tree, package, name in packages:
        paths.append(write_package(tree, package, folder, level, work / name))
        paths.append(write_tar(tree, name, folder, level))
    return [*paths, write_sums(paths)]


def need_tools() -> None:
    """Ends with what is missing."""
    if platform.machine() != "x86_64":
        stop(f"packages of the tool are for amd64; this machine is {platform.machine()}", 2)
    need("dpkg-deb", "strip", "objdump", "readelf",
         *(LIBRARY_TARGETS[target].compiler for target in BOARD_OF_LIBRARY),
         *(BOARDS[board].emulator_of_static for board in BOARD_OF_LIBRARY.values()))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The tool and how hard to compress."""
    parser.add_argument("--tool", type=Path, required=True,
                        help="the statically linked spikelet for the architecture's baseline")
    parser.add_argument("--level", type=int, default=6, choices=range(10), metavar="0-9",
                        help="how hard xz compresses; default: 6")


def run(options: argparse.Namespace) -> None:
    """Builds what is missing and writes everything."""
    if not options.tool.is_file():
        stop(f"{options.tool}: does not exist; make packages builds it", 2)
    need_tools()
    output("scripts/build-boards", *BOARD_OPTIONS, *dict.fromkeys(BOARD_OF_LIBRARY.values()))
    for old in [*FOLDER.glob("*.deb"), *FOLDER.glob("*.tar.xz"), FOLDER / "SHA256SUMS"]:
        old.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as work:
        paths = write_all(describe_all(options.tool.resolve()), FOLDER, options.level,
                          Path(work))
    for path in paths:
        print(f"{path.stat().st_size:>12,}  {path.relative_to(BUILD.parent)}")
    shutil.rmtree(FOLDER / "tool", ignore_errors=True)
