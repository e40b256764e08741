"""Runs the host's tool and other programs, and ends with their words where they fail."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

from spikelet_tools.paths import ROOT, TOOL


def stop(message: str, code: int = 1) -> None:
    """Ends the command: 1 for a failed check, 2 where it could not be made."""
    print(message, file=sys.stderr)
    sys.exit(code)


def need(*programs: str) -> None:
    """Ends with what to install where a program is missing."""
    for program in programs:
        if shutil.which(program) is None:
            swift = program.startswith(("swift", "llvm-", "ld.lld", "clang"))
            source = "Swift from swift.org" if swift else "it with scripts/install-cross-tools"
            stop(f"{program} is missing; install {source}", 2)


def output(*command, **options) -> str:
    """What a program prints; it must succeed."""
    words = [str(word) for word in command]
    options = {"cwd": ROOT} | options
    try:
        run = subprocess.run(words, capture_output=True, text=True, **options)
    except FileNotFoundError:
        need(words[0])
        raise
    if run.returncode != 0:
        stop(f"{' '.join(words)}\n{run.stdout}{run.stderr}".strip())
    return run.stdout


def spikelet(*arguments) -> str:
    """What the host's tool prints."""
    if not TOOL.exists():
        stop(f"{TOOL.relative_to(ROOT)} is missing: swift build -c release --product spikelet", 2)
    return output(TOOL, *arguments)


def build(configuration, model) -> None:
    """Compiles a deployment into a model file."""
    spikelet("build", configuration, "-o", model)


def evaluate(model, *options) -> dict:
    """The figures of `spikelet eval`."""
    return json.loads(spikelet("eval", model, *options, "--json", "-"))


def sweep(model, *options) -> dict:
    """The figures of `spikelet sweep`."""
    return json.loads(spikelet("sweep", model, *options, "--json", "-"))


def inspect(model) -> dict:
    """The summary of `spikelet inspect`."""
    return json.loads(spikelet("inspect", model, "--json", "-"))


def classify(model, pictures) -> list[int]:
    """The classes that `spikelet run` finds in an IDX file of pictures."""
    return json.loads(spikelet("run", model, "--input", pictures, "--json", "-"))["predictions"]
