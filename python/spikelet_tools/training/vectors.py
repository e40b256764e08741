"""Arrays as files of golden vectors."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np


def sha256(path: Path) -> str:
    """A file's SHA-256, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_array(folder: Path, stem: str, array: np.ndarray) -> dict[str, object]:
    """Writes an .npy file of version 1.0, C order, little-endian, and describes it."""
    path = folder / f"{stem}.npy"
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    with path.open("wb") as file:
        np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=False)
    kind = array.dtype.str[1:]
    return {"file": path.name, "shape": list(array.shape), "dtype": kind, "sha256": sha256(path)}
