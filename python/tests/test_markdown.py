"""Tables, numbers and marked places."""

from __future__ import annotations

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

from spikelet_tools.markdown import Section, grouped, head, percent, row, size

DOCUMENT = "before\n<!-- a: begin -->\nold\n<!-- a: end -->\nafter\n"


class NumberTests(unittest.TestCase):
    def test_formats(self):
        self.assertEqual(percent(0.99538), "99.54 %")
        self.assertEqual(percent(0.5, 0), "50 %")
        self.assertEqual(grouped(12345.6), "12,346")
        self.assertEqual(size(68502), "68,502 B")

    def test_empty_cells_take_one_space(self):
        self.assertEqual(row(["a", "", "", 1]), "| a | | | 1 |")
        self.assertEqual(head("x", ""), ["| x | |", "|---|---|"])


class SectionTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "document.md"
        self.path.write_text(DOCUMENT)
        self.section = Section("a", self.path)

    def fails(self, action) -> str:
        """The message with which an action ends."""
        error = io.StringIO()
        with contextlib.redirect_stderr(error), contextlib.redirect_stdout(io.StringIO()):
            with self.assertRaises(SystemExit):
                action()
        return error.getvalue()

    def test_replaces_only_what_is_between_the_markers(self):
        self.section.write(["new", "lines"])
        self.assertEqual(self.path.read_text(), DOCUMENT.replace("old", "new\nlines"))
        self.assertTrue(self.section.holds(["new", "lines"]))

    def test_check_passes_on_equal_lines_and_writes_nothing(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.section.conclude(["old"], True, "a-table")
        self.assertIn("a: as in", said.getvalue())
        self.assertIn("scripts/tool a-table",
                      self.fails(lambda: self.section.conclude(["new"], True, "a-table")))
        self.assertEqual(self.path.read_text(), DOCUMENT)

    def test_missing_and_repeated_markers_are_refused(self):
        for text in ["nothing", DOCUMENT + DOCUMENT, "<!-- a: end --><!-- a: begin -->"]:
            self.path.write_text(text)
            self.assertIn("a: begin", self.fails(lambda: self.section.write(["new"])))
            self.assertEqual(self.path.read_text(), text)
