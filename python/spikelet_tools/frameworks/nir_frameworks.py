"""Reads one neuron of NIR with the frameworks themselves and with Spikelet, and compares spikes.

Each framework that is installed (--help lists them) reads a graph with a LIF or an IF node through
its own reader and runs it for the stimuli of the tests, 1,000 timesteps each. The engine runs the
same graph, read with the framework's profile, in whole numbers. Fails where a spike differs.
--stimulus takes zeros and ones of a file instead, and --show prints the timesteps of the spikes.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
from pathlib import Path

from spikelet_tools.frameworks.nir_engine import traced
from spikelet_tools.frameworks.nir_readers import READERS, Reader, Spikes, graph
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import stop

STIMULI = ROOT / "Tests/SpikeletImportTests/NIRFixtures/traces.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which frameworks, and what they hear."""
    parser.add_argument("names", nargs="*", metavar="FRAMEWORK",
                        help=f"{', '.join(READERS)}; all that are installed without one")
    parser.add_argument("--stimulus", type=Path, metavar="FILE",
                        help="a text of zeros and ones, a timestep each")
    parser.add_argument("--show", action="store_true", help="the timesteps of the spikes, from 0")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Only frameworks that there are, and a stimulus of zeros and ones."""
    for name in options.names:
        if name not in READERS:
            parser.error(f"there is no framework {name}; known are {', '.join(READERS)}")
    options.stimuli = json.loads(STIMULI.read_text(encoding="utf-8"))["stimuli"]
    if options.stimulus:
        text = "".join(options.stimulus.read_text(encoding="utf-8").split())
        if not text or set(text) - {"0", "1"} or len(text) > 60_000 or "1" not in text:
            parser.error(f"{options.stimulus}: needed 1 to 60,000 zeros and ones, and a one")
        options.stimuli = [text]


def run(options: argparse.Namespace) -> None:
    """One framework after the other."""
    different, failed, missing, compared = [], [], [], 0
    print(f"{'framework':<22} {'node':<5} {'spikes':>6}  as the engine with its profile")
    for name in options.names or READERS:
        reader = READERS[name]
        try:
            version = importlib.metadata.version(reader.package)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        for kind in reader.kinds:
            try:
                # Some networks keep their state: a new one for each stimulus.
                theirs = [spikes for stimulus in options.stimuli
                          for spikes in reader.run(graph(kind, reader), [stimulus])]
            except Exception as error:  # A reader and a release of nir that do not go together.
                failed.append(f"{name} {version}, {kind}: {type(error).__name__}: {error}")
                continue
            # What fires at the end leaves no more.
            ours = [[0] * reader.lag + counts[:len(counts) - reader.lag]
                    for counts in engine(kind, reader, options.stimuli)]
            compared += 1
            verdict = differences(theirs, ours)
            if verdict:
                different.append(f"{name}, {kind}: {verdict}")
            notes = [f"{key} {value}" for key, value in reader.told(kind).items()]
            notes += [f"spikes leave {reader.lag} timestep later"] if reader.lag else []
            count = sum(map(sum, theirs))
            print(f"{name + ' ' + version:<22} {kind:<5} {count:>6}  "
                  f"{verdict or 'equal'}{' (' + ', '.join(notes) + ')' if notes else ''}",
                  flush=True)
            if options.show:
                for counts in theirs:
                    print("  spikes at", *[t for t, count in enumerate(counts) if count])
    if missing:
        print(f"not installed: {', '.join(missing)}")
    if failed:
        version = importlib.metadata.version("nir")
        print(f"not read, with nir {version}:", *failed, sep="\n  ")
    if (missing or failed) and options.names or not compared:
        stop("\n".join(failed) or "python3 -m pip install nir " + " ".join(
            READERS[name].package for name in missing), 2)
    if different:
        stop("\n".join(different))


def differences(theirs: Spikes, ours: Spikes) -> str:
    """The first timestep at which spikes differ, as text; empty where none does."""
    for stimulus, (one, other) in enumerate(zip(theirs, ours)):
        if len(one) != len(other):
            return f"{len(one)} timesteps, the engine has {len(other)}"
        for t, (given, own) in enumerate(zip(one, other)):
            if given != own:
                return f"stimulus {stimulus}, timestep {t}: {given} spikes, the engine {own}"
    return ""


def engine(kind: str, reader: Reader, stimuli: list[str]) -> Spikes:
    """What the engine makes of the same graph: how many spikes of its neuron at every timestep."""
    recordings = [[(t, 0) for t, bit in enumerate(stimulus) if bit == "1"] for stimulus in stimuli]
    found = traced(graph(reader.read_as.get(kind, kind), reader), recordings, len(stimuli[0]), 1,
                   {"profile": reader.profile, **reader.told(kind)})
    return [[sum(layers[0]) for layers in rows] for rows in found]
