"""Small random affine changes, made on whole batches of tensors."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

ROTATION = math.radians(12)
SCALE = 0.12
SHEAR = 0.15
SHIFT_PIXELS = 2.5


def _uniform(count: int, bound: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(count, generator=generator) * 2 - 1) * bound


def random_affine(images: Tensor, generator: torch.Generator) -> Tensor:
    """Rotates, scales, shears and shifts every image by its own small random amount."""
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
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", align_corners=False)
