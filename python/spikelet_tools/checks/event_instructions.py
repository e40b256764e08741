"""Executed instructions of spikelet-board for an event, by format, from a file to the frame.

Needs .build/release/spikelet, the programs of `scripts/build-boards --events`, and qemu's user mode
with plugins. Of two streams, the longer has more instructions: their difference, divided by the
events, is what an event costs; reading, decoding and binning are all in it, the network is not.
Fails where an event costs more on aarch64 than a Cortex-A53 at 1 GHz could do five million times
a second, one instruction a cycle; what it costs on other targets is printed.
"""

from __future__ import annotations

import argparse
import random
import struct
import tempfile
from pathlib import Path

from spikelet_tools.checks.instruction_counting import build_plugin
from spikelet_tools.deployments import find
from spikelet_tools.paths import BOARD_PROGRAMS
from spikelet_tools.processes import build, need, output, stop
from spikelet_tools.targets import BOARDS

NETWORK = "nmnist-snn"
LIMIT, LIMITED = 200, "aarch64"
SIDE = 34
SHORT, LONG = 2_000, 52_000


def events(count: int) -> list[tuple[int, int, int, int]]:
    """x, y, microseconds and polarity of events all over the sensor, about one a microsecond."""
    draw, time, found = random.Random(1), 0, []
    for _ in range(count):
        time += draw.randrange(3)
        found.append((draw.randrange(SIDE), draw.randrange(SIDE), time, draw.randrange(2)))
    return found


def nmnist(stream: list) -> bytes:
    """Five bytes an event."""
    return b"".join(bytes([x, y, p << 7 | t >> 16, t >> 8 & 255, t & 255])
                    for x, y, t, p in stream)


def dat(stream: list) -> bytes:
    """Eight bytes an event."""
    return b"% Version 2\n\x0c\x08" + b"".join(
        struct.pack("<II", t, x | y << 14 | p << 28) for x, y, t, p in stream)


def evt2(stream: list) -> bytes:
    """A word an event, and one each 64 microseconds."""
    parts, high = [b"% evt 2.0\n% end\n"], -1
    for x, y, t, p in stream:
        if t >> 6 != high:
            high = t >> 6
            parts.append(struct.pack("<I", 8 << 28 | high))
        parts.append(struct.pack("<I", p << 28 | (t & 63) << 22 | x << 11 | y))
    return b"".join(parts)


def evt21(stream: list) -> bytes:
    """Vectors of one event: the dearest."""
    parts, high = [b"% evt 2.1\n% end\n"], -1
    for x, y, t, p in stream:
        if t >> 6 != high:
            high = t >> 6
            parts.append(struct.pack("<Q", 8 << 60 | high << 32))
        parts.append(struct.pack("<Q", p << 60 | (t & 63) << 54 | x << 43 | y << 32 | 1))
    return b"".join(parts)


def evt3(stream: list) -> bytes:
    """A word for each change of time and row, and one an event."""
    parts, state = [b"% evt 3.0\n% end\n"], [-1, -1, -1]
    for x, y, t, p in stream:
        for index, kind, value in ((0, 8, t >> 12), (1, 6, t & 4095), (2, 0, y)):
            if state[index] != value:
                state[index] = value
                parts.append(struct.pack("<H", kind << 12 | value))
                if index == 0:
                    state[1] = -1
        parts.append(struct.pack("<H", 2 << 12 | p << 11 | x))
    return b"".join(parts)


FORMATS = {"nmnist": nmnist, "dat": dat, "evt2": evt2, "evt21": evt21, "evt3": evt3}


def count(command: list, plugin: Path, work: Path) -> int:
    """All instructions of a run."""
    symbols, result = work / "symbols", work / "counts"
    symbols.write_text("0 all\n")
    # One window holds everything, so that the network runs once.
    output(command[0], "-plugin", f"{plugin},symbols={symbols},out={result}", *command[1:],
           "--continuous", "--quiet", "--window", 2**30 - 1)
    return sum(int(line.split()[1]) for line in result.read_text().splitlines())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(options: argparse.Namespace) -> None:
    """Measures every format on every board's processor that there is a program for."""
    del options
    measured = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        model = work / "model.spk"
        build(find(NETWORK).folder, model)
        for name, target in BOARDS.items():
            program = BOARD_PROGRAMS / f"spikelet-board-events-{name}"
            if not program.exists():
                continue
            qemu = target.emulator
            need(qemu)
            plugin = build_plugin(work, qemu)
            for kind, write in FORMATS.items():
                counts = []
                for length in (SHORT, LONG):
                    path = work / f"{kind}-{length}"
                    path.write_bytes(write(events(length)))
                    counts.append(count(
                        [qemu, program, model, "--events", path, "--events-format", kind], plugin,
                        work))
                each = (counts[1] - counts[0]) / (LONG - SHORT)
                print(f"{name} {kind:8}{each:7.1f} instructions an event", flush=True)
                if name == LIMITED and each > LIMIT:
                    stop(f"{name} {kind}: {each:.1f} instructions an event, allowed {LIMIT}")
                measured += 1
    if not measured:
        stop("no program is there; build it with scripts/build-boards --events", 2)
