"""Event recordings as frames of spikes, binned as the engine's readers bin them.

A set is a folder `Train` and a folder `Test` (or lower case), each with one folder a class; without
them, every fifth recording of a class is for tests. A
recording is N-MNIST's `.bin`, an AEDAT 2 file, or an array (N, 4) of x, y, t, p as `.npy`. The
rules are those of docs/events.md: windows of a fixed time that begin with the first event and
hold their first microsecond, not their last; a site of a window is 1 where any event fell.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

OVERFLOW_ROW = 240
OVERFLOW = 1 << 13


@dataclass(frozen=True)
class EventSet:
    """Where a set lies, and how its recordings become frames (timesteps, 2, side, side)."""

    folder: str
    classes: tuple[str, ...]
    width: int
    height: int
    crop: tuple[int, int, int, int]
    """x, y, width, height"""
    downsample: int
    window: int
    """Microseconds."""
    timesteps: int

    @property
    def side(self) -> int:
        """Rows and columns of a frame."""
        return self.crop[2] // self.downsample


SETS = {
    "nmnist": EventSet(
        "nmnist", tuple("0123456789"), 34, 34, (1, 1, 32, 32), 1, 20_000, 15),
    "dvs-gesture": EventSet(
        "dvs-gesture", tuple(str(label) for label in range(11)), 128, 128, (0, 0, 128, 128), 4,
        50_000, 20),
    "cifar10-dvs": EventSet(
        "cifar10-dvs",
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        128, 128, (0, 0, 128, 128), 4, 65_000, 20),
}


def read_nmnist(content: bytes) -> np.ndarray:
    """The events (N, 4) of an N-MNIST recording; row 240 says that the time has overflowed."""
    if len(content) % 5:
        raise ValueError(f"{len(content)} bytes are not whole events of 5 bytes")
    raw = np.frombuffer(content, np.uint8).reshape(-1, 5).astype(np.int64)
    time = (raw[:, 2] & 127) << 16 | raw[:, 3] << 8 | raw[:, 4]
    marks = raw[:, 1] == OVERFLOW_ROW
    time += np.cumsum(marks) * OVERFLOW
    events = np.stack([raw[:, 0], raw[:, 1], time, raw[:, 2] >> 7], axis=1)
    return events[~marks]


def read_aedat2(content: bytes) -> np.ndarray:
    """The events (N, 4) of an AEDAT 2 recording of a DVS128; special events are left out."""
    start = 0
    while content[start:start + 1] == b"#":
        start = content.index(b"\n", start) + 1
    words = np.frombuffer(content[start:len(content) - (len(content) - start) % 8], ">u4")
    address, time = words[0::2].astype(np.int64), words[1::2].astype(np.int64)
    time += np.cumsum(np.diff(time, prepend=time[:1]) < -(1 << 31)) << 32
    events = np.stack([address >> 1 & 127, address >> 8 & 127, time, address & 1], axis=1)
    return events[address >> 15 == 0]


def read_recording(path: Path) -> np.ndarray:
    """The events (N, 4) of a file: x, y, microseconds, polarity."""
    if path.suffix == ".npy":
        return np.load(path).astype(np.int64)
    content = path.read_bytes()
    return read_aedat2(content) if path.suffix == ".aedat" else read_nmnist(content)


def binned(events: np.ndarray, one: EventSet, timesteps: int | None = None) -> np.ndarray:
    """Frames (timesteps, 2, side, side) of bytes 0 and 1."""
    timesteps = timesteps or one.timesteps
    frames = np.zeros((timesteps, 2, one.side, one.side), np.uint8)
    if not len(events):
        return frames
    x, y, time, polarity = events.T
    left, top, width, height = one.crop
    step = (time - time[0]) // one.window
    inside = (step >= 0) & (step < timesteps)
    inside &= (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
    # An event of a window that has ended comes too late.
    inside &= step >= np.maximum.accumulate(step)
    frames[
        step[inside], polarity[inside], (y[inside] - top) // one.downsample,
        (x[inside] - left) // one.downsample] = 1
    return frames


@dataclass(frozen=True)
class Recordings:
    """Frames (recordings, timesteps, 2, side, side) of bytes, and labels."""

    frames: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def load(directory: Path, one: EventSet, split: str) -> Recordings:
    """The recordings of a split, "train" or "test", in the order of classes and files."""
    root = directory / one.folder
    folder = next((path for path in (root / split.title(), root / split) if path.is_dir()), root)
    frames, labels = [], []
    for label, name_of_class in enumerate(one.classes):
        paths = [path for path in sorted((folder / name_of_class).glob("*"))
                 if path.suffix in (".bin", ".aedat", ".npy")]
        for index, path in enumerate(paths):
            # Without folders for the parts, every fifth recording is for tests.
            if folder != root or (index % 5 == 4) == (split == "test"):
                frames.append(binned(read_recording(path), one))
                labels.append(label)
    if not frames:
        raise SystemExit(f"{folder}: has no recordings (.bin, .aedat, .npy) in its class folders")
    return Recordings(torch.from_numpy(np.stack(frames)), torch.tensor(labels))
