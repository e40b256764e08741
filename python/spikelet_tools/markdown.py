"""Tables in Markdown, their numbers, and the marked places of documents where they stand."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.paths import RESULTS, ROOT
from spikelet_tools.processes import stop

NONE = "–"
"""What stands in a cell without a figure."""


def percent(share: float, digits: int = 2) -> str:
    """A share as "99.54 %"."""
    return f"{100 * share:.{digits}f} %"


def grouped(number: float) -> str:
    """A whole number as "12,345"."""
    return f"{round(number):,}"


def size(number: int) -> str:
    """Bytes as "12,345 B"."""
    return f"{number:,} B"


def aligned(rows: list[list[str]], right=()) -> str:
    """A table of plain text: the columns named in `right` end at the right."""
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.rjust(width) if column in right else cell.ljust(width)
                       for column, (cell, width) in enumerate(zip(cells, widths)))
             for cells in rows)
    return "\n".join(line.rstrip() for line in lines)


def row(cells: list) -> str:
    """One line of a table."""
    return "|" + "".join(f" {cell} |" if str(cell) else " |" for cell in cells)


def head(*titles: str) -> list[str]:
    """The two lines that begin a table."""
    return [row(list(titles)), "|" + "---|" * len(titles)]


@dataclass(frozen=True)
class Section:
    """The part of a document between `<!-- name: begin -->` and `<!-- name: end -->`."""

    name: str
    path: Path = RESULTS

    def _parts(self) -> tuple[str, str, str]:
        """What is before it, what it is, what is after it."""
        begin, end = f"<!-- {self.name}: begin -->", f"<!-- {self.name}: end -->"
        text = self.path.read_text(encoding="utf-8")
        if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
            stop(f"{self.path}: needs {begin} and behind it {end}, once each", 2)
        before, rest = text.split(begin)
        content, after = rest.split(end)
        return before + begin, content, end + after

    def write(self, lines: list[str]) -> None:
        """Replaces the section."""
        before, _, after = self._parts()
        self.path.write_text(before + _content(lines) + after, encoding="utf-8")

    def holds(self, lines: list[str]) -> bool:
        """Whether the section is these lines."""
        return self._parts()[1] == _content(lines)

    def conclude(self, lines: list[str], check: bool, command: str) -> None:
        """Writes the section, or compares it and fails where it differs."""
        place = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        if not check:
            self.write(lines)
            print("\n".join(lines))
        elif self.holds(lines):
            print(f"{self.name}: as in {place}")
        else:
            stop(f"{place}: the tables of {self.name} are not what is measured; after a change "
                 f"that is meant to change them, run scripts/tool {command}")


def _content(lines: list[str]) -> str:
    return "\n".join(["", *lines, ""])


def add_check_argument(parser: argparse.ArgumentParser) -> None:
    """Adds --check."""
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
