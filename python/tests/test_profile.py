"""A profile in instructions: what the board prints, and what its clock counts."""

from __future__ import annotations

import contextlib
import io
import unittest

from spikelet_tools.checks.profile import Report, card, intervals, quantile
from spikelet_tools.cost.sample_sets import all_samples
from spikelet_tools.markdown import aligned

REPORT = """\
0 7 2
scores digest  0123456789abcdef
timesteps      mean 1.50 of 2
latency        median 1.0 µs, 90 % in 2.0 µs, maximum 3.0 µs
first          3.0 µs
p50, p90, p99  1.0, 2.0, 3.0 µs
layers         means of 4 timesteps without an early exit
kernel                 µs    spikes      rows   additions  weight bytes  layer
grayLines             9.9       228         0           0             0  conv 1
max pool              0.4       101         0           0             0  pool
gather                3.1        78      2571       41137         41137  conv 2
memory         arena 32736 bytes, model 71574 bytes, stack 2400 bytes, resident 90 KiB
"""


class ProfileTests(unittest.TestCase):
    def stopped(self, action) -> str:
        """What is said by something that ends the command."""
        error = io.StringIO()
        with contextlib.redirect_stderr(error), self.assertRaises(SystemExit):
            action()
        return error.getvalue()

    def test_the_report_of_a_board_is_read(self):
        report = Report.read(REPORT)
        self.assertEqual((report.timesteps, report.pictures, report.mean_timesteps, report.stack),
                         (2, 2, 1.5, 2400))
        self.assertEqual([layer["name"] for layer in report.layers], ["conv 1", "pool", "conv 2"])
        self.assertEqual(report.layers[1]["kernel"], "max pool")
        self.assertEqual(report.layers[2], {"name": "conv 2", "kernel": "gather", "spikes": 78,
                                            "rows": 2571, "additions": 41137,
                                            "weightBytes": 41137})
        plain = REPORT.replace("layers  ", "strata  ")
        self.assertIn("printed no profile", self.stopped(lambda: Report.read(plain)))

    def test_ticks_are_inferences_and_layers(self):
        report = Report.read(REPORT)
        # Of each picture an inference, then three layers in each of two timesteps.
        spans = [1000, 100, 10, 50, 80, 10, 40, 900, 60, 10, 30, 70, 10, 20]
        ticks, now = [], 0
        for span in spans:
            ticks += [now + 7, now + 7 + span]
            now += 7 + span
        self.assertEqual(intervals(ticks, report), ([1000, 900], [310, 40, 140]))
        self.assertIn("has read its clock 26 times, needed 28",
                      self.stopped(lambda: intervals(ticks[2:], report)))

    def test_quantiles_are_values_that_were_counted(self):
        values = list(range(100, 0, -1))
        self.assertEqual([quantile(values, share) for share in (0.5, 0.9, 0.99)], [50, 90, 99])
        self.assertEqual([quantile([5], share) for share in (0.5, 0.99)], [5, 5])

    def test_the_card_has_at_most_a_hundred_columns(self):
        layer = {"name": "features.0.convolution", "kernel": "pictureBlocks", "spikes": 65536,
                 "rows": 1234567, "additions": 12345678, "weightBytes": 12345678,
                 "instructions": 12345678.0, "shareOfIdeal": 0.912}
        pool = layer | {"name": "pool", "instructions": 5.0, "shareOfIdeal": None}
        text = card({"model": "net", "target": "armv7", "processor": "cortex-a7", "input": "x.idx",
                     "first": 1234, "p50": 1000, "p90": 1100, "p99": 1200, "inferences": 10,
                     "meanTimesteps": 1.5, "timesteps": 2, "arenaBytes": 32736,
                     "modelBytes": 71574, "stackBytes": 2400, "layers": [layer, pool]})
        self.assertTrue(all(len(line) <= 100 for line in text.splitlines()), text)
        for words in ("median (p50)                  1,000 instructions",
                      "peak memory, arena and stack  35,136 bytes", "91 %", "12,345,678"):
            self.assertIn(words, text)
        self.assertRegex(text, r"pool +pictureBlocks +5 +0 %.* – ")

    def test_columns_of_numbers_end_at_the_right(self):
        self.assertEqual(aligned([["a", "b"], ["long", "1"]], right=[1]), "a     b\nlong  1")
        self.assertEqual(aligned([["ab", ""], ["c", ""]]), "ab\nc")


class SampleTests(unittest.TestCase):
    def test_every_sample_has_a_name_of_its_own(self):
        names = [sample.name for sample in all_samples()]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreater(len(names), 150)


if __name__ == "__main__":
    unittest.main()
