"""The arena that TFLite Micro needs for the same network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from spikelet_tools.paths import ROOT
from spikelet_tools.processes import stop

ROOM = 64 << 20
FILES = {"TFLite Micro float": "float.tflite", "TFLite Micro int8": "int8.tflite"}
"""Its model files, by the name in tables."""


def arena(text: str) -> int:
    """The bytes of the arena, in what TFLite Micro prints."""
    found = re.search(r"Arena allocation total (\d+) bytes", text)
    if found is None:
        stop(f"TFLite Micro printed no arena:\n{text}")
    return int(found[1])


def arenas(folder: Path) -> dict[str, int]:
    """The arena for each file of a contest."""
    found = {}
    for title, file in FILES.items():
        run = subprocess.run(
            [sys.executable, "-m", "spikelet_tools.benchmarks.micro_worker", folder / file,
             str(ROOM)], capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT / "python")})
        if run.returncode != 0:
            stop(f"TFLite Micro cannot run {file}:\n{run.stdout}{run.stderr}")
        found[title] = arena(run.stdout + run.stderr)
    return found
