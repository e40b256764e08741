"""Where the data sets lie."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

DIRECTORIES = {"mnist": "mnist", "fashion": "fashion-mnist", "cifar10": "cifar10"}
"""The folder of each data set below the data sets' folder, by the name that recipes use."""


def default_directory() -> Path:
    """$SPIKELET_DATASETS, or ~/.cache/spikelet/datasets where it is unset."""
    configured = os.environ.get("SPIKELET_DATASETS")
    return Path(configured) if configured else Path.home() / ".cache/spikelet/datasets"


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Adds --data, the data sets' folder."""
    parser.add_argument(
        "--data", type=Path, default=default_directory(), metavar="DIR",
        help="the data sets' folder; default: $SPIKELET_DATASETS or ~/.cache/spikelet/datasets")


def arguments(options: argparse.Namespace) -> list[str]:
    """--data as `spikelet` takes it."""
    return ["--data", str(options.data.resolve())]
