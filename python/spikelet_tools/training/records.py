"""CIFAR-10's records, and the test pictures of any data set, with numpy alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spikelet_tools.training.idx import read_labelled

SIZE = 32
RECORD = 1 + 3 * SIZE * SIZE
CIFAR10_TEST = "test_batch.bin"


def read_records(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The pictures (count, 3, 32, 32) and labels of a batch of CIFAR-10, as bytes."""
    content = np.fromfile(path, np.uint8)
    if content.size == 0 or content.size % RECORD:
        raise ValueError(f"{path}: {content.size} bytes are no whole records of {RECORD}")
    records = content.reshape(-1, RECORD)
    return records[:, 1:].reshape(-1, 3, SIZE, SIZE), records[:, 0]


def read_test(directory: Path) -> tuple[np.ndarray, np.ndarray]:
    """The test pictures and labels of a data set's folder."""
    batch = directory / CIFAR10_TEST
    return read_records(batch) if batch.exists() else read_labelled(directory, "t10k")
