"""A tree of files to install: what goes where below a prefix, before anything is copied."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from spikelet_tools.processes import stop


@dataclass(frozen=True)
class Entry:
    """A file or a symbolic link: exactly one of the three says what is in it."""

    source: Path | None = None
    content: bytes | None = None
    target: str | None = None
    is_program: bool = False


@dataclass
class Tree:
    """Files by their path below the prefix."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, path: str, entry: Entry) -> None:
        """Adds a file; a path has one meaning."""
        name = str(PurePosixPath(path))
        if name in self.entries or name.startswith("/") or ".." in PurePosixPath(name).parts:
            stop(f"{name}: is there already, or leads elsewhere")
        self.entries[name] = entry

    def file(self, path: str, source: Path, is_program: bool = False) -> None:
        """Adds a file of the repository or of a build."""
        self.add(path, Entry(source=source, is_program=is_program))

    def text(self, path: str, text: str, is_program: bool = False) -> None:
        """Adds a text that is made here."""
        self.add(path, Entry(content=text.encode(), is_program=is_program))

    def link(self, path: str, target: str) -> None:
        """Adds a symbolic link, relative to its own folder."""
        self.add(path, Entry(target=target))

    def folder(self, path: str, source: Path) -> None:
        """Adds every file below a folder."""
        for file in sorted(source.rglob("*")):
            if file.is_file():
                self.file(f"{path}/{file.relative_to(source)}", file)

    def merge(self, other: Tree) -> None:
        """Adds the files of another tree."""
        for path, entry in other.entries.items():
            self.add(path, entry)

    def copy(self, root: Path) -> list[str]:
        """Writes all files below a folder, in the order of their names, and returns them.

        Each file is written beside its place and then renamed, so that a program that runs is
        replaced and not written over. Modes do not depend on the umask.
        """
        for path in sorted(self.entries):
            entry, place = self.entries[path], root / path
            make_folder(place.parent)
            if place.is_dir() and not place.is_symlink():
                stop(f"{place}: is a folder; the installation has a file of this name", 2)
            draft = place.with_name(f".{place.name}.{os.getpid()}")
            try:
                write(entry, draft)
                os.replace(draft, place)
            except OSError as error:
                draft.unlink(missing_ok=True)
                stop(f"{place}: cannot be written: {error.strerror}", 2)
        return sorted(self.entries)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, readable for everyone."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        try:
            one.mkdir()
            one.chmod(0o755)
        except OSError as error:
            stop(f"{one}: cannot be made: {error.strerror}", 2)


def write(entry: Entry, place: Path) -> None:
    """Writes one entry under its name."""
    if entry.target is not None:
        place.symlink_to(entry.target)
        return
    if entry.source is not None:
        shutil.copyfile(entry.source, place)
    else:
        place.write_bytes(entry.content or b"")
    place.chmod(0o755 if entry.is_program else 0o644)
