"""Proves on the linked machine code what the runtime promises, for 64-bit and 32-bit Arm.

  * no heap: the engine links against nothing but memcpy and the like, in a freestanding program;
  * no floating point: no instruction of its text computes with floats;
  * no writable data: every byte of state is in the caller's arena;
  * the hot loop is what it should be: a widening add of sixteen weights;
  * its size, by part, and that it does not grow on either, with all kernels and, on aarch64,
    without those that a build can leave out, and what recurrence adds to all kernels.
"""

from __future__ import annotations

import argparse
import bisect
import platform
import re
import tempfile
from pathlib import Path

from spikelet_tools.markdown import grouped, row
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import need, output, stop
from spikelet_tools.targets import BOARDS

STUBS_SOURCE = ROOT / "tools" / "freestanding" / "stubs.c"
# Instructions that compute with floating-point numbers. Moves between registers and the integer
# operations of NEON share registers with them and are fine.
FLOATS = {
    "aarch64": re.compile(r"^(fadd|fsub|fmul|fdiv|fmadd|fmsub|fnm|fml[as]|fcvt|fsqrt|fcm|fmin|fmax|"
                          r"frint|frec|frsq|fabs|fneg|fabd|scvtf|ucvtf|faddp)"),
    "armv7": re.compile(r"^v(add|sub|mul|div|mla|mls|fma|fms|nmul|nml|sqrt|cmp|cmpe|cvt|neg|abs|"
                        r"rec|rsq|max|min|ceq|cge|cgt)[a-z]*\.f(16|32|64)"),
    "x86_64": re.compile(r"^v?((add|sub|mul|div|sqrt|max|min|cmp|u?comi)(ss|sd|ps|pd)|cvt)"),
}
# The widening add of the convolution's inner loop; x86-64 widens first and then adds.
HOT = {"aarch64": ["saddw"], "armv7": ["vaddw.s8"], "x86_64": ["psraw", "paddw"]}
HOT_FUNCTION = "5LinesV3add"
# What is wanted, and what there is: docs/performance.md says what lies between. It may not grow.
WANTED = 48 * 1024
LIMIT = {"aarch64": 63_700, "armv7": 47_300}
# Synaptic currents and spikes that come back: a board has them where it is asked to, so that the
# limits above are without them. The bytes that they add.
RECURRENCE = "recurrence"
RECURRENCE_LIMIT = {"aarch64": 1_600}
# The same without the kernels that can be left out, and without second looks.
KERNELS = "gather,picture-blocks,gray-lines,looks"
WITHOUT_WANTED = 40 * 1024
WITHOUT_LIMIT = {"aarch64": 46_250}
# The parts of the engine, by what a symbol's name contains; the first match counts.
PARTS = [
    ("C interface", ["spikelet_", "9SpikeletC"]),
    ("first layer", ["DirectCurrent", "PictureBlock", "PictureRows", "GrayLines"]),
    ("gather", ["GatherV", "GatherLanes", "GatherSites", "GatherLayout", "SpikeListV"]),
    ("synapses", ["ConvolutionV", "LinesV", "InputViewV", "WeightLayoutV", "quotient"]),
    ("max pool", ["MaxPoolV"]),
    ("neurons and leak", ["NeuronsV", "LeakV", "SpikeTargetV"]),
    ("input coding", ["InputEncoder", "Philox"]),
    ("loader and overflow proof",
     ["ModelV", "RecordSource", "OverflowProof", "CRC32", "checked", "aligned"]),
    ("error texts", ["SpikeletErrorV", "A5ErrorV"]),
    ("digest", ["digest", "FNV1a"]),
    ("engine and read-out", ["EngineV", "ExitPolicy"]),
]
STUBS = re.compile(r"^(mem(cpy|move|set|cmp)|__aeabi_\w+|__stack_chk_\w+)$")


def symbols(elf: Path) -> list[tuple[int, int, str]]:
    """Address, size and name of every function."""
    found = {}
    for line in output("llvm-nm", "--print-size", "--format=bsd", elf).splitlines():
        parts = line.split()
        if len(parts) == 4 and parts[2] in "tTwW" and not STUBS.match(parts[3]):
            # Bit 0 of an address says that a function is Thumb code.
            found.setdefault(int(parts[0], 16) & ~1, (int(parts[1], 16), parts[3]))
    return [(address, size, name) for address, (size, name) in sorted(found.items())]


def part(name: str) -> str:
    """The part of the engine that a symbol belongs to."""
    for label, words in PARTS:
        if any(word in name for word in words):
            return label
    return "other"


def disassembly(elf: Path) -> dict[str, list[str]]:
    """The instructions of each function, mnemonic first, by the addresses of its symbol."""
    ranges = symbols(elf)
    functions: dict[str, list[str]] = {name: [] for _, _, name in ranges}
    starts = [address for address, _, _ in ranges]
    for line in output("llvm-objdump", "-d", "--no-show-raw-insn", elf).splitlines():
        match = re.match(r"^\s*([0-9a-f]+):\s+(\S.*)$", line)
        if not match:
            continue
        address = int(match.group(1), 16)
        index = bisect.bisect_right(starts, address) - 1
        if index >= 0 and address < ranges[index][0] + ranges[index][1]:
            functions[ranges[index][2]].append(match.group(2).strip())
    return functions


def link(name: str, library: str, options: list[str], work: Path, *further: str) -> Path:
    """Links the whole C library into a freestanding program."""
    folder = work / name
    output("scripts/build-c-library", folder, library, *further)
    output("clang", *options, "-O1", "-ffreestanding", "-fno-builtin", "-fno-stack-protector",
           "-c", STUBS_SOURCE, "-o", folder / "stubs.o")
    found = output("llvm-nm", "--defined-only", "--extern-only", "--format=just-symbols",
                   folder / "libspikelet.a").split()
    roots = [word for symbol in found if symbol.startswith("spikelet_") for word in ("-u", symbol)]
    output("ld.lld", "--gc-sections", "-z", "noexecstack", "--entry=spikelet_run", *roots,
           folder / "libspikelet.a", folder / "stubs.o", "-o", folder / "engine.elf")
    print(f"{name}: links without an allocator ({len(roots) // 2} functions)", flush=True)
    return folder / "engine.elf"


def writable_sections(elf: Path) -> list[str]:
    """What the engine would keep outside the arena."""
    found = []
    for line in output("llvm-objdump", "-h", elf).splitlines():
        words = line.split()
        is_writable = len(words) > 3 and words[1] in (".data", ".bss", ".tdata", ".tbss")
        if is_writable and int(words[2], 16) > 0:
            found.append(f"writable section {words[1]} of {int(words[2], 16)} bytes")
    return found


def code_failures(target: str, code: dict[str, list[str]]) -> list[str]:
    """Instructions that must not be there, and those that must."""
    floats = [f"{name}: {instruction}" for name, body in code.items()
              for instruction in body if FLOATS[target].match(instruction)]
    failures = ["floating-point instructions: " + "; ".join(floats[:5])] if floats else []
    hot = [name for name, body in code.items() if HOT_FUNCTION in name
           and all(any(instruction.startswith(mnemonic) for instruction in body)
                   for mnemonic in HOT[target])]
    return failures if hot else [*failures, f"no {' and '.join(HOT[target])} in Lines.add"]


def sizes(elf: Path) -> tuple[list[tuple[str, int]], int]:
    """The bytes of each part, largest first, with the engine's total; and that total."""
    parts: dict[str, int] = {}
    for _, size, name in symbols(elf):
        parts[part(name)] = parts.get(part(name), 0) + size
    # The C interface is an adapter around the engine, not part of it.
    interface = parts.pop("C interface", 0)
    total = sum(parts.values())
    rows = sorted(parts.items(), key=lambda item: -item[1])
    return [*rows, ("engine", total), ("C interface", interface)], total


def inspect(target: str, elf: Path) -> list[str]:
    """Checks one program; gives the table of its sizes."""
    failures = code_failures(target, disassembly(elf)) + writable_sections(elf)
    rows, total = sizes(elf)
    if total > LIMIT.get(target, total):
        failures.append(f"text of {total} bytes, allowed {LIMIT[target]}")
    print("\n".join(f"  {label:28}{size:8,}" for label, size in rows))
    if target in LIMIT and total > WANTED:
        print(f"  {'wanted':28}{WANTED:8,}")
    if failures:
        stop(f"{target}: " + f"\n{target}: ".join(failures))
    print(f"{target}: no floating point, no writable data, {' and '.join(HOT[target])} in the hot "
          "loop", flush=True)
    return ["", f"| {target}: engine text | bytes |", "|---|---|",
            *(row([label, grouped(size)]) for label, size in rows)]


def check_left_out(work: Path) -> None:
    """The size of an engine without the kernels that can be left out."""
    for name, limit in WITHOUT_LIMIT.items():
        target = BOARDS[name]
        elf = link(f"{name}-without", name, [f"--target={target.triple}", *target.machine_options],
                   work, "--without", f"{KERNELS},{RECURRENCE}")
        _, total = sizes(elf)
        if total > limit:
            stop(f"{name}: text of {total} bytes without {KERNELS}, allowed {limit}")
        print(f"{name}: {total:,} bytes of engine text without {KERNELS}, wanted "
              f"{WITHOUT_WANTED:,}", flush=True)


def check_recurrence(
        name: str, library: str, options: list[str], work: Path, without: int) -> None:
    """What synaptic currents and spikes that come back add."""
    elf = link(f"{name}-recurrence", library, options, work)
    failures = code_failures(name, disassembly(elf)) + writable_sections(elf)
    added = sizes(elf)[1] - without
    if added > RECURRENCE_LIMIT.get(name, added):
        failures.append(f"{added} bytes, allowed {RECURRENCE_LIMIT[name]}")
    if failures:
        stop(f"{name}, with recurrence: " + "; ".join(failures))
    print(f"{name}: {added:,} bytes more with recurrence", flush=True)


def check_all() -> list[str]:
    """Checks every target; gives their tables of sizes."""
    need("ld.lld", "llvm-objdump", "llvm-nm", "clang")
    programs = [(name, name, [f"--target={target.triple}", *target.machine_options])
                for name, target in BOARDS.items()]
    if platform.machine() == "x86_64":
        programs.append(("x86_64", "host", ["--target=x86_64-linux-gnu"]))
    with tempfile.TemporaryDirectory() as folder:
        check_left_out(Path(folder))
        lines = []
        for name, library, options in programs:
            elf = link(name, library, options, Path(folder), "--without", RECURRENCE)
            lines += inspect(name, elf)
            check_recurrence(name, library, options, Path(folder), sizes(elf)[1])
        return lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_: argparse.Namespace) -> None:
    """Checks every target."""
    check_all()
