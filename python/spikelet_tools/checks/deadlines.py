"""Holds spikelet-board to deadlines on a machine that is busy with other work.

Needs .build/release/spikelet; builds the executable that serves, for this machine. It runs
--pictures pictures of MNIST's size through a network of eight timesteps, with a deadline that
leaves some of them, while two processes for each core compute and move memory. No answer may be
later than by the longest timestep, and each must have the scores of a run of as many timesteps,
bit for bit. The distribution is printed, beside that of runs without a deadline under the same
load.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import random
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.checks.deadlines_events import check_events
from spikelet_tools.checks.serving_program import Program, build_program, native_target
from spikelet_tools.deployments import find
from spikelet_tools.processes import build, stop

NETWORK = "lenet5-avg"
TIMESTEPS = 8
SIZE = 28 * 28
FIELDS = re.compile(r"(\d+) (\d+) (\d+) (exit|last|deadline) (\d+\.\d)((?: -?\d+)+)")


def load_machine() -> None:
    """Keeps a core and the memory busy until it is ended."""
    memory = bytearray(16 << 20)
    random_ = random.Random(os.getpid())
    while True:
        start = random_.randrange(8 << 20)
        memory[:8 << 20] = memory[start:start + (8 << 20)]
        sum(memory[start:start + 100_000])


class Load:
    """Processes that the machine has to run as well."""

    def __enter__(self) -> Load:
        self.processes = [multiprocessing.Process(target=load_machine, daemon=True)
                          for _ in range(2 * (os.cpu_count() or 1))]
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *_) -> None:
        for process in self.processes:
            process.terminate()
            process.join()


def read_pictures(data: Path, count: int) -> tuple[str, bytes]:
    """MNIST's test pictures where they are, or else golden ones, moved and with noise."""
    path = data / "mnist" / "t10k-images-idx3-ubyte.gz"
    if path.exists():
        content = gzip.decompress(path.read_bytes())[16:]
        if len(content) >= count * SIZE:
            return "MNIST's", content[:count * SIZE]
    content = (find(NETWORK).golden / "inputs.idx").read_bytes()[16:]
    random_ = random.Random(1)
    result = bytearray()
    for _ in range(count):
        first = random_.randrange(len(content) // SIZE) * SIZE
        move = random_.randrange(SIZE)
        picture = content[first:first + SIZE]
        picture = bytearray(picture[move:] + picture[:move])
        for _ in range(40):
            picture[random_.randrange(SIZE)] = random_.randrange(256)
        result += picture
    return "moved golden", bytes(result)


def serve(program: Program, model: Path, pictures: bytes, *options) -> tuple[list[str], str]:
    """Lines and what stands on standard error."""
    run = subprocess.run([*program.command, "--serve", *map(str, options), str(model)],
                         input=pictures, capture_output=True)
    if run.returncode != 0:
        stop(f"deadlines: code {run.returncode}: {run.stderr.decode()}")
    return run.stdout.decode().splitlines(), run.stderr.decode()


def whole_runs(program: Program, model: Path, pictures: bytes) -> list[list[str]]:
    """The scores of runs of one timestep, of two, and so on."""
    runs = []
    for timesteps in range(1, TIMESTEPS + 1):
        lines, _ = serve(program, model, pictures, "--quiet", "--scores", "--exit", "none",
                         "--timesteps", timesteps)
        runs.append([line.split(" ", 3)[3] for line in lines])
    return runs


def median_latency(program: Program, model: Path, pictures: bytes) -> float:
    """Microseconds of a picture with all timesteps, on a machine that is not loaded by us."""
    _, errors = serve(program, model, pictures)
    return float(re.search(r"^latency +median ([0-9.]+) µs", errors, re.MULTILINE)[1])


def distribution(values: list[float], longest: float) -> str:
    """Quantiles of lateness, each beside the longest timestep."""
    ordered = sorted(values)
    parts = []
    for share in [0.5, 0.9, 0.99, 0.999, 1]:
        value = ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
        parts.append(f"{100 * share:g} % of them by {value:,.1f} µs at most "
                     f"({value / longest:.2f} of the longest timestep)")
    return "\n  ".join(parts)


def check_lines(lines: list[str], runs: list[list[str]], longest: float) -> list[tuple]:
    """Each answer is a prefix of its whole run and no later than by a timestep."""
    found = []
    for index, line in enumerate(lines):
        match = FIELDS.fullmatch(line)
        if match is None or int(match[1]) != index:
            stop(f"deadlines: line {index} is {line!r}")
        timesteps, ending, late = int(match[3]), match[4], float(match[5])
        if match[6].strip() != runs[timesteps - 1][index]:
            stop(f"deadlines: picture {index} with {timesteps} timesteps has other scores than a "
                 f"run of as many:\n{match[6]}\n{runs[timesteps - 1][index]}")
        if late > longest:
            stop(f"deadlines: picture {index} is late by {late} µs, the longest timestep took "
                 f"{longest} µs")
        if (ending == "last") != (timesteps == TIMESTEPS):
            stop(f"deadlines: picture {index} ended by {ending} after {timesteps} timesteps")
        found.append((timesteps, ending, late))
    return found


def figure(pattern: str, text: str) -> float:
    """A number of what the program measured."""
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        stop(f"deadlines: needed {pattern} in\n{text}")
    return float(match[1])


def check_deadline(program: Program, model: Path, pictures: bytes, deadline: int, threads: int,
                   runs: list[list[str]]) -> Counter:
    """One run under load; the timesteps that the answers have."""
    count = len(pictures) // SIZE
    with Load():
        lines, errors = serve(program, model, pictures, "--scores", "--exit", "none", "--deadline",
                              deadline, "--threads", threads)
        _, unbounded = serve(program, model, pictures, "--exit", "none", "--deadline", 100_000_000,
                             "--threads", threads)
    longest = figure(r"longest timestep ([0-9.]+) µs$", errors)
    found = check_lines(lines, runs, longest)
    if len(found) != count:
        stop(f"deadlines: {len(found)} lines for {count} pictures")
    late = [value for _, _, value in found if value > 0]
    if len(late) != figure(r"^deadline +missed by (\d+) ", errors):
        stop(f"deadlines: {len(late)} lines are late\n{errors}")
    steps = Counter(timesteps for timesteps, _, _ in found)
    print(f"deadlines: {deadline} µs, {threads} thread{'s' * (threads > 1)}, {count:,} pictures: "
          f"{len(late):,} late ({100 * len(late) / count:.2f} %), longest timestep "
          f"{longest:,.1f} µs")
    if late:
        print(f"  {distribution(late, longest)}")
    print("  timesteps: " + ", ".join(f"{t}: {steps[t]:,}" for t in sorted(steps)))
    slowest = figure(r"^latency .*maximum ([0-9.]+) µs$", unbounded)
    median = figure(r"^latency +median ([0-9.]+) µs", unbounded)
    print(f"  all timesteps under the same load: median {median:,.1f} µs, maximum "
          f"{slowest:,.1f} µs", flush=True)
    return steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--pictures, --deadline and --data."""
    parser.add_argument("--pictures", type=int, default=10_000, metavar="N",
                        help="pictures (default 10,000)")
    parser.add_argument("--deadline", type=int, metavar="US",
                        help="microseconds (default: half of what all timesteps take, unloaded)")
    datasets.add_argument(parser)


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses runs without a picture."""
    if options.pictures < 100:
        parser.error(f"--pictures: needed 100 or more, given {options.pictures}")


def run(options: argparse.Namespace) -> None:
    """Runs with a deadline under load, by one thread and by two."""
    program = build_program(native_target())
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.spk"
        build(find(NETWORK).folder, model)
        kind, pictures = read_pictures(options.data, options.pictures)
        print(f"deadlines: {NETWORK}, {options.pictures:,} pictures ({kind}), "
              f"{2 * (os.cpu_count() or 1)} processes of load on {os.cpu_count()} cores",
              flush=True)
        runs = whole_runs(program, model, pictures)
        median = median_latency(program, model, pictures)
        deadline = options.deadline or max(1, round(median / 2))
        print(f"deadlines: all timesteps take {median:.1f} µs here, the median without load",
              flush=True)
        steps = check_deadline(program, model, pictures, deadline, 1, runs)
        if options.deadline is None and (len(steps) < 2 or max(steps) == 1):
            stop(f"deadlines: half of the time leaves {dict(steps)} timesteps")
        check_deadline(program, model, pictures, deadline, 2, runs)
        # Shorter than one timestep: an answer of one, late by less than a timestep.
        short = check_deadline(program, model, pictures, 1, 1, runs)
        if set(short) != {1}:
            stop(f"deadlines: a microsecond leaves {dict(short)} timesteps")
    check_events(native_target())
    print("deadlines: no answer is later than by the longest timestep, each is a prefix of its run")
