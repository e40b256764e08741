"""IDX files, MNIST's own format, with numpy alone."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

_IDX_UNSIGNED_BYTE = 0x08


def read_idx(path: Path) -> np.ndarray:
    """Reads one IDX file of unsigned bytes, gzip-compressed where it ends in .gz."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        content = file.read()
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _IDX_UNSIGNED_BYTE:
        raise ValueError(f"{path}: not an IDX file of unsigned bytes")
    rank = content[3]
    header = 4 + 4 * rank
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", rank, 4))
    if len(content) != header + int(np.prod(shape)):
        raise ValueError(f"{path}: {len(content)} bytes do not hold an array of {shape}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _find(directory: Path, name: str) -> Path:
    for path in (directory / f"{name}.gz", directory / name):
        if path.exists():
            return path
    raise FileNotFoundError(f"{directory / name}[.gz] is missing; see training/README.md")


def read_labelled(directory: Path, prefix: str) -> tuple[np.ndarray, np.ndarray]:
    """The images (count, height, width) and labels of one part of a data set, as bytes."""
    pixels = read_idx(_find(directory, f"{prefix}-images-idx3-ubyte"))
    labels = read_idx(_find(directory, f"{prefix}-labels-idx1-ubyte"))
    if pixels.shape[0] != labels.shape[0]:
        raise ValueError(f"{directory}: {pixels.shape[0]} images, {labels.shape[0]} labels")
    return pixels, labels
