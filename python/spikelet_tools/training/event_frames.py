"""The frames of golden vectors of event models, as a network reads them."""

from __future__ import annotations

import numpy as np


def unpacked(inputs: np.ndarray, shape: tuple[int, ...], name: str = "inputs") -> np.ndarray:
    """Frames (pictures, timesteps, channels, rows, columns) of 0 and 1.

    The file has (pictures, timesteps, bytes): a site after the other, row by row, each with as
    many bytes as its channels need, the lowest bit first. `shape` is a frame's.
    """
    channels, rows, columns = shape
    size = -(-channels // 8)
    if inputs.ndim != 3 or inputs.shape[2] != rows * columns * size:
        raise ValueError(
            f"{name}: has the shape {inputs.shape}, needed (pictures, timesteps, "
            f"{rows * columns * size}) for frames of {channels}x{rows}x{columns}")
    sites = inputs.reshape(*inputs.shape[:2], rows, columns, size)
    bits = np.unpackbits(sites, axis=-1, bitorder="little")[..., :channels]
    return np.moveaxis(bits, -1, 2)
