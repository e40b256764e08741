"""Holds the program for event cameras to deadlines: a window stands for a timestep there.

A drawn recording goes through a network of fifteen windows: with a deadline that leaves all of
them, with one that leaves the first, and from a sensor that sends slowly, where the deadline comes
between windows. What is answered must have the scores of a run of as many windows, bit for bit.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from spikelet_tools.checks.event_instructions import events, nmnist
from spikelet_tools.checks.serving_program import Program, build_program
from spikelet_tools.deployments import find
from spikelet_tools.processes import build, stop

NETWORK = "nmnist-snn"
WINDOWS = 15
EVENTS = 400_000
PAUSE = 0.02
"""Seconds between the parts that a slow sensor sends, about one for each window."""
LINE = re.compile(r"(\d+) (\d+) (\d+)((?: -?\d+)+)(?: (exit|last|deadline) (\d+\.\d))?")


def answer(program: Program, model: Path, recording: bytes, *options,
           pause: float = 0) -> tuple[int, str, str | None, float]:
    """Timesteps, scores, what ended the run and how late in microseconds."""
    command = [*program.command, str(model), "--events", "-", "--events-format", "nmnist",
               "--scores", "--quiet", "--exit", "none", *map(str, options)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    sender = threading.Thread(target=send, args=(process.stdin, recording, pause))
    sender.start()
    lines, errors = process.stdout.read().decode(), process.stderr.read().decode()
    sender.join()
    if process.wait() != 0:
        stop(f"deadlines: {command}: code {process.returncode}: {errors}")
    match = LINE.fullmatch(lines.strip())
    if match is None:
        stop(f"deadlines: {command} says {lines!r}")
    return int(match[3]), match[4].strip(), match[5], float(match[6] or 0)


def send(pipe, recording: bytes, pause: float) -> None:
    """Writes a part, waits, and so on, until all is written or nobody reads any more."""
    part = len(recording) // WINDOWS if pause else len(recording)
    try:
        for start in range(0, len(recording), part):
            pipe.write(recording[start:start + part])
            pipe.flush()
            time.sleep(pause)
        pipe.close()
    except BrokenPipeError:
        pass


def check_events(target: str) -> None:
    """Runs the three deadlines."""
    program = build_program(target, "--events", "--serve")
    recording = nmnist(events(EVENTS))
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.spk"
        build(find(NETWORK).folder, model)
        runs = {count: answer(program, model, recording, "--timesteps", count)[:2]
                for count in range(1, WINDOWS + 1)}
        if [count for count, _ in runs.values()] != list(runs):
            stop(f"deadlines: runs of 1 to {WINDOWS} windows have {list(runs.values())}")
        cases = [("no deadline to speak of", 100_000_000, 0, range(WINDOWS, WINDOWS + 1), "last"),
                 ("one microsecond", 1, 0, range(1, 2), "deadline"),
                 ("a slow sensor", round(PAUSE * WINDOWS / 2 * 1e6), PAUSE, range(1, WINDOWS),
                  "deadline")]
        for name, deadline, pause, expected, ending in cases:
            timesteps, scores, ended, late = answer(
                program, model, recording, "--timesteps", WINDOWS, "--deadline", deadline,
                pause=pause)
            if timesteps not in expected or ended != ending:
                stop(f"deadlines: events, {name}: {timesteps} windows, ended by {ended}")
            if scores != runs[timesteps][1]:
                stop(f"deadlines: events, {name}: other scores than a run of {timesteps} windows")
            if late > 0 and ending != "deadline":
                stop(f"deadlines: events, {name}: late by {late} µs")
            print(f"deadlines: events, {name}: {timesteps} of {WINDOWS} windows, ended by {ended}, "
                  f"late by {late:,.1f} µs", flush=True)
