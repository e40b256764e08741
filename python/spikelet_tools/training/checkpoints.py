"""Checkpoints that an interruption cannot leave half written."""

from __future__ import annotations

from pathlib import Path

import torch


def save_atomically(state: object, path: Path) -> None:
    """Saves `state` to `path`, which holds the old or the new state at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f"{path.suffix}.partial")
    torch.save(state, partial)
    partial.replace(path)


def load_state(path: Path) -> dict[str, object]:
    """A checkpoint's content, on the CPU."""
    return torch.load(path, map_location="cpu", weights_only=True)
