"""Installs the host's tool and the C library below a prefix.

`make install` builds both and calls this. What is installed is listed in
share/spikelet/installed-files, so that `make uninstall` takes away that and nothing else, and a
newer installation leaves no file of an older one behind.
"""

from __future__ import annotations

import argparse
from pathlib import Path, PurePosixPath

from spikelet_tools.packaging.contents import Program, strip, tool_tree
from spikelet_tools.packaging.library import build_library, library_tree
from spikelet_tools.packaging.tree import Tree
from spikelet_tools.paths import BUILD
from spikelet_tools.processes import need, stop
from spikelet_tools.targets import LIBRARY_TARGETS

LISTS = {"tool": "share/spikelet/installed-files", "library": "share/spikelet/library-files"}


def below(prefix: str, destdir: str) -> Path:
    """Where a prefix lies, with DESTDIR before it as GNU has it."""
    if not prefix.startswith("/"):
        stop(f"PREFIX is {prefix}, needed a path from the root, such as /usr/local", 2)
    return Path(destdir + prefix) if destdir else Path(prefix)


def read_list(path: Path) -> list[str]:
    """The files that an installation wrote; none where there was none."""
    if not path.exists():
        return []
    names = path.read_text(encoding="utf-8").splitlines()
    for name in names:
        if not name or name.startswith("/") or ".." in PurePosixPath(name).parts:
            stop(f"{path}: \"{name}\" is no file of an installation; nothing was removed", 2)
    return names


def remove(root: Path, names: list[str]) -> int:
    """Removes files below a folder, and folders that are empty then; how many files there were."""
    count = 0
    try:
        for name in names:
            place = root / name
            if place.is_symlink() or place.is_file():
                place.unlink()
                count += 1
        folders = {root / parent for name in names for parent in PurePosixPath(name).parents
                   if str(parent) != "."}
        for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
            if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
                folder.rmdir()
    except OSError as error:
        stop(f"{error.filename}: cannot be removed: {error.strerror}", 2)
    return count


def install(tree: Tree, root: Path, list_name: str) -> int:
    """Copies a tree, its list with it, and removes what an older one had besides."""
    names = sorted([*tree.entries, list_name])
    old = set(read_list(root / list_name))
    tree.text(list_name, "".join(f"{name}\n" for name in names))
    tree.copy(root)
    remove(root, sorted(old - set(names)))
    return len(names)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to install, and where."""
    parser.add_argument("--prefix", default="/usr/local", help="default: /usr/local")
    parser.add_argument("--destdir", default="", help="a folder to put before the prefix")
    parser.add_argument("--libdir", default="lib", help="below the prefix; default: lib")
    parser.add_argument("--tool", type=Path, help="the statically linked spikelet to install")
    parser.add_argument("--library", metavar="TARGET", choices=sorted(LIBRARY_TARGETS),
                        help=f"builds and installs the C library for one of "
                        f"{', '.join(sorted(LIBRARY_TARGETS))}")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Something must be installed, below the prefix."""
    if options.tool is None and options.library is None:
        parser.error("nothing to install: --tool or --library")
    if options.libdir.startswith("/") or ".." in PurePosixPath(options.libdir).parts:
        parser.error("--libdir is a path below the prefix")


def run(options: argparse.Namespace) -> None:
    """Installs the tool, the library or both."""
    root = below(options.prefix, options.destdir)
    if options.tool is not None:
        if not options.tool.is_file():
            stop(f"{options.tool}: does not exist; make install builds it", 2)
        need("strip")
        tool = strip(options.tool, BUILD / "packages" / "tool" / "spikelet")
        count = install(tool_tree(Program(tool)), root, LISTS["tool"])
        print(f"installed the tool: {count} files below {root}")
    if options.library is not None:
        built = build_library(options.library)
        tree = library_tree(built, options.library, options.libdir)
        count = install(tree, root, LISTS["library"])
        print(f"installed the C library for {options.library}: {count} files below {root}")
