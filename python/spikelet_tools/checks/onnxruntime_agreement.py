"""Lets ONNX Runtime judge the networks of one timestep on their whole test sets.

ONNX Runtime runs the same ONNX files in float32 and shares no code with the engine. For every
network of one timestep in firmware-configs/, with one look or both, the number of right answers and
the digest of all scores must be those of the engine in expected-accuracy.json, which `make
accuracy` compares too.
"""

from __future__ import annotations

import argparse
import json

from spikelet_tools import datasets
from spikelet_tools.deployments import all_deployments, find
from spikelet_tools.paths import EXPECTED_ACCURACY
from spikelet_tools.processes import stop
from spikelet_tools.training.onnx_judge import Network, judge
from spikelet_tools.training.records import read_test


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data and names."""
    datasets.add_argument(parser)
    parser.add_argument(
        "names", nargs="*", help="deployments; all of one timestep where none is given")


def run(options: argparse.Namespace) -> None:
    """Judges one network after the other."""
    expected = json.loads(EXPECTED_ACCURACY.read_text(encoding="utf-8"))
    judged = [find(name) for name in options.names] or all_deployments()
    judged = [one for one in judged if one.is_single or one.looks_twice]
    # The first of two looks is what the network of one does.
    owners = {one.owner for one in judged if one.looks_twice}
    judged = [one for one in judged if one.name not in owners]
    failures = []
    for deployment in judged:
        if deployment.name not in expected:
            stop(f"{deployment.name}: has no figures in expected-accuracy.json", 2)
        pixels, labels = read_test(options.data / deployment.document["dataset"])
        found = judge(Network(deployment.network), pixels, labels, parameters=deployment.document)
        names = [deployment.owner, deployment.name][-len(found):]
        wanted = [expected[name] for name in names]
        if deployment.looks_twice:
            wanted[-1] = wanted[-1]["looks"]["2"]  # without the exit
        for name, one, figures in zip(names, found, wanted):
            agrees = (figures["correct"], figures["scoresDigest"]) == (one.correct, one.digest)
            print(f"{name}: {one.correct:,} right, scores {one.digest}: "
                  + ("as the engine" if agrees else "DIFFERENT"), flush=True)
            if not agrees:
                failures.append(f"{name}: the engine has {figures['correct']:,} right and scores "
                                f"{figures['scoresDigest']}")
    if failures:
        stop("\n".join(failures))
    print(f"{len(judged)} passed, 0 failed")
