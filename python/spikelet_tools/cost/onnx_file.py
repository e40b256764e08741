"""Writes small ONNX files without the onnx package: convolutions, comparisons, casts and pools."""

from __future__ import annotations

import struct
from pathlib import Path

FLOAT, INT64 = 1, 7


def _varint(value: int) -> bytes:
    result = bytearray()
    while True:
        byte = value & 127
        value >>= 7
        result.append(byte | (128 if value else 0))
        if not value:
            return bytes(result)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


class Graph:
    """A chain of nodes from `input` on; `last` names the newest value."""

    def __init__(self, channels: int, height: int, width: int):
        self.shape = (channels, height, width)
        self.last = "input"
        self._nodes: list[bytes] = []
        self._tensors: list[bytes] = []
        self._metadata: dict[str, str] = {}
        self._count = 0
        # Of each node that statistics may be kept of, its channels.
        self.channels: dict[str, int] = {}
        self._newest = channels
        self._extents: dict[str, tuple[int, ...]] = {}

    def tensor(self, values: list[float], shape: tuple[int, ...]) -> str:
        """A constant; returns its name."""
        name = f"constant{len(self._tensors)}"
        self._extents[name] = shape
        dims = b"".join(_number(1, extent) for extent in shape)
        self._tensors.append(dims + _number(2, FLOAT) + _bytes(8, name)
                             + _bytes(9, struct.pack(f"<{len(values)}f", *values)))
        return name

    def add(self, operator: str, *constants: str, source: str | None = None, **attributes) -> str:
        """A node that reads the newest value and constants; returns its name."""
        self._count += 1
        name = f"{operator.lower()}{self._count}"
        inputs = [source or self.last, *constants]
        if operator in ("Conv", "Gemm"):
            self._newest = self._extents[constants[0]][0]
        self.channels[name] = self._newest
        body = b"".join(_bytes(1, value) for value in inputs)
        body += _bytes(2, name) + _bytes(3, name) + _bytes(4, operator)
        for key, value in attributes.items():
            if isinstance(value, int):
                content = _number(3, value) + _number(20, 2)
            else:
                content = b"".join(_number(8, item) for item in value) + _number(20, 7)
            body += _bytes(5, _bytes(1, key) + content)
        self._nodes.append(body)
        self.last = name
        return name

    def note(self, key: str, value: str) -> None:
        """An entry of the file's metadata."""
        self._metadata[key] = value

    def write(self, path: Path, outputs: tuple[int, ...]) -> None:
        """Writes the file; the newest value is the network's output."""
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _bytes(2, "graph")
        graph += b"".join(_bytes(5, tensor) for tensor in self._tensors)
        graph += _bytes(11, _value("input", (1, *self.shape)))
        graph += _bytes(12, _value(self.last, (1, *outputs)))
        model = _number(1, 8) + _bytes(8, _bytes(1, "") + _number(2, 17)) + _bytes(7, graph)
        for key, value in self._metadata.items():
            model += _bytes(14, _bytes(1, key) + _bytes(2, value))
        path.write_bytes(model)


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_bytes(1, _number(1, extent)) for extent in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, FLOAT) + _bytes(2, dims)))
