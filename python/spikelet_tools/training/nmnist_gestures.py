"""Cuts the recordings of DVS128 Gesture (AEDAT 3.1) into one array for each gesture.

Reads `trials_to_train.txt`, `trials_to_test.txt`, and beside them each user's `.aedat` with its
`_labels.csv`; writes Train/<class>/*.npy and Test/<class>/*.npy, rows of x, y, t and p, which
`spikelet` and `train-nmnist snn --set dvs-gesture` read. Classes are those of the labels, from 0.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from spikelet_tools.processes import stop

END = b"#!END-HEADER\r\n"
BLOCK = np.dtype([
    ("type", "<u2"), ("source", "<u2"), ("size", "<u4"), ("offset", "<u4"), ("overflow", "<u4"),
    ("capacity", "<u4"), ("number", "<u4"), ("valid", "<u4")])
POLARITY = 1


def read_aedat3(content: bytes) -> np.ndarray:
    """The valid events (N, 4) of an AEDAT 3.1 recording: x, y, microseconds, polarity."""
    start = content.find(END)
    if not content.startswith(b"#!AER-DAT3.1") or start < 0:
        raise ValueError("is no recording of AEDAT 3.1")
    position, parts = start + len(END), [np.zeros((0, 4), np.int64)]
    while position + BLOCK.itemsize <= len(content):
        block = np.frombuffer(content, BLOCK, 1, position)[0]
        position += BLOCK.itemsize
        length = int(block["size"]) * int(block["capacity"])
        if position + length > len(content):
            raise ValueError(f"ends inside of a block at byte {position}")
        if block["type"] == POLARITY and block["number"]:
            words = np.frombuffer(content, "<u4", 2 * int(block["number"]), position)
            data, time = words[0::2].astype(np.int64), words[1::2].astype(np.int64)
            events = np.stack([
                data >> 17 & 0x7FFF, data >> 2 & 0x7FFF, time | int(block["overflow"]) << 31,
                data >> 1 & 1], axis=1)
            parts.append(events[data & 1 == 1])
        position += length
    return np.concatenate(parts)


def cut(events: np.ndarray, labels: list[dict[str, str]]) -> list[tuple[int, np.ndarray]]:
    """The class of each gesture, from 0, and its events."""
    found = []
    for row in labels:
        first, last = int(row["startTime_usec"]), int(row["endTime_usec"])
        inside = (events[:, 2] >= first) & (events[:, 2] < last)
        found.append((int(row["class"]) - 1, events[inside]))
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the set lies, and where the gestures go."""
    parser.add_argument("folder", type=Path, help="the unpacked DvsGesture")
    parser.add_argument("output", type=Path, help="such as <data sets>/dvs-gesture")


def run(options: argparse.Namespace) -> None:
    """Cuts all recordings that the two lists name."""
    count = 0
    for part, name in (("Train", "trials_to_train.txt"), ("Test", "trials_to_test.txt")):
        listing = options.folder / name
        if not listing.is_file():
            stop(f"{listing}: is missing; needed the folder that DvsGesture.tar.gz unpacks to", 2)
        for line in listing.read_text().split():
            recording = options.folder / line
            events = read_aedat3(recording.read_bytes())
            path = recording.with_name(recording.stem + "_labels.csv")
            with path.open(newline="") as file:
                labels = list(csv.DictReader(file))
            for index, (label, gesture) in enumerate(cut(events, labels)):
                folder = options.output / part / str(label)
                folder.mkdir(parents=True, exist_ok=True)
                np.save(folder / f"{recording.stem}-{index:02}.npy", gesture)
                count += 1
    print(f"{count} gestures in {options.output}")
