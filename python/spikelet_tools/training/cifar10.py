"""CIFAR-10 as tensors, its split, and the shifted and mirrored views that training takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from spikelet_tools.training.data import Images, Mnist
from spikelet_tools.training.records import CIFAR10_TEST, SIZE, read_records

HELD_BACK_STRIDE = 10
"""Every tenth training picture (5,000 of 50,000) is held back from training."""

LARGEST_SHIFT = 4
_DIRECTORIES = ("cifar10", "cifar-10-batches-bin")


def _read(path: Path) -> Images:
    pixels, labels = read_records(path)
    return Images(torch.from_numpy(pixels.copy()), torch.from_numpy(labels.astype(np.int64)))


def _directory(datasets: Path) -> Path:
    for name in _DIRECTORIES:
        if (datasets / name / CIFAR10_TEST).exists():
            return datasets / name
    raise FileNotFoundError(
        f"{datasets / _DIRECTORIES[0]} is missing: scripts/tool download-datasets cifar10")


def load_cifar10(datasets: Path) -> Mnist:
    """The three parts: 45,000 pictures to train on, 5,000 held back, 10,000 to test on."""
    directory = _directory(datasets)
    batches = [_read(directory / f"data_batch_{number}.bin") for number in range(1, 6)]
    everything = Images(
        torch.cat([batch.pixels for batch in batches]),
        torch.cat([batch.labels for batch in batches]),
    )
    held_back = torch.arange(len(everything)) % HELD_BACK_STRIDE == HELD_BACK_STRIDE - 1
    return Mnist(
        train=everything.subset(~held_back),
        held_back=everything.subset(held_back),
        test=_read(directory / CIFAR10_TEST),
    )


@dataclass(frozen=True)
class Views:
    """Pictures and, for each of some copies, how every one of them is shifted and mirrored.

    `rows`, `columns` (0 to twice the largest shift) and `mirrored` are shaped (copies, count).
    A picture is mirrored in every other copy. The borders continue as reflections.
    """

    padded: Tensor
    rows: Tensor
    columns: Tensor
    mirrored: Tensor

    @staticmethod
    def of(pixels: Tensor, copies: int, seed: int, shift: int = LARGEST_SHIFT) -> Views:
        """`copies` random views of every picture."""
        generator = torch.Generator().manual_seed(seed)
        shape = (copies, len(pixels))
        first = torch.randint(2, (1, len(pixels)), generator=generator)
        turns = (first + torch.arange(copies)[:, None]) % 2
        padded = F.pad(pixels.float(), (shift,) * 4, mode="reflect").to(torch.uint8)
        rows, columns = (
            torch.randint(2 * shift + 1, shape, generator=generator) for _ in range(2)
        )
        return Views(padded, rows, columns, turns == 1)

    def to(self, device: torch.device) -> Views:
        """The same views on another device."""
        parts = (self.padded, self.rows, self.columns, self.mirrored)
        return Views(*(part.to(device) for part in parts))

    @property
    def copies(self) -> int:
        """How many views there are of each picture."""
        return len(self.rows)

    def pixels(self, copy: int, picked: Tensor) -> Tensor:
        """The bytes of the pictures with these indices, in one of the copies."""
        windows = self.padded.unfold(2, SIZE, 1).unfold(3, SIZE, 1)
        crops = windows[picked, :, self.rows[copy, picked], self.columns[copy, picked]]
        mirror = self.mirrored[copy, picked].view(-1, 1, 1, 1)
        return torch.where(mirror, crops.flip(3), crops)
