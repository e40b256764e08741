"""What a long run says: notes, a progress bar for terminals, and its log file."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def note(text: str) -> None:
    """A line on standard error, at once."""
    print(text, file=sys.stderr, flush=True)


class ProgressBar:
    """One line on standard error, redrawn in place; silent where that is no terminal."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = total
        self._visible = sys.stderr.isatty()

    def update(self, done: int) -> None:
        """Redraws the bar with `done` of the total behind it."""
        if not self._visible:
            return
        filled = 30 * done // max(self._total, 1)
        bar = "#" * filled + "." * (30 - filled)
        sys.stderr.write(f"\r{self._label} [{bar}] {done}/{self._total}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Removes the bar from the terminal."""
        if self._visible:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


class EpochLog:
    """A JSON Lines file: one line an epoch, and one for the result."""

    def __init__(self, path: Path, keep_epochs: int) -> None:
        """Starts the log over, or keeps its first epochs where training is resumed."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if keep_epochs and path.exists() else []
        path.write_text("".join(line + "\n" for line in lines[:keep_epochs]))

    def write(self, record: dict[str, object]) -> None:
        """Appends one line."""
        with self._path.open("a") as file:
            file.write(json.dumps(record) + "\n")
