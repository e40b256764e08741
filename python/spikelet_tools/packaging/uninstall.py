"""Removes what `make install` and `make install-library` wrote below a prefix, and nothing else."""

from __future__ import annotations

import argparse

from spikelet_tools.packaging.install import LISTS, below, read_list, remove
from spikelet_tools.processes import stop


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where it was installed."""
    parser.add_argument("--prefix", default="/usr/local", help="default: /usr/local")
    parser.add_argument("--destdir", default="", help="the folder before the prefix")


def run(options: argparse.Namespace) -> None:
    """Removes the files of both lists."""
    root = below(options.prefix, options.destdir)
    names = [name for path in LISTS.values() for name in read_list(root / path)]
    if not names:
        stop(f"{root}: nothing is installed there: it has no {LISTS['tool']} and no "
             f"{LISTS['library']}", 2)
    print(f"removed {remove(root, names)} files below {root}")
