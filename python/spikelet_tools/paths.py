"""Where things are in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
TOOL = BUILD / "release" / "spikelet"
BOARD_PROGRAMS = BUILD / "boards"
CONFIGS = ROOT / "firmware-configs"
EXPECTED_ACCURACY = CONFIGS / "expected-accuracy.json"
GOLDEN = ROOT / "golden-vectors"
RESULTS = ROOT / "docs" / "results.md"
TRAINING_LOGS = ROOT / "training" / "logs"
CACHE = Path.home() / ".cache" / "spikelet"
