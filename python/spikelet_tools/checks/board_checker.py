"""Runs spikelet-board on files that it must refuse, and writes such files."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path


def idx(magic: int, *dimensions: int, payload: bytes) -> bytes:
    """An IDX file: its header, and whatever follows."""
    return struct.pack(f">{1 + len(dimensions)}I", magic, *dimensions) + payload


class Checker:
    """Runs the executable and counts what it refuses as it should."""

    def __init__(self, model: Path, command: list[str], folder: Path) -> None:
        self.model, self.command, self.folder = model, command, folder
        self.failures: list[str] = []
        self.count = 0

    def write(self, name: str, content: bytes) -> Path:
        """Writes a file for the executable to read."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    def run(self, arguments: list, **options) -> subprocess.CompletedProcess:
        """Runs the executable."""
        options = {"stdout": subprocess.PIPE} | options
        return subprocess.run(
            self.command + [str(a) for a in arguments], stderr=subprocess.PIPE, **options)

    def expect(self, text: str, *arguments, **options) -> None:
        """Demands exit code 2 and the one line `text`."""
        result = self.run(list(arguments), **options)
        given = (result.returncode, result.stdout or b"", result.stderr.decode())
        if given != (2, b"", f"spikelet-board: {text}\n"):
            self.failures.append(f"{arguments}\n  needed {text!r}\n  given  {given}")
        self.count += 1

    def host(self, *arguments) -> str:
        """What the host's tool says, without its name."""
        result = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True)
        assert result.returncode == 2 and result.stderr.startswith("spikelet: "), result
        return result.stderr.removeprefix("spikelet: ").removesuffix("\n")


def npy(shape: str, payload: bytes, kind: str = "|u1", order: str = "False") -> bytes:
    """A NumPy array, as numpy.save writes it."""
    header = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    header += b" " * ((-len(header) - 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + payload
