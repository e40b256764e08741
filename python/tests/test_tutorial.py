"""The tutorials are read as a person reads them."""

import unittest

from spikelet_tools.checks.tutorial import TUTORIALS, blocks, missing_lines, saved_name
from spikelet_tools.paths import ROOT


class TutorialTests(unittest.TestCase):
    def test_blocks_keep_their_order(self):
        text = "```sh\na\nb\n```\nwords\n\n```python\n# x.py: it\n```\n"
        self.assertEqual(blocks(text), [("sh", "a\nb\n"), ("python", "# x.py: it\n")])

    def test_a_file_is_named_by_its_first_line(self):
        self.assertEqual(saved_name("# train.py: a network\nimport torch\n"), "train.py")
        self.assertIsNone(saved_name("import torch\n"))

    def test_what_is_not_printed_is_named(self):
        self.assertEqual(missing_lines("a ~~ c\nd\n", "  a bb c\ne\n"), ["d"])

    def test_every_tutorial_has_commands_and_files(self):
        for name in TUTORIALS:
            found = blocks((ROOT / "docs" / f"tutorial-{name}.md").read_text())
            self.assertTrue(any(language == "sh" for language, _ in found), name)
            files = {saved_name(text) for language, text in found if language == "python"}
            self.assertIn("train.py", files, name)
            words = " ".join(text for language, text in found if language == "sh")
            for file in filter(None, files):
                self.assertIn(f"python3 {file}", words)


if __name__ == "__main__":
    unittest.main()
