"""Records the SHA-256 of every deployment's model in firmware-configs/models.sha256.

A test compares them. For changes that are meant to alter model files, and no others.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path

from spikelet_tools.deployments import all_deployments
from spikelet_tools.paths import CONFIGS, ROOT
from spikelet_tools.processes import build

LIST = CONFIGS / "models.sha256"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_: argparse.Namespace) -> None:
    """Builds every deployment and writes the list."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.spk"
        for deployment in all_deployments():
            build(deployment.folder, model)
            digest = hashlib.sha256(model.read_bytes()).hexdigest()
            lines.append(f"{digest}  {deployment.name}\n")
    LIST.write_text("".join(lines), encoding="utf-8")
    print(f"wrote {LIST.relative_to(ROOT)}: {len(lines)} deployments")
