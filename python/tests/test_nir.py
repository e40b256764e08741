"""Graphs of NIR beside other frameworks: what is compared, and what is refused."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import struct
import tempfile
import unittest
from pathlib import Path

from spikelet_tools.frameworks import nir_engine, nir_frameworks, nir_nmnist

VECTORS = """spikelet-vectors 1
model 00
inputs 00
timesteps 3 layers 2 classes 2 images 2
layer 0 1 2 fc
layer 1 2 0 scores
"""


def trace(spikes: list[list[tuple[int, int]]]) -> bytes:
    """The trace of two layers: a potential and two spikes, then two potentials."""
    parts = [struct.pack("<iBBii", 7, *pair, 1, 2) for image in spikes for pair in image]
    return b"".join(parts)


class SpikesTests(unittest.TestCase):
    """Spikes as the engine's trace has them, and what differs."""

    def test_counts_the_spikes_of_the_first_layer(self):
        raw = trace([[(0, 0), (1, 0), (1, 1)], [(0, 1), (0, 0), (0, 0)]])
        found = nir_engine.spikes_of(VECTORS, raw)
        counts = [[sum(layers[0]) for layers in rows] for rows in found]
        self.assertEqual(counts, [[0, 1, 2], [1, 0, 0]])
        self.assertEqual(found[0][1], [(1, 0), ()])

    def test_names_the_first_difference(self):
        self.assertEqual(nir_frameworks.differences([[0, 1]], [[0, 1]]), "")
        self.assertEqual(
            nir_frameworks.differences([[0, 1], [1, 0]], [[0, 1], [1, 2]]),
            "stimulus 1, timestep 1: 0 spikes, the engine 2")
        self.assertEqual(
            nir_frameworks.differences([[0, 1]], [[0]]), "2 timesteps, the engine has 1")


class ArgumentTests(unittest.TestCase):
    """What the commands refuse before anything runs."""

    def refused(self, module, *words: str) -> str:
        """What is said about words of a command line that are refused."""
        parser = argparse.ArgumentParser()
        module.add_arguments(parser)
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as said:
            module.check_arguments(parser, parser.parse_args(words))
        return said.getvalue()

    def test_unknown_framework(self):
        self.assertIn("there is no framework brian", self.refused(nir_frameworks, "brian"))

    def test_stimulus_is_zeros_and_ones(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "s.txt"
            for text in ("", "0120", "000"):
                path.write_text(text)
                self.assertIn(
                    "zeros and ones", self.refused(nir_frameworks, "--stimulus", str(path)))

    def test_epochs(self):
        self.assertIn(
            "--first-epochs is 0, needed 1 or more",
            self.refused(nir_nmnist, "--first-epochs", "0"))


@unittest.skipUnless(importlib.util.find_spec("numpy"), "needs numpy")
class FrameTests(unittest.TestCase):
    """The frames of golden vectors of event models."""

    def test_channels_are_bits_of_a_site(self):
        import numpy as np

        from spikelet_tools.training.event_frames import unpacked

        # One recording of two frames of 1x2 sites: 0b01 and 0b11, then 0b10 and 0.
        frames = unpacked(np.array([[[1, 3], [2, 0]]], np.uint8), (2, 1, 2))
        self.assertEqual(frames.tolist(), [[[[[1, 1]], [[0, 1]]], [[[0, 0]], [[1, 0]]]]])
        wide = unpacked(np.array([[[1, 2]]], np.uint8), (10, 1, 1))
        self.assertEqual(wide[0, 0, :, 0, 0].tolist(), [1, 0, 0, 0, 0, 0, 0, 0, 0, 1])

    def test_another_size_is_refused(self):
        import numpy as np

        from spikelet_tools.training.event_frames import unpacked

        with self.assertRaisesRegex(ValueError, "inputs.idx: has the shape .* timesteps, 2"):
            unpacked(np.zeros((1, 2, 3), np.uint8), (2, 1, 2), "inputs.idx")
