"""The shapes of AlexNet and VGG for 32x32 pictures, trained or drawn."""

from __future__ import annotations

Plan = tuple[tuple[int, bool], ...]
"""Convolutions of a chain: maps, and whether a 2x2 average pool follows."""

ALEXNET: Plan = ((64, True), (192, True), (384, False), (256, False), (256, True))
VGG11: Plan = (
    (64, True),
    (128, True),
    (256, False),
    (256, True),
    (512, False),
    (512, True),
    (512, False),
    (512, True),
)
VGG16: Plan = (
    (64, False),
    (64, True),
    (128, False),
    (128, True),
    (256, False),
    (256, False),
    (256, True),
    (512, False),
    (512, False),
    (512, True),
    (512, False),
    (512, False),
    (512, True),
)
