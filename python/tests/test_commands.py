"""Every command has help, and says what is missing."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import sys
import unittest
from unittest import mock

from spikelet_tools import __main__ as main
from spikelet_tools import datasets


class CommandTests(unittest.TestCase):
    def call(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command line."""
        out, error, code = io.StringIO(), io.StringIO(), 0
        with mock.patch.object(sys, "argv", ["tool", *arguments]):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
                try:
                    main.main()
                except SystemExit as end:
                    code = end.code
        return code, out.getvalue(), error.getvalue()

    def test_the_list_has_a_sentence_for_each(self):
        for arguments in [[], ["--help"], ["-h"], ["help"]]:
            code, out, _ = self.call(*arguments)
            self.assertEqual(code, 0)
            for name in main.modules():
                self.assertRegex(out, rf"  {name} +[A-Z].*\.\n")

    def test_help_of_each_that_needs_nothing(self):
        for name, module in main.modules().items():
            if module.startswith("training.") or name in main.ONNX_RUNTIME:
                continue
            with self.subTest(name):
                code, out, error = self.call(name, "--help")
                self.assertEqual((code, error), (0, ""))
                self.assertIn(f"usage: scripts/tool {name}", out)
                self.assertIn(main.summary(module)[:40], out)

    def test_what_is_missing_is_named(self):
        failure = ModuleNotFoundError("No module named 'torch'", name="torch")
        with mock.patch.object(importlib, "import_module", side_effect=failure):
            code, _, _ = self.call("train-lenet5", "--help")
            self.assertIn("torch is missing: python3 -m pip install -e 'python[training]'", code)
            code, _, _ = self.call("onnxruntime")
            self.assertIn("python[onnxruntime]", code)

    def test_unknown_commands_and_options_are_refused(self):
        self.assertIn("no command acuracy", self.call("acuracy")[0])
        self.assertEqual(self.call("accuracy", "--chek")[0], 2)
        self.assertEqual(self.call("c-library", "sparc")[0], 2)
        self.assertEqual(self.call("instructions", "--update", "armv7")[0], 2)
        self.assertEqual(self.call("download-datasets", "imagenet")[0], 2)


class DatasetFolderTests(unittest.TestCase):
    def test_the_environment_decides_unless_an_option_does(self):
        with mock.patch.dict("os.environ", {"SPIKELET_DATASETS": "/data"}):
            parser = argparse.ArgumentParser()
            datasets.add_argument(parser)
            given = datasets.arguments(parser.parse_args([]))
            self.assertEqual(given, ["--data", "/data"])
            given = datasets.arguments(parser.parse_args(["--data", "/other"]))
            self.assertEqual(given, ["--data", "/other"])
