"""The version is one, wherever a tool needs it written down."""

from __future__ import annotations

import json
import re
import unittest

from spikelet_tools.paths import ROOT


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


class VersionTests(unittest.TestCase):
    def setUp(self):
        source = read("Sources/SpikeletRuntime/Format/SpikeletVersion.swift")
        self.version = re.search(r'\{ "([0-9.]+)" \}', source)[1]

    def test_the_python_package_has_it(self):
        self.assertIn(f'version = "{self.version}"', read("python/pyproject.toml"))

    def test_every_sdk_has_it(self):
        artifacts = json.loads(read("SDKs/spikelet.artifactbundle/info.json"))["artifacts"]
        self.assertEqual({entry["version"] for entry in artifacts.values()}, {self.version})

    def test_the_changelog_begins_with_it(self):
        first = re.search(r"^## (.*)$", read("CHANGELOG.md"), re.M)[1]
        self.assertTrue(first.startswith(("Unreleased", self.version)), first)
