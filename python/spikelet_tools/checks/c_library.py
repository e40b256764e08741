"""Builds the C library, examples/c and the library's test for each target, and runs them.

Those for boards run in qemu. The example must find the host's classes and refuse wrong arguments
and files with one line; the header must serve C++ too.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.deployments import find
from spikelet_tools.paths import BUILD, ROOT
from spikelet_tools.processes import build, classify, need, output, stop
from spikelet_tools.targets import BOARDS

NAMES = ["lenet5-avg", "lenet5-max"]
LOOKS = "lenet5-iir-fashion"
"""What is made to look twice."""
TARGETS = ["host", *BOARDS]


@dataclass
class Files:
    """What the programs are given."""

    folder: Path
    models: dict[str, Path]

    @classmethod
    def prepare(cls, folder: Path) -> Files:
        """Builds the models, and damaged and raw files beside them."""
        models = {name: folder / f"{name}.spk" for name in NAMES}
        for name, model in models.items():
            build(find(name).folder, model)
        inputs = (find(NAMES[0]).golden / "inputs.idx").read_bytes()
        contents = {"short.spk": models[NAMES[0]].read_bytes()[:1000], "garbage.spk": b"x" * 5000,
                    "nine.raw": inputs[-784:], "small.raw": inputs[-784:][:783]}
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        return cls(folder, models)


def check_header() -> None:
    """The header in C++, with the oldest standard that has its integer types."""
    compiler = shutil.which("clang") or shutil.which("g++")
    output(compiler or "g++", "-x", "c++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-pedantic",
           "-fsyntax-only", "-include", "include/spikelet.h", "/dev/null")


def build_programs(target: str) -> Path:
    """The folder with classify and test-library."""
    out = BUILD / "c" / target
    makefile = ROOT / "examples" / "c" / "Makefile"
    output("make", "-s", "-C", makefile.parent, f"TARGET={target}")
    output("make", "-s", "-C", "Tests/c", "-f", makefile, f"TARGET={target}", out / "test-library")
    return out


def refuse(text: str, command: list) -> None:
    """A command must end with code 2 and this one line on standard error."""
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if run.returncode != 2:
        stop(f"exit code {run.returncode} instead of 2: {command}")
    if run.stderr != text + "\n":
        stop(f"instead of '{text}': {run.stderr}")


def check_refusals(classify_: list, files: Files) -> None:
    """What the example says to wrong arguments and files."""
    folder, model = files.folder, files.models[NAMES[0]]
    nine = folder / "nine.raw"
    refuse("usage: classify MODEL PICTURES", classify_)
    refuse("/nowhere.spk: cannot be opened", [*classify_, "/nowhere.spk", nine])
    refuse(f"{folder}/short.spk: file has another size than its header says (needed "
           f"{model.stat().st_size}, given 1000)", [*classify_, folder / "short.spk", nine])
    refuse(f"{folder}/garbage.spk: file does not begin with SPKL: it is not a Spikelet model",
           [*classify_, folder / "garbage.spk", nine])
    refuse(f"{folder}/small.raw: input has the wrong size (needed 784, given 783)",
           [*classify_, model, folder / "small.raw"])


def check_target(target: str, files: Files, classes: dict[str, list[int]]) -> None:
    """The example and the library's test on one machine."""
    out = build_programs(target)
    emulator = [BOARDS[target].emulator] if target in BOARDS else []
    example = [*emulator, out / "classify"]
    checks = ""
    for name, model in files.models.items():
        golden = find(name).golden
        found = output(*example, model, golden / "inputs.idx").split()
        if [int(word) for word in found] != classes[name] or len(found) != 10:
            stop(f"{target}: {name}: not the host's classes: {' '.join(found)}")
        checks = output(*emulator, out / "test-library", model, golden / "inputs.idx",
                        golden / "integer.txt").strip()
    if output(*example, files.models[NAMES[0]], files.folder / "nine.raw").strip() != "9":
        stop(f"{target}: the raw nine is not classified as one")
    check_refusals(example, files)
    print(f"C library: {target}: {checks}, 20 pictures", flush=True)


def check_left_out(files: Files) -> None:
    """A library without a kernel, or without looks, refuses a model that asks for it."""
    folder, looks = files.folder / "without", files.folder / "looks.spk"
    (files.folder / "twice").mkdir()
    build(find(LOOKS).write_variant(
        files.folder / "twice", {"input": {"looks": "mirrored"}}, without=("budgets",)), looks)
    for part, name, model, reason in [
        ("gray-lines", NAMES[0], files.models[NAMES[0]],
         "synapse kernel asks for something that this engine does not have, connection 0 "
         "(needed 0, given 4)"),
        ("gather", NAMES[0], files.models[NAMES[0]],
         "synapse kernel asks for something that this engine does not have, connection 1 "
         "(needed 0, given 2)"),
        ("looks", LOOKS, looks,
         "mirrorLooks asks for something that this engine does not have (needed 0, given 1)"),
    ]:
        output("scripts/build-c-library", folder, "host", "--without", part)
        program = folder / "classify"
        output("gcc", "-std=c99", "-O1", "-I", folder, "examples/c/classify.c", "-L", folder,
               "-lspikelet", "-o", program)
        refuse(f"{model}: {reason}", [program, model, find(name).golden / "inputs.idx"])
    print("C library: host: models of kernels that were left out are refused", flush=True)


def check_threads(files: Files) -> None:
    """A library with threads passes the same test, with a team of its own."""
    out, makefile = files.folder / "threads", ROOT / "examples" / "c" / "Makefile"
    out.mkdir()
    output("make", "-s", "-C", "Tests/c", "-f", makefile, f"OUT={out}",
           "LIBRARY_OPTIONS=--threads", out / "test-library")
    golden = find(NAMES[0]).golden
    checks = output(out / "test-library", files.models[NAMES[0]], golden / "inputs.idx",
                    golden / "integer.txt").strip()
    print(f"C library: host, with threads: {checks}", flush=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Targets."""
    parser.add_argument("targets", nargs="*", metavar="TARGET",
                        help=f"{', '.join(TARGETS)}; all where none is given")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses unknown targets."""
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")


def run(options: argparse.Namespace) -> None:
    """Checks every target."""
    targets = options.targets or TARGETS
    boards = [BOARDS[target] for target in targets if target in BOARDS]
    need("make", *(["gcc"] if "host" in targets else []))
    need(*(program for board in boards for program in (board.compiler, board.emulator)))
    check_header()
    with tempfile.TemporaryDirectory() as folder:
        files = Files.prepare(Path(folder))
        classes = {name: classify(model, find(name).golden / "inputs.idx")
                   for name, model in files.models.items()}
        for target in targets:
            check_target(target, files, classes)
        if "host" in targets:
            check_left_out(files)
            check_threads(files)
