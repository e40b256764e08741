"""Augmented copies of the training images, made once, with a teacher's scores."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from spikelet_tools.training.augment import Augmentation
from spikelet_tools.training.checkpoints import save_atomically
from spikelet_tools.training.data import Images, to_unit
from spikelet_tools.progress import ProgressBar


@dataclass(frozen=True)
class AugmentedImages:
    """Several copies of every training image.

    pixels: bytes (copies, images, 1, 28, 28), the first copy being the images as they are;
    labels: (images,); teacher: float16 scores (copies, images, 10), or None.
    """

    pixels: Tensor
    labels: Tensor
    teacher: Tensor | None = None

    def __len__(self) -> int:
        return int(self.labels.shape[0])

    def batches(self, size: int, generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
        """An epoch: every image once, in random order, each from a random copy.

        Indices (copy, image) of every batch; what does not fill a batch is left out.
        """
        order = torch.randperm(len(self), generator=generator)
        copies = torch.randint(len(self.pixels), (len(self),), generator=generator)
        steps = len(self) // size
        return list(zip(copies[: steps * size].split(size), order[: steps * size].split(size)))


def augmented_images(
    images: Images, augmentation: Augmentation, copies: int, seed: int, path: Path
) -> Tensor:
    """The pixels of `AugmentedImages`, kept in `path` for the next run."""
    key = {"copies": copies, "seed": seed, "augmentation": augmentation.__name__}
    if path.exists():
        stored = torch.load(path, weights_only=True, mmap=True)
        if stored["key"] == key and stored["pixels"].shape[1] == len(images):
            return stored["pixels"]
    generator = torch.Generator().manual_seed(seed)
    pixels = images.pixels.cpu().repeat(copies, 1, 1, 1, 1)
    bar = ProgressBar("augmenting", copies)
    for copy in range(1, copies):
        parts = [
            (augmentation(to_unit(part), generator) * 255).round().to(torch.uint8)
            for part in pixels[0].split(1000)
        ]
        pixels[copy] = torch.cat(parts)
        bar.update(copy + 1)
    bar.clear()
    save_atomically({"key": key, "pixels": pixels}, path)
    return pixels


@torch.no_grad()
def teacher_scores(teacher: nn.Module, pixels: Tensor, device: torch.device) -> Tensor:
    """The teacher's scores (copies, images, 10) in float16 for pixels of that shape."""
    teacher.eval()
    bar = ProgressBar("teacher", len(pixels))
    copies = []
    for done, copy in enumerate(pixels):
        with in_halves(device):
            parts = [teacher(to_unit(part.to(device))) for part in copy.split(500)]
        copies.append(torch.cat(parts).half().cpu())
        bar.update(done + 1)
    bar.clear()
    return torch.stack(copies)
