"""The deployments of firmware-configs/: every folder there with a deployment.json."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from spikelet_tools.paths import CONFIGS, GOLDEN
from spikelet_tools.processes import stop


SAME_NETWORK = {"name", "board", "budgets", "classNames", "exit", "target"}
"""The keys of a configuration that leave the numbers of its network as they are."""


@dataclass(frozen=True)
class Deployment:
    """A folder with a deployment.json."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name, which is the deployment's."""
        return self.folder.name

    @property
    def golden(self) -> Path:
        """Where its golden vectors lie, if it has some."""
        return GOLDEN / self.name

    @cached_property
    def document(self) -> dict:
        """The content of deployment.json."""
        return json.loads((self.folder / "deployment.json").read_text(encoding="utf-8"))

    @property
    def network(self) -> Path:
        """Its ONNX file, its own or another deployment's."""
        return Path(os.path.normpath(self.folder / self.document["network"]))

    @property
    def owner(self) -> str:
        """The deployment whose network it uses, mostly itself."""
        return self.network.parent.name

    @property
    def is_converted(self) -> bool:
        """Whether its network was trained with rectifiers, and calibrated."""
        return "calibration" in self.document

    @property
    def reads_events(self) -> bool:
        """Whether it reads the events of a camera, and no pictures."""
        return self.document.get("input", {}).get("mode") == "events"

    @property
    def looks_twice(self) -> bool:
        """Whether it looks at a picture and then, if need be, at its mirror image."""
        return self.document.get("input", {}).get("looks") == "mirrored"

    @property
    def has_exit(self) -> bool:
        """Whether it ends early."""
        return "exit" in self.document

    @property
    def is_single(self) -> bool:
        """Whether its thresholds were trained for a single timestep."""
        return not self.is_converted and not self.has_exit and not self.looks_twice

    @property
    def timesteps(self) -> int:
        """How many timesteps a picture takes at most, a look being one."""
        return 2 if self.looks_twice else self.document.get("timesteps", 1)

    @property
    def exit_calibration(self) -> dict:
        """The content of its exit.json."""
        path = self.folder / self.document["exit"]["calibration"]
        return json.loads(path.read_text(encoding="utf-8"))

    def write_variant(self, folder: Path, changes: dict, without: tuple[str, ...] = ()) -> Path:
        """Writes the deployment with changed keys into another folder.

        Firing rates were counted in one set of weights and timesteps, and go with no other.
        """
        document = {key: value for key, value in self.document.items() if key not in without}
        if not set(changes) <= SAME_NETWORK:
            document.pop("firingRates", None)
        for key in ("network", "calibration", "firingRates"):
            if isinstance(document.get(key), str):
                document[key] = os.path.relpath(self.folder / document[key], folder)
        path = folder / "deployment.json"
        path.write_text(json.dumps(document | changes), encoding="utf-8")
        return path


def all_deployments() -> list[Deployment]:
    """Every deployment, by name."""
    return [Deployment(path.parent) for path in sorted(CONFIGS.glob("*/deployment.json"))]


def names() -> list[str]:
    """The names of all deployments."""
    return [deployment.name for deployment in all_deployments()]


def exists(name: str) -> bool:
    """Whether there is a deployment of this name."""
    return (CONFIGS / name / "deployment.json").is_file()


def find(name: str) -> Deployment:
    """The deployment of this name; ends with those there are."""
    if not exists(name):
        stop(f"{name}: no such deployment in firmware-configs/; there are {', '.join(names())}", 2)
    return Deployment(CONFIGS / name)


def network_name(path: Path) -> str:
    """What to call an ONNX file: its deployment where it has its place there, else its own name."""
    return path.resolve().parent.name if path.name == "network.onnx" else path.stem
