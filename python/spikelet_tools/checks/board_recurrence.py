"""A board with recurrence runs a network whose spikes come back, as the host does.

The network is a fixture of the importer's tests: neurons with a synaptic current and weights from
each to each, as those for the Braille letters of NIR's paper. Its golden vectors are made here.
"""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.paths import BOARD_PROGRAMS, ROOT
from spikelet_tools.processes import build, output, spikelet, stop

NETWORK = ROOT / "Tests" / "SpikeletImportTests" / "NIRFixtures" / "braille.nir"
INPUTS, PICTURES, TIMESTEPS = 4, 24, 20
SEED = 5


@dataclass(frozen=True)
class RecurrentNetwork:
    """A model and its golden vectors."""

    model: Path
    golden: Path

    @classmethod
    def prepare(cls, folder: Path) -> RecurrentNetwork:
        """Builds the model, and records what the host computes of random pictures."""
        configuration, pictures = folder / "recurrent.json", folder / "recurrent.csv"
        configuration.write_text(json.dumps({
            "name": "recurrent", "network": str(NETWORK), "nir": {"profile": "snntorch"},
            "timesteps": TIMESTEPS, "maximumTimesteps": TIMESTEPS, "input": {"mode": "poisson"},
            "quantization": {"weights": "int16"}}))
        draw = random.Random(SEED)
        pictures.write_text("".join(
            ",".join(str(draw.randrange(100, 256)) for _ in range(INPUTS)) + "\n"
            for _ in range(PICTURES)))
        network = cls(folder / "recurrent.spk", folder / "recurrent-golden")
        build(configuration, network.model)
        spikelet("golden", configuration, "-o", network.golden, "--data", pictures, "--shape",
                 f"{INPUTS}x1x1", "--label-column", "none", "--count", PICTURES, "--timesteps",
                 TIMESTEPS)
        return network


def verify_recurrence(target: str, command: list, network: RecurrentNetwork) -> None:
    """The executable with recurrence has the host's digests; `command`, without, refuses."""
    output("scripts/build-boards", "--recurrence", target)
    program = BOARD_PROGRAMS / f"spikelet-board-recurrence-{target}"
    report = output(*command[:-1], program, "--verify", network.model, network.golden)
    if "PASS" not in report:
        stop(f"{target}: {report}")
    refused = subprocess.run(
        [*map(str, command), "--verify", str(network.model), str(network.golden)],
        capture_output=True, text=True)
    if refused.returncode != 2 or "does not have" not in refused.stderr:
        stop(f"{target}: a board without recurrence says, with code {refused.returncode}: "
             f"{refused.stdout}{refused.stderr}")
    print(f"{target}: recurrent network: {report.strip()}", flush=True)
