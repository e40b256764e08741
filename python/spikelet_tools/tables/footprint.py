"""Writes docs/footprint.md: what each bundled deployment takes on its board, byte for byte.

Needs the executables of `make boards` and qemu's user mode. `--check` compares with the committed
report instead of writing it: the arena and the model to the byte, linked code, data and stack
within 3 %, because every change of the program moves them a little.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from pathlib import Path

from spikelet_tools.checks import elf
from spikelet_tools.deployments import find
from spikelet_tools.markdown import add_check_argument, grouped, row
from spikelet_tools.paths import BOARD_PROGRAMS, CONFIGS, ROOT
from spikelet_tools.processes import build, inspect, output, stop
from spikelet_tools.targets import BOARDS

REPORT = ROOT / "docs" / "footprint.md"
NAMES = ["lenet5-avg", "lenet5-avg-bn", "lenet5-max", "lenet5-max-bn", "lenet5-iir-mnist",
         "lenet5-dt-mnist-int4", "vgg4-fashion"]
SECTIONS = {
    "text": [".text", ".init", ".fini"],
    "rodata": [".rodata", ".eh_frame", ".eh_frame_hdr", ".swift_modhash", ".ARM.exidx",
               ".ARM.extab"],
    "data": [".data", ".got", ".relro_padding", ".data.rel.ro", ".init_array", ".fini_array"],
    "bss": [".bss"],
}
INTRODUCTION = """# Footprint

This page shows how much memory each bundled deployment takes on the board that its configuration
names: first what is only read, then what is written. These commands measure it and write the page:

    make boards && scripts/tool footprint

*Weights*, *thresholds, biases, clamps* and *model overhead* make up the model file. *Text*,
*rodata*, *data* and *bss* are the sections of the stripped `spikelet-board`, which also reads
files, prints and verifies. The *arena* is the same on every machine. Its buffers may share bytes
when they are not in use at the same time; a line of its own says how many bytes that saves. The
*stack* is what the executable measures over the golden pictures, under qemu. An operating system
adds page tables, and pages that are only partly filled.
"""
ENGINE = """## The engine's text

The machine code of the engine alone, in the C library, linked without an operating system. It has
no input or output. `scripts/tool elf` prints it.
"""


def program(target: str) -> Path:
    """The stripped executable of a target."""
    return BOARD_PROGRAMS / f"spikelet-board-{target}"


def linked(target: str) -> dict[str, int]:
    """The sections of the stripped executable that take memory or flash."""
    sizes = dict.fromkeys(SECTIONS, 0)
    if not program(target).exists():
        stop(f"{program(target).name} is missing; build it with `make boards`", 2)
    for line in output("llvm-objdump", "-h", program(target)).splitlines():
        words = line.split()
        for kind, names in SECTIONS.items():
            if len(words) > 3 and words[1] in names:
                sizes[kind] += int(words[2], 16)
    return sizes


def stack(name: str, model: Path, target: str) -> int:
    """The stack's high-water mark over the golden pictures, as the executable measures it."""
    report = output(BOARDS[target].emulator_of_static, program(target), model,
                    find(name).golden / "inputs.idx")
    return int(re.search(r"stack (\d+) bytes", report)[1])


def table(head: str, rows: list[tuple[str, int]]) -> list[str]:
    """Names and bytes; names in bold make bold bytes."""
    lines = [row([head, "bytes"]), "|---|---:|"]
    for label, value in rows:
        bold = "**" if label.startswith("**") else ""
        lines.append(row([label, f"{bold}{grouped(value)}{bold}"]))
    return lines


def flash_rows(summary: dict, sizes: dict[str, int]) -> list[tuple[str, int]]:
    """What is only read: the model file and the program."""
    weights, parameters = (summary["sections"][key] for key in ("weights", "parameters"))
    program_bytes = sizes["text"] + sizes["rodata"] + sizes["data"]
    return [("weights", weights), ("thresholds, biases, clamps", parameters),
            ("model overhead (records, names, provenance)",
             summary["modelBytes"] - weights - parameters),
            ("text", sizes["text"]), ("rodata", sizes["rodata"]), ("data", sizes["data"]),
            ("**total, model and program**", program_bytes + summary["modelBytes"])]


def memory_rows(summary: dict, sizes: dict[str, int], high_water: int) -> list[tuple[str, int]]:
    """What is written: the arena's buffers, the stack and the program's data."""
    buffers = sorted(summary["buffers"], key=lambda one: (one["offset"], one["firstUse"]))
    arena = summary["arenaBytes"]
    return [*((buffer["name"], buffer["bytes"]) for buffer in buffers),
            ("saved by sharing memory, after alignment",
             arena - sum(buffer["bytes"] for buffer in buffers)),
            ("**arena**", arena), ("stack, high-water mark", high_water),
            ("data", sizes["data"]), ("bss", sizes["bss"]),
            ("**total**", arena + high_water + sizes["data"] + sizes["bss"])]


def describe(name: str, folder: Path) -> list[str]:
    """One deployment on its board."""
    deployment = find(name)
    board = json.loads((CONFIGS / "boards" / f"{deployment.document['board']}.json").read_text())
    target, model = board["target"], folder / f"{name}.spk"
    build(deployment.folder, model)
    summary, sizes = inspect(model), linked(target)
    return ["", f"## {name} on {board['name']} ({target})", "",
            *table("read-only: flash, or mapped from the file", flash_rows(summary, sizes)), "",
            *table("memory", memory_rows(summary, sizes, stack(name, model, target)))]


def report() -> str:
    """The whole document."""
    engine = elf.check_all()
    with tempfile.TemporaryDirectory() as folder:
        deployments = [line for name in NAMES for line in describe(name, Path(folder))]
    return "\n".join([INTRODUCTION.rstrip(), *deployments, "", ENGINE.rstrip(), *engine, ""])


# Rows that follow the compiler and the whole program, and the totals that contain them.
LINKED = re.compile(r"^\| \**(text|rodata|data|bss|stack|total|engine|C interface|first layer|"
                    r"convolution|dense|identity|max pool|neurons|input coding|loader|error texts|"
                    r"digest|other)")


def agrees(old: str, new: str) -> bool:
    """Whether two lines of the report say the same, within the slack of linked rows."""
    if old == new:
        return True
    numbers = [[int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", line)]
               for line in (old, new)]
    blank = [re.sub(r"[\d,]*\d", "", line) for line in (old, new)]
    return (blank[0] == blank[1] and LINKED.match(new) is not None
            and all(abs(a - b) <= max(64, 0.03 * b) for a, b in zip(*numbers)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--check."""
    add_check_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Writes or compares the report."""
    text = report()
    if not options.check:
        REPORT.write_text(text, encoding="utf-8")
        print(f"wrote {REPORT.relative_to(ROOT)}")
        return
    old, new = REPORT.read_text(encoding="utf-8").splitlines(), text.splitlines()
    wrong = [f"  {a}  →  {b}" for a, b in zip(old, new) if not agrees(a, b)]
    if wrong or len(old) != len(new):
        stop("docs/footprint.md is not what the executables are; run scripts/tool footprint\n"
             + "\n".join(wrong[:10]))
    print("docs/footprint.md is as built")
