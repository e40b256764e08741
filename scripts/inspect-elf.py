#!/usr/bin/env python3
"""Inspects a freestanding link of the engine; called by scripts/check-elf.

usage: inspect-elf.py TARGET ELF TABLE
"""
import bisect
import re
import subprocess
import sys

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
LIMIT = {"aarch64": 40 * 1024}
# The parts of the engine, by what a symbol's name contains; the first match counts.
PARTS = [
    ("C interface", ["spikelet_", "9SpikeletC"]),
    ("first layer", ["DirectCurrent", "PictureBlock", "PictureRows", "GrayLines"]),
    ("gather", ["GatherV", "GatherLanes", "GatherSites", "GatherLayout", "SpikeListV"]),
    ("synapses", ["ConvolutionV", "LinesV", "InputViewV"]),
    ("max pool", ["MaxPoolV"]),
    ("neurons and leak", ["NeuronsV", "LeakV", "SpikeTargetV"]),
    ("input coding", ["InputEncoder", "Philox"]),
    ("loader and overflow proof", ["ModelV", "OverflowProof", "CRC32", "checked", "aligned"]),
    ("error texts", ["SpikeletErrorV", "A5ErrorV"]),
    ("digest", ["digest", "FNV1a"]),
    ("engine and read-out", ["EngineV", "ExitPolicy"]),
]
STUBS = re.compile(r"^(mem(cpy|move|set|cmp)|__aeabi_\w+|__stack_chk_\w+)$")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(elf: str) -> list[tuple[int, int, str]]:
    """Address, size and name of every function."""
    found = {}
    for line in run("llvm-nm", "--print-size", "--format=bsd", elf).splitlines():
        parts = line.split()
        if len(parts) == 4 and parts[2] in "tTwW" and not STUBS.match(parts[3]):
            found.setdefault(int(parts[0], 16), (int(parts[1], 16), parts[3]))
    return [(address, size, name) for address, (size, name) in sorted(found.items())]


def part(name: str) -> str:
    for label, words in PARTS:
        if any(word in name for word in words):
            return label
    return "other"


def disassembly(elf: str) -> dict[str, list[str]]:
    """The instructions of each function, mnemonic first, by the addresses of its symbol."""
    ranges = symbols(elf)
    functions: dict[str, list[str]] = {name: [] for _, _, name in ranges}
    starts = [address for address, _, _ in ranges]
    for line in run("llvm-objdump", "-d", "--no-show-raw-insn", elf).splitlines():
        match = re.match(r"^\s*([0-9a-f]+):\s+(\S.*)$", line)
        if not match:
            continue
        address = int(match.group(1), 16)
        index = bisect.bisect_right(starts, address) - 1
        if index >= 0 and address < ranges[index][0] + ranges[index][1]:
            functions[ranges[index][2]].append(match.group(2).strip())
    return functions


def main() -> None:
    target, elf, table = sys.argv[1:]
    failures = []
    code = disassembly(elf)
    floats = [f"{name}: {instruction}" for name, body in code.items()
              for instruction in body if FLOATS[target].match(instruction)]
    if floats:
        failures.append("floating-point instructions: " + "; ".join(floats[:5]))
    for line in run("llvm-objdump", "-h", elf).splitlines():
        words = line.split()
        if len(words) > 3 and words[1] in (".data", ".bss", ".tdata", ".tbss"):
            failures += [f"writable section {words[1]} of {int(words[2], 16)} bytes"] * (
                int(words[2], 16) > 0)
    wanted = " and ".join(HOT[target])
    hot = [name for name, body in code.items() if "5LinesV3add" in name
           and all(any(instruction.startswith(mnemonic) for instruction in body)
                   for mnemonic in HOT[target])]
    if not hot:
        failures.append(f"no {wanted} in Lines.add")
    sizes: dict[str, int] = {}
    for _, size, name in symbols(elf):
        sizes[part(name)] = sizes.get(part(name), 0) + size
    # The C interface is an adapter around the engine, not part of it.
    interface = sizes.pop("C interface", 0)
    total = sum(sizes.values())
    if total > LIMIT.get(target, total):
        failures.append(f"text of {total} bytes, allowed {LIMIT[target]}")
    rows = sorted(sizes.items(), key=lambda item: -item[1]) + [("engine", total), ("C interface", interface)]
    print("\n".join(f"  {label:28}{size:8,}" for label, size in rows))
    with open(table, "a", encoding="utf-8") as file:
        file.write(f"\n| {target}: engine text | bytes |\n|---|---|\n")
        file.writelines(f"| {label} | {size:,} |\n" for label, size in rows)
    if failures:
        sys.exit(f"{target}: " + f"\n{target}: ".join(failures))
    print(f"{target}: no floating point, no writable data, {wanted} in the hot loop")


if __name__ == "__main__":
    main()
