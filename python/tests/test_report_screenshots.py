"""What a page says of itself is read, and a browser that is missing is named."""

from __future__ import annotations

import contextlib
import io
import shutil
import unittest
from unittest import mock

from spikelet_tools.checks import report_screenshots

GOOD = {"width": 390, "scrolls": 390, "opened": 390, "wide": [], "faint": [], "unfocused": [],
        "order": [0, 0], "dark": True, "first": "Skip to the report"}


class ReportScreenshotTests(unittest.TestCase):
    def test_a_good_page_has_no_problems(self):
        self.assertEqual(report_screenshots.problems(GOOD, 390, "dark"), [])

    def test_each_problem_is_told(self):
        for change, words in [
            ({"width": 500}, "window is 500"), ({"scrolls": 412}, "412 wide"),
            ({"opened": 400}, "400 wide"), ({"dark": False}, "theme"),
            ({"wide": ["<p>"]}, "too wide: <p>"), ({"faint": ["3.10 <p>"]}, "too faint: 3.10"),
            ({"unfocused": ["<a>"]}, "focus: <a>"), ({"order": [0, 1]}, "out of the order"),
            ({"first": "Overview"}, "first link is 'Overview'"),
        ]:
            found = report_screenshots.problems(GOOD | change, 390, "dark")
            self.assertEqual(len(found), 1, change)
            self.assertIn(words, found[0])

    def test_a_missing_browser_is_named(self):
        error = io.StringIO()
        with mock.patch.object(shutil, "which", return_value=None):
            with contextlib.redirect_stderr(error), self.assertRaises(SystemExit) as end:
                report_screenshots.browser()
        self.assertEqual(end.exception.code, 2)
        self.assertIn("scripts/install-browser", error.getvalue())
