"""MNIST and Fashion-MNIST as tensors, and the split every recipe here uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from spikelet_tools.datasets import DIRECTORIES
from spikelet_tools.training.idx import read_labelled

HELD_BACK_STRIDE = 12
"""Every twelfth training image (5,000 of 60,000) is held back from training."""


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

    def joined(self, others: Images) -> Images:
        """These images, then the others."""
        return Images(
            torch.cat([self.pixels, others.pixels]), torch.cat([self.labels, others.labels]))

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


def _read_images(directory: Path, prefix: str) -> Images:
    pixels, labels = read_labelled(directory, prefix)
    return Images(
        torch.from_numpy(pixels.copy()).unsqueeze(1), torch.from_numpy(labels.astype(np.int64))
    )


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
