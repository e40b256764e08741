"""The recipes' own readers of event recordings, on recordings that are written here."""

from __future__ import annotations

import importlib.util
import struct
import unittest

HAS_PACKAGES = all(importlib.util.find_spec(name) for name in ("numpy", "torch"))


@unittest.skipUnless(HAS_PACKAGES, "needs numpy and torch")
class EventTests(unittest.TestCase):
    """Reading and binning as docs/events.md says."""

    def test_nmnist_overflow(self) -> None:
        """Row 240 adds 2^13 to all later times."""
        from spikelet_tools.training.nmnist_data import read_nmnist

        content = bytes([1, 2, 0x80, 0, 5, 0, 240, 0, 0, 0, 3, 4, 0, 1, 0])
        self.assertEqual(read_nmnist(content).tolist(), [[1, 2, 5, 1], [3, 4, 8192 + 256, 0]])
        with self.assertRaises(ValueError):
            read_nmnist(content[:-1])

    def test_aedat2(self) -> None:
        """Addresses of a DVS128; what is no event is left out, and times wrap."""
        from spikelet_tools.training.nmnist_data import read_aedat2

        words = [(9 << 8 | 7 << 1 | 1, 2**32 - 1), (1 << 15, 3), (5 << 8, 4)]
        content = b"#!AER-DAT2.0\r\n# x\r\n" + b"".join(struct.pack(">II", *w) for w in words)
        self.assertEqual(
            read_aedat2(content).tolist(), [[7, 9, 2**32 - 1, 1], [0, 5, 2**32 + 4, 0]])

    def test_frames(self) -> None:
        """Edges of windows, crop, downsampling and late events."""
        import numpy as np
        from spikelet_tools.training.nmnist_data import EventSet, binned

        one = EventSet("x", ("a",), 8, 8, (2, 2, 4, 4), 2, 100, 3)
        events = np.array([
            [2, 2, 1000, 0], [5, 5, 1099, 1], [5, 5, 1100, 0], [1, 5, 1100, 0], [2, 2, 1250, 1],
            [2, 2, 1199, 1], [2, 2, 1300, 0]])
        frames = binned(events, one)
        self.assertEqual(frames.shape, (3, 2, 2, 2))
        self.assertEqual(
            np.argwhere(frames).tolist(), [[0, 0, 0, 0], [0, 1, 1, 1], [1, 0, 1, 1], [2, 1, 0, 0]])

    def test_gestures(self) -> None:
        """AEDAT 3.1 is cut where its labels say."""
        from spikelet_tools.training.nmnist_gestures import cut, read_aedat3

        def block(kind: int, events: list[tuple[int, int, int, int, int]]) -> bytes:
            body = b"".join(struct.pack("<II", x << 17 | y << 2 | p << 1 | valid, t)
                            for x, y, t, p, valid in events)
            return struct.pack("<HHIIIIII", kind, 0, 8, 4, 1, len(events), len(events), 0) + body

        content = (b"#!AER-DAT3.1\r\n#!END-HEADER\r\n" + block(0, [(0, 0, 0, 0, 1)])
                   + block(1, [(3, 4, 10, 1, 1), (5, 6, 20, 0, 1), (7, 8, 30, 1, 0)]))
        events = read_aedat3(content)
        base = 1 << 31
        self.assertEqual(events.tolist(), [[3, 4, base + 10, 1], [5, 6, base + 20, 0]])
        labels = [{"class": "2", "startTime_usec": str(base), "endTime_usec": str(base + 20)}]
        [(label, gesture)] = cut(events, labels)
        self.assertEqual((label, gesture.tolist()), (1, [[3, 4, base + 10, 1]]))
        with self.assertRaises(ValueError):
            read_aedat3(content[:-1])
        with self.assertRaises(ValueError):
            read_aedat3(b"#!AER-DAT2.0\r\n")


if __name__ == "__main__":
    unittest.main()
