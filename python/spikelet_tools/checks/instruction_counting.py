"""Counts executed instructions: a plugin of qemu's, a workload in C, and groups of functions."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path

from spikelet_tools.deployments import find
from spikelet_tools.paths import BUILD, ROOT
from spikelet_tools.processes import build, output, stop
from spikelet_tools.targets import BOARDS, Target

SOURCES = ROOT / "tools" / "instruction-count"
# The pictures of this network are those of every network of a single timestep for MNIST.
PICTURES_OF_SINGLE = "lenet5-avg"
# An exit that is looked at after every timestep and never ends a run: what the criterion costs.
EXIT = {"policy": "margin-per-step", "margins": [200000] * 8}
WITH_EXIT = "+exit"
OPENING, FIRST, ALL = 1, 3, 4  # the phases of tools/instruction-count/workload.c

# A function belongs to the first group whose pattern its name matches, without "specialized " and
# "static ". What matches none is no part of the engine.
GROUPS = [
    ("first layer", r"DirectCurrent\b|Engine\.(injectCurrent|add(Pixels|GrayLines|PictureBlocks))\b"
                    r"|Picture(Block|Blocks|Rows)\b|GrayLines\b"),
    ("gather", r"Gather(Layout|Lanes\d*|Sites)?\b|SpikeList\b|Engine\.gather\b"),
    ("synapses", r"Convolution\b|InputView\b|Lines\b|WeightLayout\b|quotient\("),
    ("pooling", r"MaxPool\b|PoolView\b"),
    ("neurons", r"Neurons\b|SpikeTarget\b|Leak\b|Membranes\b"),
    ("encoding", r"InputEncoder\b|Engine\.encode"),
    ("read-out", r"Engine\.(rank|score|countScores|prediction|potential)|Exit(Policy|Monitor)\b"
                 r"|Engine\.(demand|check)|Model\.exit"),
    ("texts", r"SpikeletError\b|spikelet_(error|field|owner)_string|spikelet_last_error"),
    ("engine", r"Engine\b|spikelet_|SpikeMap\b|Weights\b|Region\b|ReadRegion\b"
               r"|OperationCount\b"),
    ("engine", r"Model\.(layer|connection|buffer|record|map|parameters|weights|isDirect)\("
               r"|Model\.record<|outlined |Digest\b|FNV1a\b"),
    ("loader", r"Model\b|RecordSource\b|CRC32\b|ModelHeader|LayerRecord|ConnectionRecord"
               r"|BufferRecord|checked"),
    # _init: the jumps to memcpy and the like, which the C library picks at start-up, lie behind it.
    ("memory", r"_*mem(cpy|set|move|cmp)|_*aeabi_mem|_init$"),
    ("division", r"__(aeabi_)?u?(i?div|mod)|\.divsi3|\.udivsi3"),
]
ORDER = list(dict.fromkeys(name for name, _ in GROUPS))


def build_plugin(work: Path, qemu: str) -> Path:
    """The plugin for this version of qemu."""
    major = int(re.search(r"version (\d+)\.", output(qemu, "--version")).group(1))
    if "-plugin" not in output(qemu, "--help"):
        stop(f"{qemu} takes no plugins; Debian's qemu-user does, qemu-user-static does not", 2)
    plugin = work / "count.so"
    output("gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror",
           f"-DAPI={1 if major < 9 else 2}",
           SOURCES / "count.c", "-o", plugin)
    return plugin


@functools.cache
def build_program(board: Target, folder: Path, name: str) -> Path:
    """Builds a C program with the library."""
    out = BUILD / "c" / board.name
    program = out / name
    options = [f"TARGET={board.name}"] if board.name in BOARDS else [
        # A static program of this machine lies where its symbols say.
        "TARGET=host", f"OUT={out}", "link_host=-static -no-pie"]
    output("make", "-s", "-C", folder, "-f", ROOT / "examples" / "c" / "Makefile", *options,
           program)
    return program


@functools.cache
def functions(program: Path) -> list[tuple[int, str]]:
    """Each function's address and name as the linker knows it, by address."""
    found = {}
    for line in output("llvm-nm", "--defined-only", program).splitlines():
        address, kind, name = line.split()
        if kind in "tTwW" and not re.match(r"\$[adtx](\.|$)", name):
            # Bit 0 of an address says that a function is Thumb code.
            found.setdefault(int(address, 16) & ~1, name)
    return sorted(found.items())


@functools.cache
def plain_names(names: tuple[str, ...]) -> dict[str, str]:
    """The names as Swift sources write them; of a generic one, with the width of its potentials."""
    text = "\n".join(names)
    short = output("swift", "demangle", "--simplified", input=text).splitlines()
    long = output("swift", "demangle", input=text).splitlines()
    widths = [re.search(r"specialization <.*?\b(Int16|Int32)\b", name) for name in long]
    return {name: brief + (f" {width.group(1)}" if width else "")
            for name, brief, width in zip(names, short, widths)}


def group(name: str) -> str | None:
    """The part of the engine that a function belongs to."""
    short = re.sub(r"^((generic |merged )?specialized |static )+", "", name)
    return next((group for group, pattern in GROUPS if re.match(pattern, short)), None)


def build_model(network: str, model: Path, work: Path) -> None:
    """A bundled network, or one with the exit above, or (after "@") with another budget."""
    name, _, budget = network.removesuffix(WITH_EXIT).partition("@")
    deployment = find(name)
    changes = {}
    if network.endswith(WITH_EXIT):
        changes["exit"] = EXIT
    if budget:
        changes["budgets"] = {"maximumArenaBytes": int(budget)}
    if changes:
        build(deployment.write_variant(work, changes, without=("board",)), model)
    else:
        build(deployment.folder, model)


def steps(network: str) -> int:
    """How many timesteps a network is counted for, at most."""
    return find(network.removesuffix(WITH_EXIT).partition("@")[0]).timesteps


def pictures(network: str) -> Path:
    """What a network is counted on."""
    deployment = find(network.removesuffix(WITH_EXIT).partition("@")[0])
    if deployment.is_single and deployment.document["dataset"] == "mnist":
        deployment = find(PICTURES_OF_SINGLE)
    return deployment.golden / "inputs.idx"


def picture_count(path: Path) -> int:
    """How many pictures an IDX file has."""
    with path.open("rb") as file:
        return int.from_bytes(file.read(8)[4:], "big")


def count(target: str, network: str, plugin: Path, work: Path) -> dict[int, dict[str, int]]:
    """Executed instructions of a bundled network, by phase and function."""
    model = work / f"{network}.spk"
    if not model.exists():
        build_model(network, model, work)
    return count_model(BOARDS[target], model, pictures(network), steps(network), plugin, work)


def count_model(board: Target, model: Path, inputs: Path, timesteps: int, plugin: Path,
                work: Path, runs: int = 2) -> dict[int, dict[str, int]]:
    """Executed instructions of each function, by phase and plain name; all runs must agree."""
    program = build_program(board, SOURCES, "workload")
    symbols = work / f"{board.name}.symbols"
    symbols.write_text("".join(f"{address:x} {name}\n" for address, name in functions(program)))
    given = []
    for run in range(runs):
        counts = work / f"{board.processor}-{model.stem}-{run}"
        output(board.emulator, "-cpu", board.processor,
               "-plugin", f"{plugin},symbols={symbols},out={counts}",
               program, model, inputs, timesteps, env={"PATH": os.environ["PATH"]})
        given.append([line.split() for line in counts.read_text().splitlines()])
    engine_runs = [[words for words in run if words[0] in "1234"] for run in given]
    if engine_runs[0] != engine_runs[-1]:
        stop(f"{board.processor}, {model.stem}: two runs of one program gave different counts")
    names = plain_names(tuple(sorted({name for _, name in functions(program)})))
    phases = {}
    for phase, instructions, name in given[0]:
        counts = phases.setdefault(int(phase), {})
        plain = names.get(name, name)
        counts[plain] = counts.get(plain, 0) + int(instructions)
    return phases


def by_group(counts: dict[str, int]) -> dict[str, int]:
    """Sums by group; the workload's own instructions are left out."""
    sums = {}
    for name, instructions in counts.items():
        if name in ("main", "count_phase", "check"):
            continue
        key = group(name) or "other"
        sums[key] = sums.get(key, 0) + instructions
    return {key: sums[key] for key in ORDER + ["other"] if key in sums}
