"""Trains the examples for a few epochs on the CPU, and classifies with them."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Scores = Callable[[nn.Module, Tensor], Tensor]
BATCH = 128
LEARNING_RATE = 3e-3


def train(
    network: nn.Module, scores: Scores, pixels: Tensor, labels: Tensor, epochs: int,
    progress: Callable[[str], None],
) -> None:
    """Cross-entropy of the scores, Adam, a cosine of the learning rate.

    - pixels, labels: bytes (pictures, channels, rows, columns), and classes.
    """
    optimizer = torch.optim.Adam(
        [p for p in network.parameters() if p.requires_grad], lr=LEARNING_RATE)
    steps = epochs * -(-len(pixels) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for epoch in range(epochs):
        network.train()
        total = 0.0
        for batch in torch.randperm(len(pixels)).split(BATCH):
            optimizer.zero_grad()
            loss = F.cross_entropy(
                scores(network, pixels[batch].float() / 255), labels[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(batch)
        progress(f"epoch {epoch + 1} of {epochs}: loss {total / len(pixels):.3f}")
    network.eval()


@torch.no_grad()
def predictions(network: nn.Module, scores: Scores, pixels: Tensor) -> Tensor:
    """The class of the largest score of each picture, the first of equal ones."""
    network.eval()
    parts = [
        scores(network, part.float() / 255).argmax(1) for part in pixels.split(BATCH)]
    return torch.cat(parts)
