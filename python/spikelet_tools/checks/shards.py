"""Runs shards with GNU parallel, Slurm and boards, and demands the figures of the whole, by byte.

Evaluates, sweeps and calibrates LeNet-5 on pictures drawn at random, whole and in shards by the
scripts of examples/scale/; a shard is lost on the way. With --slurm the job array runs on a Slurm
of one node, which it starts and stops (slurm-wlm, munge); with --boards on a shelf of boards in
qemu. Needs .build/release/spikelet and parallel.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

from spikelet_tools.checks.slurm import Slurm
from spikelet_tools.deployments import find
from spikelet_tools.paths import BOARD_PROGRAMS, ROOT, TOOL
from spikelet_tools.processes import build, need, output, spikelet, stop

SCALE = ROOT / "examples" / "scale"
PICTURES, SIDE, CLASSES = 600, 28, 10
SHARDS = 5
SEED = 17
LOSS = 0.2
"""What so few pictures can tell."""


def write_pictures(folder: Path) -> tuple[Path, Path]:
    """Pictures of squares and noise as IDX, and labels that mean nothing."""
    draw = random.Random(SEED)
    pixels = bytearray()
    for _ in range(PICTURES):
        picture = [0] * (SIDE * SIDE)
        left, top, size = draw.randrange(16), draw.randrange(16), draw.randrange(3, 12)
        for y in range(top, top + size):
            for x in range(left, left + size):
                picture[y * SIDE + x] = draw.randrange(100, 256)
        pixels += bytes(picture)
    extents = b"".join(value.to_bytes(4, "big") for value in (PICTURES, SIDE, SIDE))
    pictures, labels = folder / "pictures-idx3-ubyte", folder / "labels-idx1-ubyte"
    pictures.write_bytes(bytes([0, 0, 8, 3]) + extents + pixels)
    labels.write_bytes(bytes([0, 0, 8, 1]) + extents[:4]
                       + bytes(draw.randrange(CLASSES) for _ in range(PICTURES)))
    return pictures, labels


def demand_equal(what: str, given: Path, needed: Path) -> None:
    """Ends where two files differ."""
    if given.read_bytes() != needed.read_bytes():
        stop(f"{what}: {given.name} is not what the whole run wrote")
    print(f"{what}: as the whole, byte for byte")


def by_parallel(folder: Path, command: str, *arguments) -> None:
    """A command in shards, by the script for GNU parallel."""
    environment = os.environ | {"SPIKELET": str(TOOL)}
    output(SCALE / "parallel.sh", SHARDS, folder, command, *arguments, env=environment)


def check_evaluation(model: Path, data: list, folder: Path) -> None:
    """`eval` and `sweep`; of eval a shard is lost and done again."""
    whole, parts = folder / "whole.json", folder / "parts.json"
    arguments = [model, *data, "--rates", "--without-times", "--json"]
    spikelet("eval", *arguments, whole)
    by_parallel(folder / "eval", "eval", *arguments, parts)
    demand_equal("eval by GNU parallel", parts, whole)
    parts.unlink()
    (folder / "eval" / "3.part").unlink()
    (folder / "eval" / "whole").unlink()
    given = subprocess.run(
        [str(TOOL), "merge", *(f"{n}.part" for n in (1, 2, 4, 5)), "-o", "whole"],
        cwd=folder / "eval", capture_output=True, text=True)
    if given.returncode != 2 or "are missing" not in given.stderr:
        stop(f"a lost shard was not missed: {given.stderr}")
    by_parallel(folder / "eval", "eval", *arguments, parts)
    demand_equal("eval after a lost shard", parts, whole)
    arguments = [model, *data, "--points", 6, "--csv"]
    spikelet("sweep", *arguments, folder / "whole.csv")
    by_parallel(folder / "sweep", "sweep", *arguments, folder / "parts.csv")
    demand_equal("sweep by GNU parallel", folder / "parts.csv", folder / "whole.csv")


def deployment_copy(folder: Path) -> Path:
    """A deployment with an exit to calibrate, in a folder of its own."""
    folder.mkdir()
    original = find("lenet5-avg-exit")
    for name in ("network.onnx", "calibration.json"):
        shutil.copy(find("lenet5-avg").folder / name, folder)
    exit = original.document["exit"] | {"maximumAccuracyLoss": LOSS}
    original.write_variant(folder, {"network": "network.onnx", "calibration": "calibration.json",
                                    "exit": exit},
                           without=("budgets", "board", "dataset", "firingRates"))
    return folder


def check_calibration(data: list, folder: Path) -> None:
    """`calibrate`: activations, then the exit."""
    whole, parts = deployment_copy(folder / "whole"), deployment_copy(folder / "parts")
    spikelet("calibrate", whole, *data)
    by_parallel(folder / "activations", "calibrate", parts, *data, "--activations-only")
    demand_equal("calibrate by GNU parallel", parts / "calibration.json",
                 whole / "calibration.json")
    by_parallel(folder / "exit", "calibrate", parts, *data, "--exit-only")
    demand_equal("calibrate --exit-only", parts / "exit.json", whole / "exit.json")


def check_boards(model: Path, pictures: Path) -> None:
    """A shelf of boards, each in qemu."""
    program = BOARD_PROGRAMS / "spikelet-board-aarch64"
    if not program.exists():
        stop("the boards' programs are missing: make boards", 2)
    need("qemu-aarch64")
    board = f"qemu-aarch64 {program}"
    given = output(SCALE / "boards.sh", 4, model, pictures, env=os.environ | {"BOARD": board})
    if given != output("qemu-aarch64", program, "--quiet", model, pictures):
        stop("a shelf of boards decides as no single board does")
    print("a shelf of boards: as a single one, line for line")


def check_slurm(model: Path, data: list, folder: Path) -> None:
    """`eval` as a job array."""
    whole, parts = folder / "whole.json", folder / "slurm.json"
    arguments = [model, *data, "--rates", "--without-times", "--json"]
    spikelet("eval", *arguments, whole)
    with Slurm(folder / "cluster") as cluster:
        environment = cluster.environment | {"SPIKELET": str(TOOL)}
        job = output(SCALE / "slurm.sh", SHARDS, folder / "jobs", "eval", *arguments, parts,
                     env=environment).strip()
        cluster.wait(job)
        demand_equal("eval by Slurm", parts, whole)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--slurm and --boards."""
    parser.add_argument("--slurm", action="store_true", help="as a job array of Slurm, too")
    parser.add_argument("--boards", action="store_true", help="on boards in qemu, too")


def run(options: argparse.Namespace) -> None:
    """Every way to run shards."""
    need("parallel")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures, labels = write_pictures(folder)
        model = folder / "lenet5-avg.spk"
        build(find("lenet5-avg").folder, model)
        data = ["--data", pictures, "--labels", labels]
        check_evaluation(model, data, folder)
        check_calibration(data, folder)
        if options.boards:
            check_boards(model, pictures)
        if options.slurm:
            check_slurm(model, data, folder)
