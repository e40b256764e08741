"""The shape of the package's own files."""

from __future__ import annotations

import ast
import unittest

from spikelet_tools.paths import ROOT

COLUMNS, LINES = 100, 320


class StyleTests(unittest.TestCase):
    def test_files_are_narrow_short_and_documented(self):
        for path in sorted((ROOT / "python" / "spikelet_tools").rglob("*.py")):
            with self.subTest(path.relative_to(ROOT)):
                text = path.read_text(encoding="utf-8")
                lines = text.splitlines()
                self.assertLessEqual(len(lines), LINES)
                self.assertEqual([line for line in lines if len(line) > COLUMNS], [])
                tree = ast.parse(text)
                public = [node for node in tree.body
                          if isinstance(node, (ast.FunctionDef, ast.ClassDef))
                          and not node.name.startswith("_")]
                for node in [tree, *public]:
                    name = getattr(node, "name", "module")
                    self.assertTrue(ast.get_docstring(node), f"{name} has no docstring")
