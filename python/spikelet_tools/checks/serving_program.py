"""Builds spikelet-board as it serves, for this machine and for boards, and talks to it."""

from __future__ import annotations

import fcntl
import os
import platform
import re
import select
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from spikelet_tools.paths import BOARD_PROGRAMS
from spikelet_tools.processes import need, output, stop
from spikelet_tools.targets import BOARDS

NATIVE = {"x86_64": "x86-64", "aarch64": "aarch64"}
PATIENCE = 60
"""Seconds that anything may take before it counts as stuck."""


@dataclass(frozen=True)
class Program:
    """An executable that serves, and what runs it here."""

    target: str
    command: list[str]

    @property
    def is_native(self) -> bool:
        """Whether the system sees the program itself and no emulator."""
        return len(self.command) == 1


def native_target() -> str:
    """The target whose executables this machine runs."""
    machine = platform.machine()
    if machine not in NATIVE:
        stop(f"there is no executable for {machine}, needed {' or '.join(NATIVE)}", 2)
    return NATIVE[machine]


def build_program(target: str, *options: str) -> Program:
    """Builds the executable with these options, or the one that serves, with threads."""
    options = options or ("--threads", "--serve")
    runner = []
    if target != native_target():
        runner = [BOARDS[target].emulator_of_static]
        need(*runner)
    print(output("scripts/build-boards", *options, target), end="", flush=True)
    program = BOARD_PROGRAMS / f"spikelet-board{''.join(o[1:] for o in options)}-{target}"
    return Program(target, [*runner, str(program)])


@dataclass
class Service:
    """A running program with pipes of ours; what it says is read on demand."""

    process: subprocess.Popen
    input: int
    output: int
    received: bytearray = field(default_factory=bytearray)

    @classmethod
    def start(cls, program: Program, *arguments, pipe_bytes: int | None = None,
              is_nonblocking: bool = False) -> Service:
        """Starts it with `--serve`; its pipes may be small, and such that nothing waits."""
        given, to_send = os.pipe()
        to_read, taken = os.pipe()
        for end in [given, taken]:
            if pipe_bytes is not None:
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, pipe_bytes)
            if is_nonblocking:
                os.set_blocking(end, False)
        process = subprocess.Popen(
            [*program.command, "--serve", *map(str, arguments)], stdin=given, stdout=taken,
            stderr=subprocess.PIPE)
        os.close(given)
        os.close(taken)
        return cls(process, to_send, to_read)

    def send(self, data: bytes) -> None:
        """Writes all of it, however little the pipe takes at a time."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.input, view[:1 << 16]):]

    def close_input(self) -> None:
        """Ends its input."""
        if self.input >= 0:
            os.close(self.input)
            self.input = -1

    def close_output(self) -> None:
        """Goes away as its reader."""
        if self.output >= 0:
            os.close(self.output)
            self.output = -1

    def read_some(self, seconds: float = PATIENCE) -> bool:
        """Takes what it has printed; false at the end."""
        if not select.select([self.output], [], [], seconds)[0]:
            stop(f"{self.process.args}: says nothing for {seconds} seconds")
        data = os.read(self.output, 1 << 16)
        self.received += data
        return bool(data)

    def read_lines(self, count: int) -> list[str]:
        """Takes lines until there are as many."""
        while self.received.count(b"\n") < count:
            if not self.read_some():
                stop(f"{self.process.args}: ended after {bytes(self.received)!r}"
                     f"\n{self.process.stderr.read().decode()}")
        return self.received.decode().splitlines()[:count]

    def end(self) -> tuple[int, list[str], str]:
        """Waits for its end: exit code, lines, and what stands on standard error."""
        deadline = time.monotonic() + PATIENCE
        while self.output >= 0 and self.read_some():
            if time.monotonic() > deadline:
                stop(f"{self.process.args}: does not end")
        self.close_input()
        self.close_output()
        try:
            errors = self.process.communicate(timeout=PATIENCE)[1].decode()
        except subprocess.TimeoutExpired:
            self.process.kill()
            stop(f"{self.process.args}: does not end")
        if self.received and not self.received.endswith(b"\n"):
            stop(f"{self.process.args}: its last line is cut: {bytes(self.received[-80:])!r}")
        return self.process.returncode, self.received.decode().splitlines(), errors

    def end_after(self, sender: threading.Thread) -> tuple[int, list[str], str]:
        """The same where another thread still sends: our end of the pipe stays open for it."""
        while self.read_some():
            pass
        self.process.wait(PATIENCE)
        sender.join(PATIENCE)
        return self.end()

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self.process.send_signal(number)

    def resident(self) -> int:
        """The KiB that are resident now, as the system finds them in its tables of pages."""
        path = Path(f"/proc/{self.process.pid}/smaps_rollup")
        return int(re.search(r"^Rss: +(\d+) kB$", path.read_text(), re.MULTILINE)[1])
