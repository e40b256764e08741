"""Small random changes of images, made on whole batches of tensors."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

ROTATION = math.radians(12)
SCALE = 0.12
SHEAR = 0.15
SHIFT_PIXELS = 2.5
ELASTIC_CELLS = 5
ELASTIC_PIXELS = 1.2
FASHION_SHIFT_PIXELS = 2

Augmentation = Callable[[Tensor, torch.Generator], Tensor]
"""Maps images of 0...1, shaped (count, 1, height, width), to changed ones of the same shape."""


def _uniform(count: int, bound: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(count, generator=generator) * 2 - 1) * bound


def _affine_grid(images: Tensor, generator: torch.Generator) -> Tensor:
    count, width = images.shape[0], images.shape[-1]
    angle = _uniform(count, ROTATION, generator)
    scale_x = 1 + _uniform(count, SCALE, generator)
    scale_y = 1 + _uniform(count, SCALE, generator)
    shear = _uniform(count, SHEAR, generator)
    shift = _uniform(2 * count, 2 * SHIFT_PIXELS / width, generator).view(2, count)
    cosine, sine = angle.cos(), angle.sin()
    row_x = torch.stack((cosine * scale_x, shear - sine * scale_y, shift[0]), dim=1)
    row_y = torch.stack((sine * scale_x, cosine * scale_y, shift[1]), dim=1)
    theta = torch.stack((row_x, row_y), dim=1).to(images.device)
    return F.affine_grid(theta, list(images.shape), align_corners=False)


def random_affine(images: Tensor, generator: torch.Generator) -> Tensor:
    """Rotates, scales, shears and shifts every image by its own small random amount."""
    grid = _affine_grid(images, generator)
    return F.grid_sample(images, grid, mode="bilinear", align_corners=False)


def random_elastic(images: Tensor, generator: torch.Generator) -> Tensor:
    """`random_affine`, and on top of it a smooth random displacement of about a pixel."""
    count, _, height, width = images.shape
    cells = torch.randn(count, 2, ELASTIC_CELLS, ELASTIC_CELLS, generator=generator)
    field = F.interpolate(cells, (height, width), mode="bicubic", align_corners=True)
    displacement = field.permute(0, 2, 3, 1).to(images.device) * (2 * ELASTIC_PIXELS / width)
    grid = _affine_grid(images, generator) + displacement
    return F.grid_sample(images, grid, mode="bilinear", align_corners=False)


def random_flip_shift(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mirrors every other image left to right and shifts all by up to two whole pixels."""
    count, channels, height, width = images.shape
    bound = FASHION_SHIFT_PIXELS
    padded = F.pad(images, (bound, bound, bound, bound))
    shift = torch.randint(0, 2 * bound + 1, (2, count, 1), generator=generator)
    mirrored = torch.rand(count, 1, generator=generator) < 0.5
    columns = torch.arange(width)
    columns = torch.where(mirrored, columns.flip(0), columns) + shift[0]
    rows = torch.arange(height) + shift[1]
    flat = rows[:, :, None] * padded.shape[-1] + columns[:, None, :]
    flat = flat.view(count, 1, -1).expand(-1, channels, -1).to(images.device)
    return padded.flatten(2).gather(2, flat).view_as(images)


AUGMENTATIONS: dict[str, Augmentation] = {
    "mnist": random_elastic,
    "fashion": random_flip_shift,
}
"""What suits which data set."""
