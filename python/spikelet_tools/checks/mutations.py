"""Breaks the engine on purpose, one kernel at a time, and demands that golden vectors find it.

`spikelet-board --verify` must name the layer where the mistake is. Needs .build/release/spikelet,
whose engine is whole and which makes the models; works on a copy of the tree. Every mutation is a
build of the board's program for this machine.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.deployments import find
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import build, output, stop

RUNTIME = Path("Sources") / "SpikeletRuntime"
NEEDED = ["Package.swift", "include", "Sources", "Tests"]


@dataclass(frozen=True)
class Mutation:
    """One mistake: what is replaced in a file, and the vectors and layer that must show it."""

    title: str
    file: str
    original: str
    broken: str
    vectors: str
    layer: str

    def path(self, root: Path) -> Path:
        """The file, wherever it lies in the runtime."""
        found = sorted((root / RUNTIME).rglob(self.file))
        if len(found) != 1:
            stop(f"{len(found)} files {self.file} in {RUNTIME}, needed one; update "
                 f"checks/mutations.py: {self.title}", 2)
        return found[0]

    def apply(self, text: str) -> str:
        """The text of the file with the mistake in its first place."""
        if self.original not in text:
            stop(f"{self.file}: the line to break is gone; update checks/mutations.py: "
                 f"{self.original}", 2)
        return text.replace(self.original, self.broken, 1)


# The layout of weights itself is no kernel's: a mistake there would change the model, too.

MUTATIONS = [
    Mutation("a convolution's kernel row off by one", "Lines.swift",
             "line &-= rowStep", "line &-= rowStep &- 1", "lenet5-avg-poisson-exit", "layer 0 "),
    Mutation("a kernel column off by one", "Convolution.swift",
             "row: rowWeights &+ layout.place(x &+ left &- sites.first",
             "row: rowWeights &+ layout.place(x &+ left &+ 1 &- sites.first",
             "lenet5-poolfirst-mnist", "layer 0 "),
    Mutation("the lines of a stride one kernel row apart", "Convolution.swift",
             "rowStep: strideHeight &* layout.rowStep", "rowStep: layout.rowStep",
             "lenet5-poolfirst-mnist", "layer "),
    Mutation("16-bit weights added once, whatever the pixel", "Lines.swift",
             "as: SIMD8<Int16>.self), factor)", "as: SIMD8<Int16>.self), 1)",
             "lenet5-poolfirst-mnist", "layer 0 "),
    Mutation("the second of two thresholds taken for the first", "Neurons+Once.swift",
             "position & 7)", "channel & 7)", "lenet5-dt-mnist", "layer 0 "),
    Mutation("the first row of a gather's kernel taken for every row", "GatherPasses.swift",
             "place.base &+= rowBytes", "place.base &+= 0", "lenet5-avg", "layer "),
    Mutation("two spikes of a pool's window counted as none", "InputView.swift",
             "twos = ab ^ cd ^ ((a ^ b) & (c ^ d))", "twos = ab ^ cd", "lenet5-avg", "layer 1 "),
    Mutation("the current rounded down instead of half up", "DirectCurrent.swift",
             "shift > 0 ? 1 &<< (shift &- 1) : 0", "0",
             "lenet5-max", "layer 0 "),
    Mutation("a threshold compared with > instead of ≥", "Lanes.swift",
             "where: a .>= b)", "where: a .> b)", "lenet5-max-bn", "layer "),
    Mutation("ties of a max pool lost", "MaxPool.swift",
             "(fired & same)", "(fired & same & ~candidate)",
             "lenet5-max", "layer 1 "),
    Mutation("a bias spread one timestep late", "Neurons.swift",
             "let sum = each &* time", "let sum = each &* time &- each",
             "lenet5-avg-bn", "layer 1 "),
    Mutation("a second look at the same picture", "Engine+Layers.swift",
             "timestep == 2, model.looksAtMirror", "timestep == 3, model.looksAtMirror",
             "alexnet-cifar10-looks", "layer 0 "),
    Mutation("scores that begin afresh with each look", "Engine+Layers.swift",
             "&& model.readOut == .potential", "&& model.readOut == .count",
             "alexnet-cifar10-looks", "layer 6 "),
]


def copy_tree(target: Path) -> None:
    """Copies the files that a build and a verification need."""
    for name in output("git", "ls-files", "-z", *NEEDED).split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def build_board(copy: Path) -> None:
    """Builds the board's program in the copy."""
    run = subprocess.run(["swift", "build", "-c", "release", "--product", "spikelet-board"],
                         cwd=copy, capture_output=True, text=True)
    if run.returncode != 0:
        stop("\n".join((run.stdout + run.stderr).splitlines()[-20:]), 2)


def survives(mutation: Mutation, copy: Path) -> bool:
    """Whether the mistake stays unnoticed, or is found elsewhere than where it is."""
    path = mutation.path(copy)
    text = path.read_text(encoding="utf-8")
    path.write_text(mutation.apply(text), encoding="utf-8")
    build_board(copy)
    path.write_text(text, encoding="utf-8")
    model = copy / f"{mutation.vectors}.spk"
    build(find(mutation.vectors).folder, model)
    command = [".build/release/spikelet-board", "--verify", model, find(mutation.vectors).golden]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    report = run.stdout + run.stderr
    if run.returncode == 0:
        print(f"SURVIVED: {mutation.title}", flush=True)
        return True
    place = f"first divergence: (.*{re.escape(mutation.layer)}.*, expected .*)"
    divergence = re.search(place, report)
    if divergence:
        print(f"caught: {mutation.title}: {divergence[1]}", flush=True)
        return False
    print(f"caught, but not in {mutation.layer}: {mutation.title}: {report}", flush=True)
    return True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Words of titles."""
    parser.add_argument("words", nargs="*", metavar="WORD",
                        help="only the mistakes with one of these in their titles")


def run(options: argparse.Namespace) -> None:
    """Tries the mutations."""
    chosen = [mutation for mutation in MUTATIONS
              if not options.words or any(word in mutation.title for word in options.words)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copy_tree(copy)
        survivors = sum(survives(mutation, copy) for mutation in chosen)
    if survivors:
        stop(f"{survivors} mutations were not caught")
    print(f"all {len(chosen)} mutations were caught and located")
