"""MNIST and Fashion-MNIST from their IDX files, and the split every recipe here uses."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

HELD_BACK_STRIDE = 12
"""Every twelfth training image (5,000 of 60,000) is held back from training."""

DIRECTORIES = {"mnist": "mnist", "fashion": "fashion-mnist"}
"""Where each data set lies below the data sets' directory."""

_IDX_UNSIGNED_BYTE = 0x08


@dataclass(frozen=True)
class Images:
    """Grey images as bytes, shaped (count, 1, height, width), and their labels."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return int(self.labels.shape[0])

    def subset(self, mask: Tensor) -> Images:
        """The images a boolean mask (or an index tensor) picks."""
        return Images(self.pixels[mask], self.labels[mask])

    def to(self, device: torch.device) -> Images:
        """The same images on another device."""
        return Images(self.pixels.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Mnist:
    """The three parts: 55,000 to train on, 5,000 held back, 10,000 to test on."""

    train: Images
    held_back: Images
    test: Images

    def to(self, device: torch.device) -> Mnist:
        """All three parts on another device."""
        return Mnist(self.train.to(device), self.held_back.to(device), self.test.to(device))


def default_directory() -> Path:
    """$SPIKELET_DATASETS, or ~/.cache/spikelet/datasets where it is unset."""
    configured = os.environ.get("SPIKELET_DATASETS")
    return Path(configured) if configured else Path.home() / ".cache/spikelet/datasets"


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


def _read_images(directory: Path, prefix: str) -> Images:
    pixels = read_idx(_find(directory, f"{prefix}-images-idx3-ubyte")).copy()
    labels = read_idx(_find(directory, f"{prefix}-labels-idx1-ubyte"))
    if pixels.shape[0] != labels.shape[0]:
        raise ValueError(f"{directory}: {pixels.shape[0]} images, {labels.shape[0]} labels")
    return Images(torch.from_numpy(pixels).unsqueeze(1), torch.from_numpy(labels.astype(np.int64)))


def load_dataset(datasets: Path, name: str) -> Mnist:
    """Loads a data set ("mnist" or "fashion") and splits off the held-back images."""
    directory = datasets / DIRECTORIES[name]
    everything = _read_images(directory, "train")
    held_back = torch.arange(len(everything)) % HELD_BACK_STRIDE == HELD_BACK_STRIDE - 1
    return Mnist(
        train=everything.subset(~held_back),
        held_back=everything.subset(held_back),
        test=_read_images(directory, "t10k"),
    )


def load_mnist(datasets: Path) -> Mnist:
    """Loads MNIST from `datasets`/mnist and splits off the held-back images."""
    return load_dataset(datasets, "mnist")


def to_unit(pixels: Tensor) -> Tensor:
    """Bytes 0...255 as floats 0...1: the only preprocessing there is."""
    return pixels.float() / 255
