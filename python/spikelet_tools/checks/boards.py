"""Holds the board executables to the golden vectors, to the host's accuracy and to their sizes.

Needs .build/release/spikelet; builds the executables. Those for other machines run under qemu's
user mode. On an x86-64 machine, two more are held to the same: plain x86-64 and x86-64-v3, the
level of AVX2. Where the MNIST test set is present, its first 1,000 pictures have to give the host's
predictions: the number of right ones and the digest of all scores are compared.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import re
import struct
import subprocess
import tempfile
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.checks.board_errors import check_errors
from spikelet_tools.checks.board_forms import npy
from spikelet_tools.checks.board_recurrence import RecurrentNetwork, verify_recurrence
from spikelet_tools.deployments import all_deployments, find
from spikelet_tools.paths import BOARD_PROGRAMS, TOOL
from spikelet_tools.processes import build, evaluate, need, output, spikelet, stop
from spikelet_tools.targets import BOARDS

FIRST = "lenet5-avg"
# Converted networks, at several numbers of timesteps.
NETWORKS = ["lenet5-avg", "lenet5-max", "lenet5-avg-bn", "lenet5-max-bn"]
# Networks that run as long as they were trained for.
TRAINED = ["lenet5-iir-mnist", "lenet5-dt-mnist", "lenet5-dt-mnist-int4", "lenet5-poolfirst-mnist",
           "lenet5-iir-mnist-t3"]
# Early exits: the one in a model, and others instead of a model's own.
EXITS = [("lenet5-avg-exit", None), ("lenet5-avg", "margin:300"), ("lenet5-avg", "count:500"),
         ("lenet5-max", "stable:2"), ("lenet5-avg-exit", "none")]
PICTURES = 1000
HEAP = {"malloc", "calloc", "realloc", "free", "posix_memalign", "aligned_alloc",
        "swift_allocObject", "swift_slowAlloc", "swift_retain", "swift_release"}
# Bytes: the executable with every kernel, the executable with LeNet-5 inside, and what is resident
# during a run.
EXECUTABLE_LIMIT = 114 * 1024
# With threads and profiles.
FULL_LIMIT = 148 * 1024
DEPLOYMENT_LIMIT = EXECUTABLE_LIMIT + 72 * 1024
RESIDENT_LIMIT = 1_000_000


def find_targets() -> dict[str, list[str]]:
    """Builds the executable for every target, and says what runs each."""
    targets = {name: [target.emulator_of_static] for name, target in BOARDS.items()}
    need(*(runner[0] for runner in targets.values()))
    if platform.machine() == "x86_64":
        targets["x86-64"] = []
        if "avx2" in Path("/proc/cpuinfo").read_text():
            targets["x86-64-v3"] = []
        else:
            print("x86-64-v3: skipped, this machine has no AVX2")
    print(output("scripts/build-boards", *targets), end="", flush=True)
    return targets


def check_symbols(target: str) -> None:
    """Nothing that allocates is in the executable, so nothing can call it."""
    for path in (BOARD_PROGRAMS / "build" / target).glob("*/release/spikelet-board"):
        names = set(re.findall(r" (\w+)$", output("nm", path), re.MULTILINE))
        if "main" not in names:
            stop(f"{path}: has no symbols to check")
        found = names & HEAP
        if found:
            stop(f"{path}: has {', '.join(sorted(found))}")
        print(f"{target}: no heap in the executable", flush=True)


def verify_inputs(target: str, command: list, model: Path, folder: Path) -> None:
    """Raw pictures and repetitions give the same predictions as an IDX file."""
    idx = find(model.stem).golden / "inputs.idx"
    raw = folder / "raw"
    raw.write_bytes(idx.read_bytes()[16:])
    needed = output(*command, "--quiet", model, idx)
    lines = needed.splitlines()
    if [line.split()[:2] for line in lines] != [[str(i)] * 2 for i in range(10)]:
        stop(f"{target}: the digits are not classified right\n{needed}")
    for arguments, given in [([raw], lines), (["--repeat", 3, idx], lines),
                             (["--limit", 4, raw], lines[:4])]:
        if output(*command, "-q", model, *arguments).splitlines() != given:
            stop(f"{target}: {arguments} gives other predictions")
    pixels = raw.read_bytes()
    pictures = [pixels[start:start + 784] for start in range(0, len(pixels), 784)]
    forms = {
        "npy": npy("(10, 28, 28)", pixels), "npy4": npy("(10, 28, 28, 1)", pixels),
        "idx4": struct.pack(">6I", 0x804, 10, 1, 28, 28, 0)[:20] + pixels, "raw": pixels,
        "pgm": b"".join(b"P5\n28 28\n255\n" + picture for picture in pictures),
    }
    for name, content in forms.items():
        path = folder / f"form.{name}"
        path.write_bytes(content)
        with path.open("rb") as pipe:
            piped = subprocess.run([*map(str, command), "-q", str(model), "-"], stdin=pipe,
                                   capture_output=True, text=True).stdout
        if output(*command, "-q", model, path).splitlines() != lines or piped != needed:
            stop(f"{target}: pictures as {name} give other predictions")
    scores = output(*command, "-q", "--scores", model, raw).splitlines()
    for line, picture in zip(scores, lines, strict=True):
        values = [int(word) for word in line.split()]
        if line.split()[:3] != picture.split() or values[3 + values[1]] != max(values[3:]):
            stop(f"{target}: {line} are no scores of {picture}")
    names = [f"digit {digit}" for digit in range(10)]
    named = output(*command, "-q", "--names", named_model(model, names, folder), raw).splitlines()
    if named != [f"{line} {names[int(line.split()[1])]}" for line in lines]:
        stop(f"{target}: the classes have other names\n{named}")


def named_model(model: Path, names: list[str], folder: Path) -> Path:
    """The same model with names of its classes."""
    source = find(model.stem).folder
    configuration = json.loads((source / "deployment.json").read_text())
    for key in ("network", "calibration", "firingRates"):
        configuration[key] = os.path.relpath(source / configuration[key], folder)
    configuration.pop("board", None)
    path = folder / "named.json"
    path.write_text(json.dumps(configuration | {"classNames": names}))
    result = folder / "named.spk"
    build(path, result)
    return result


def build_models(folder: Path) -> dict[str, Path]:
    """The model of every deployment with golden vectors."""
    models = {}
    for deployment in all_deployments():
        if deployment.golden.is_dir():
            models[deployment.name] = folder / f"{deployment.name}.spk"
            build(deployment.folder, models[deployment.name])
    return models


def verify_vectors(target: str, command: list, models: dict[str, Path]) -> None:
    """Every folder of golden vectors."""
    for name, model in models.items():
        report = output(*command, "--verify", model, f"golden-vectors/{name}")
        print(f"{target}: {report.strip()}", flush=True)


def runs() -> list[tuple[str, tuple[str, ...]]]:
    """Networks and options whose results have to be the host's."""
    fixed = [(name, ("--timesteps", t)) for name in NETWORKS for t in ("4", "16")]
    fixed += [(name, ()) for name in TRAINED]
    return fixed + [(name, ("--exit", rule) if rule else ()) for name, rule in EXITS]


def measure_host(models: dict[str, Path], data: Path) -> dict:
    """What the host finds on the same pictures."""
    figures = {}
    for name, options in runs():
        result = evaluate(models[name], "--dataset", "mnist", "--data", data, "--limit", PICTURES,
                          *options)
        figures[name, options] = (
            result["correct"], result["scoresDigest"], f"{result['meanTimesteps']:.2f}")
    return figures


def verify_accuracy(target: str, command: list, models: dict[str, Path], host: dict,
                    pictures: Path, labels: Path) -> None:
    """The host's right answers, scores and timesteps, to the last bit."""
    for (name, options), needed in host.items():
        report = output(*command, "--limit", PICTURES, *options, models[name], pictures, labels)
        correct = re.search(r"\((\d+) of (\d+)\)", report)
        digest = re.search(r"scores digest +([0-9a-f]{16})", report)
        mean = re.search(r"timesteps +mean ([0-9.]+)", report)
        given = (int(correct[1]), digest[1], mean[1])
        if given != needed or int(correct[2]) != PICTURES:
            stop(f"{target}: {name} {options}: {given}, the host has {needed}\n{report}")
        print(f"{target}: {name} {' '.join(options)}: {given[0]} of {PICTURES} in {given[2]} "
              "timesteps, as the host", flush=True)


def verify_deployment(target: str, command: list, model: Path) -> None:
    """The executable with the model inside says what the one with the model beside it says."""
    output("scripts/build-boards", "--embedded-model", model, target)
    deployment = BOARD_PROGRAMS / f"{model.stem}-{target}"
    golden = find(model.stem).golden
    pictures = golden / "inputs.idx"
    alone = output(*command[:-1], deployment, "--quiet", pictures)
    if alone != output(*command, "--quiet", model, pictures) or not alone:
        stop(f"{deployment.name}: predictions differ from those with the model in a file")
    output(*command[:-1], deployment, "--verify", golden)
    check_limit(deployment.name, deployment.stat().st_size, DEPLOYMENT_LIMIT)


def check_limit(what: str, given: int, limit: int) -> None:
    """Fails where a number of bytes is above its limit."""
    print(f"{what}: {given:,} of at most {limit:,} bytes", flush=True)
    if given > limit:
        stop(f"{what} is too large")


def verify_sizes(target: str, command: list, model: Path) -> None:
    """The executable's bytes; on this machine what is resident during a run."""
    executable, is_emulated = command[-1], len(command) > 1
    if is_emulated:
        check_limit(executable.name, executable.stat().st_size, EXECUTABLE_LIMIT)
        verify_deployment(target, command, model)
        return
    # Under qemu the system reports qemu's own memory.
    report = output(*command, model, find(FIRST).golden / "inputs.idx")
    resident = int(re.search(r"resident (\d+) KiB", report)[1]) * 1024
    if resident <= model.stat().st_size:
        stop(f"{target}: {resident} bytes are resident, and the model alone is larger")
    check_limit(f"{target}: resident during a run", resident, RESIDENT_LIMIT)


def verify_full(target: str, runner: list, models: dict[str, Path]) -> None:
    """The executable with threads and profiles: the same results, and figures of each layer."""
    output("scripts/build-boards", "--threads", "--profile", target)
    executable = BOARD_PROGRAMS / f"spikelet-board-threads-profile-{target}"
    command = [*runner, executable]
    if runner:
        check_limit(executable.name, executable.stat().st_size, FULL_LIMIT)
    for name, threads in [(FIRST, 2), (FIRST, 4), ("lenet5-iir-mnist", 3)]:
        golden = find(name).golden
        output(*command, "--threads", threads, "--verify", models[name], golden)
        alone, together = (
            output(*command, "--threads", number, "--scores", "--quiet", models[name],
                   golden / "inputs.idx") for number in (1, threads))
        if not alone or alone != together:
            stop(f"{target}: {threads} threads give other scores")
    model, pictures = models[FIRST], find(FIRST).golden / "inputs.idx"
    plain = output(*command, "--scores", model, pictures)
    report = output(*command, "--scores", "--profile", "--threads", 2, model, pictures)
    digest = re.search(r"scores digest .*", plain)[0]
    if digest not in report:
        stop(f"{target}: a profile changes the scores\n{report}")
    check_profile(target, model, pictures, report)
    check_errors(model, executable, runner)
    print(f"{target}: threads and profiles: {executable.stat().st_size:,} bytes", flush=True)


def check_profile(target: str, model: Path, pictures: Path, report: str) -> None:
    """Each layer has a line, with the spikes and additions that the host's profile has."""
    figures = BOARD_PROGRAMS / "profile.json"
    output(TOOL, "bench", model, "--data", pictures, "--repeats", 1, "--json", figures)
    lines = re.findall(r"^(\S+(?: pool)?) +(\d+)\.\d +(\d+) +(\d+) +(\d+) +(\d+)  (\S+)$", report,
                       re.MULTILINE)
    given = [(name, kernel, int(spikes), int(additions), int(weights))
             for kernel, _, spikes, _, additions, weights, name in lines]
    needed = [(layer["name"], layer["kernels"][0],
               *(int(layer[key] + 0.5) for key in ("spikes", "synapticOperations", "weightBytes")))
              for layer in json.loads(figures.read_text())["layers"]]
    if given != needed or not re.search(r"^p50, p90, p99 +[0-9.]+, [0-9.]+, [0-9.]+ µs$", report,
                                        re.MULTILINE):
        stop(f"{target}: the profile is not the host's: needed {needed}\n{report}")


def verify_target(target: str, command: list, models: dict[str, Path], folder: Path,
                  host: dict) -> None:
    """Everything about one executable."""
    if output(*command, "--version") != f"spikelet-board {spikelet('--version').strip()}\n":
        stop(f"{target}: another version than the host's")
    check_symbols(target)
    verify_inputs(target, command, models[FIRST], folder)
    verify_vectors(target, command, models)
    check_errors(models[FIRST], command[-1], command[:-1])
    verify_accuracy(target, command, models, host, folder / "pictures", folder / "labels")
    verify_sizes(target, command, models[FIRST])
    # Of this machine's two, the one with more instructions stands for both.
    if target != "x86-64":
        verify_full(target, command[:-1], models)


def unpack_test_set(data: Path, folder: Path) -> bool:
    """Writes MNIST's test pictures and labels as a board reads them; false where they are not."""
    if not (data / "mnist" / "t10k-images-idx3-ubyte.gz").exists():
        return False
    for name, kind in [("pictures", "images-idx3"), ("labels", "labels-idx1")]:
        packed = (data / "mnist" / f"t10k-{kind}-ubyte.gz").read_bytes()
        (folder / name).write_bytes(gzip.decompress(packed))
    return True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data."""
    datasets.add_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Verifies every target."""
    targets = find_targets()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        models = build_models(folder)
        recurrent = RecurrentNetwork.prepare(folder)
        host = {}
        if unpack_test_set(options.data, folder):
            host = measure_host(models, options.data)
        else:
            print("accuracy: skipped, the MNIST test set is not there (scripts/download-datasets)")
        for target, runner in targets.items():
            command = [*runner, BOARD_PROGRAMS / f"spikelet-board-{target}"]
            verify_target(target, command, models, folder, host)
            verify_recurrence(target, command, recurrent)
    print("the boards agree with the host")
