"""Runs one engine in a process of its own, and prints its figures as JSON.

`python -m spikelet_tools.benchmarks.worker ENGINE FOLDER PICTURES LABELS COUNT REPEATS`

With 0 repeats every picture is classified once and the classes are compared with the labels. With
more, each of the pictures is timed that often, after one untimed pass.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import numpy as np

from spikelet_tools.benchmarks.engines import make

BATCH = 20
"""Pictures of a call where an engine takes batches and nothing is timed."""


def peak_memory() -> int:
    """The most bytes that this process has held."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return 1024 * int(re.search(r"VmHWM:\s*(\d+) kB", status)[1])


def quantile(values: list[int], share: float) -> int:
    """The value that this share of the others does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def accuracy(engine, pictures: np.ndarray, labels: np.ndarray) -> dict:
    """Which pictures were classified as their label."""
    classes: list[int] = []
    for first in range(0, len(pictures), BATCH):
        batch = pictures[first:first + BATCH].astype(np.float32) / 255
        if hasattr(engine, "classes"):
            classes.extend(engine.classes(batch))
            continue
        for picture in batch:
            engine.place(engine.prepared(picture))
            engine.run()
            classes.append(int(np.argmax(engine.scores())))
    return {"right": [found == int(label) for found, label in zip(classes, labels)]}


def timing(engine, pictures: np.ndarray, repeats: int) -> dict:
    """How long inferences take, on the clock and of the processor's time."""
    prepared = [engine.prepared(picture.astype(np.float32) / 255) for picture in pictures]
    for one in prepared:
        engine.place(one)
        engine.run()
    times, processor = [], []
    for _ in range(repeats):
        for one in prepared:
            engine.place(one)
            before = time.process_time_ns()
            begin = time.perf_counter_ns()
            engine.run()
            times.append(time.perf_counter_ns() - begin)
            processor.append(time.process_time_ns() - before)
    return {"p50Nanoseconds": quantile(times, 0.5), "p90Nanoseconds": quantile(times, 0.9),
            "p50ProcessorNanoseconds": quantile(processor, 0.5),
            "p90ProcessorNanoseconds": quantile(processor, 0.9), "inferences": len(times)}


def main() -> None:
    """Measures what the arguments say."""
    name, folder, pictures, labels = sys.argv[1], *map(Path, sys.argv[2:5])
    count, repeats = map(int, sys.argv[5:7])
    images = np.load(pictures, mmap_mode="r")[:count]
    before = peak_memory()
    engine = make(name, folder)
    if repeats:
        figures = timing(engine, images, repeats)
    else:
        figures = accuracy(engine, images, np.load(labels)[:count])
    figures |= {"peakMemoryBytes": peak_memory(), "memoryBeforeBytes": before}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
