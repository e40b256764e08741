"""Compiles the Swift of README.md as written, in a fresh package that depends on this one.

The first block runs as that package's program, on a bundled model; the second is compiled.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from spikelet_tools.deployments import find
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import build, output, stop

MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "fresh",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "spikelet", path: "{root}")],
  targets: [
    .executableTarget(
      name: "fresh",
      dependencies: [.product(name: "SpikeletClassifier", package: "spikelet")]),
    .target(
      name: "Embedded",
      dependencies: [.product(name: "SpikeletRuntime", package: "spikelet")],
      swiftSettings: [.enableExperimentalFeature("Lifetimes")]),
  ])
"""


def swift_blocks(text: str) -> list[str]:
    """The Swift code blocks of a Markdown text, in order."""
    return re.findall(r"^```swift\n(.*?)^```$", text, re.M | re.S)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose."""


def run(options: argparse.Namespace) -> None:
    """Writes the package, builds both targets and runs the program."""
    blocks = swift_blocks((ROOT / "README.md").read_text())
    if len(blocks) != 2:
        stop(f"README.md has {len(blocks)} blocks of Swift, needed 2: the classifier, the engine")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {"Package.swift": MANIFEST.format(root=ROOT),
                 "Sources/fresh/main.swift": blocks[0],
                 "Sources/Embedded/Engine.swift": blocks[1]}
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        build(find("lenet5-avg").folder, folder / "lenet5.spk")
        output("swift", "build", "--package-path", folder, "-c", "release", "--target", "Embedded")
        output("swift", "build", "--package-path", folder, "-c", "release")
        printed = output(folder / ".build" / "release" / "fresh", cwd=folder)
    if not re.fullmatch(r"\d \[(-?\d+, ){9}-?\d+\] \d+\n?", printed):
        stop(f"the program of README.md printed something else: {printed}")
    print(f"README.md: both blocks compile in a fresh package; the first printed {printed.strip()}")
