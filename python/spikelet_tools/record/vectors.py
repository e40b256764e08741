"""Records golden vectors again, and says what changed.

Without names every folder of golden-vectors/ is recorded, with its own number of pictures and
timesteps. With
--float the float vectors are made first: those of a network with trained thresholds by ONNX
Runtime, others by the simulation in PyTorch, which needs more packages (training/README.md).
"""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
from pathlib import Path

from spikelet_tools.deployments import Deployment, all_deployments, find
from spikelet_tools.paths import GOLDEN, ROOT
from spikelet_tools.processes import spikelet, stop

FLOAT_TIMESTEPS = 16


def recorded_timesteps(deployment: Deployment) -> int | None:
    """The number of timesteps in the manifest, if there is one."""
    manifest = deployment.golden / "manifest.json"
    if not manifest.exists():
        return None
    return json.loads(manifest.read_text(encoding="utf-8"))["timesteps"]


def recorded_pictures(deployment: Deployment) -> int | None:
    """The number of pictures in inputs.idx, if there is one."""
    inputs = deployment.golden / "inputs.idx"
    return int.from_bytes(inputs.read_bytes()[4:8], "big") if inputs.exists() else None


def record_integers(deployment: Deployment, timesteps: int | None) -> None:
    """What the engine does."""
    length = ["--timesteps", timesteps] if timesteps else []
    pictures = recorded_pictures(deployment)
    length += ["--count", pictures] if pictures else []
    folder = deployment.golden.relative_to(ROOT)
    print(spikelet("golden", deployment.folder, "-o", folder, *length), end="", flush=True)


def record_floats(deployment: Deployment, timesteps: int) -> None:
    """What others make of the same network."""
    # A network with trained thresholds needs no statistics of activations.
    name = "float_goldens" if deployment.is_converted else "onnx_goldens"
    judge = importlib.import_module(f"spikelet_tools.training.{name}")
    parser = argparse.ArgumentParser()
    judge.add_arguments(parser)
    with tempfile.TemporaryDirectory() as folder:
        parameters = Path(folder) / "parameters.json"
        spikelet("build", deployment.folder, "--parameters", parameters, "-o",
                 Path(folder) / "model.spk")
        arguments = ["--network", deployment.network, "--parameters", parameters,
                     "--inputs", deployment.golden / "inputs.idx",
                     "--output", deployment.golden / "float"]
        if deployment.is_converted:
            arguments += ["--timesteps", timesteps]
        judge.run(parser.parse_args([str(argument) for argument in arguments]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--float and names."""
    parser.add_argument("--float", action="store_true", help="the float vectors, too")
    parser.add_argument("names", nargs="*", metavar="NAME", help="deployments")


def run(options: argparse.Namespace) -> None:
    """Records one deployment after the other."""
    deployments = [find(name) for name in options.names]
    deployments = deployments or [one for one in all_deployments() if one.golden.is_dir()]
    known = {one.name for one in all_deployments()}
    orphans = sorted(folder.name for folder in GOLDEN.iterdir() if folder.name not in known)
    if orphans:
        stop(f"golden-vectors/ has no deployment for {', '.join(orphans)}", 2)
    for deployment in deployments:
        timesteps = recorded_timesteps(deployment)
        record_integers(deployment, timesteps)
        if options.float:
            record_floats(deployment, timesteps or FLOAT_TIMESTEPS)
            record_integers(deployment, timesteps)
