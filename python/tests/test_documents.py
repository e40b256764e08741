"""Links in the project's documents lead somewhere."""

from __future__ import annotations

import re
import unittest
from pathlib import Path

from spikelet_tools.paths import ROOT

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
CODE = re.compile(r"^```.*?^```|^(?:    [^\n]*\n)+|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    """Every document that readers follow links from."""
    folders = [ROOT, *(ROOT / name for name in ("docs", "examples", "python", "training"))]
    return sorted(path for folder in folders for path in
                  (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
                  if ".venv" not in path.parts)


def links(text: str) -> list[str]:
    """What the links of a document lead to, code left out."""
    text = CODE.sub("", text)
    return [inline or reference for inline, reference in LINK.findall(text)]


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class LinkTests(unittest.TestCase):
    def test_every_relative_link_leads_to_a_file_and_a_heading(self):
        count = 0
        for document in documents():
            for link in links(document.read_text(encoding="utf-8")):
                if re.match(r"\w+:", link):
                    continue
                count += 1
                with self.subTest(f"{document.relative_to(ROOT)}: {link}"):
                    name, _, anchor = link.partition("#")
                    target = document.parent / name if name else document
                    self.assertTrue(target.exists())
                    if anchor and target.suffix == ".md":
                        self.assertIn(anchor, anchors(target.read_text(encoding="utf-8")))
        self.assertGreater(count, 50)

    def test_files_named_in_code_exist(self):
        # The Swift files that documents name without a link.
        sources = {path.name for path in (ROOT / "Sources").rglob("*.swift")}
        sources |= {path.name for path in (ROOT / "Tests").rglob("*.swift")}
        sources |= {"Package.swift"}
        for document in documents():
            for name in re.findall(r"`(?:[\w+.-]+/)*([\w+-]+\.swift)`", document.read_text()):
                with self.subTest(f"{document.relative_to(ROOT)}: {name}"):
                    self.assertIn(name, sources)

    def test_links_in_code_do_not_count(self):
        text = "[a](b.md) `[c](d.md)`\n\n    [e](f.md)\n\n```\n[g](h.md)\n```\n[i]: j.md\n"
        self.assertEqual(links(text), ["b.md", "j.md"])

    def test_anchors_are_those_of_headings(self):
        self.assertEqual(anchors("# A `b`: c\n```\n# d\n```\n## What costs\n"),
                         {"a-b-c", "what-costs"})


if __name__ == "__main__":
    unittest.main()
