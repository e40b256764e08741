"""Trees, man pages and archives, on files made up here."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from spikelet_tools import version
from spikelet_tools.checks import linux_machine
from spikelet_tools.checks.linux_script import Outcome, Script, kilobytes
from spikelet_tools.packaging import archives, install, library, manual
from spikelet_tools.packaging.tree import Tree
from spikelet_tools.paths import ROOT
from spikelet_tools.targets import LIBRARY_TARGETS

DUMP = {
    "serializationVersion": 0,
    "command": {
        "commandName": "spikelet", "abstract": "Does things.", "arguments": [],
        "subcommands": [
            {"commandName": "help", "abstract": "Help."},
            {"commandName": "run", "abstract": "Run -x \\ `it`.", "discussion": "One.\n\n.Two.",
             "arguments": [
                 {"kind": "positional", "valueName": "model", "abstract": "A file.",
                  "isOptional": True, "defaultValue": "a-b"},
                 {"kind": "option", "valueName": "jobs", "abstract": "Threads.",
                  "defaultValue": "2", "names": [{"kind": "long", "name": "jobs"}]},
                 {"kind": "flag", "valueName": "quiet", "abstract": "Less.", "defaultValue": "x",
                  "names": [{"kind": "long", "name": "quiet"}, {"kind": "short", "name": "q"}]},
                 {"kind": "option", "valueName": "split", "shouldDisplay": False,
                  "names": [{"kind": "long", "name": "hidden"}]},
             ]},
        ],
    },
}
BOARD = """spikelet-board classifies pictures.

  spikelet-board [options] MODEL

A paragraph.

  --limit N      only the first
                 ones
  -q, --quiet    less

Exit codes: 0 for success.
"""


def stopped(function, *arguments) -> tuple[int, str]:
    """The exit code and the words with which a call ends."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            function(*arguments)
        except SystemExit as end:
            return end.code, said.getvalue()
    return 0, said.getvalue()


class ManualTests(unittest.TestCase):
    def test_pages_are_those_of_the_commands(self):
        pages = manual.tool_pages(DUMP, 0, "9.8.7")
        self.assertEqual(sorted(pages), ["spikelet-run.1", "spikelet.1"])
        page = pages["spikelet-run.1"]
        self.assertIn('.TH SPIKELET\\-RUN 1 1970-01-01 "Spikelet 9.8.7"', page)
        self.assertIn("spikelet\\-run \\- run \\-x \\e `it`", page)
        self.assertIn("\\&.Two.", page)
        self.assertIn("A file. (default: a\\-b)", page)
        self.assertIn("\\fB\\-q\\fP, \\fB\\-\\-quiet\\fP\nLess.", page)
        self.assertNotIn("hidden", page)
        self.assertIn(".BR spikelet (1)", page)
        self.assertIn("\\fB64\\fP", page)

    def test_a_machine_s_number_of_processors_is_not_in_a_page(self):
        page = manual.tool_pages(DUMP, 0, "1")["spikelet-run.1"]
        self.assertIn("Threads. (default: the number of processors)", page)

    def test_another_format_of_the_description_is_refused(self):
        self.assertEqual(stopped(manual.tool_pages, {"serializationVersion": 1}, 0, "1")[0], 1)

    def test_the_board_program_s_page(self):
        page = manual.board_page(BOARD, 0, "1")
        self.assertIn(".SH SYNOPSIS\n.nf\nspikelet\\-board [options] MODEL\n.fi", page)
        self.assertIn("\\fB\\-\\-limit N\\fP\nonly the first ones", page)
        self.assertIn(".SH EXIT STATUS\n0 for success.", page)
        self.assertEqual(stopped(manual.board_page, "something else", 0, "1")[0], 1)


class TreeTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)

    def tree(self) -> Tree:
        tree = Tree()
        tree.text("bin/program", "#!/bin/sh\n", is_program=True)
        tree.text("share/text", "words\n")
        tree.link("share/link", "text")
        return tree

    def test_modes_do_not_depend_on_the_umask(self):
        old = os.umask(0o077)
        try:
            self.tree().copy(self.root / "a")
        finally:
            os.umask(old)
        modes = {path: (self.root / "a" / path).stat().st_mode & 0o777
                 for path in ["bin", "bin/program", "share/text"]}
        self.assertEqual(modes, {"bin": 0o755, "bin/program": 0o755, "share/text": 0o644})

    def test_a_path_has_one_meaning_and_lies_below(self):
        for path in ["share/text", "/etc/passwd", "../up"]:
            self.assertEqual(stopped(self.tree().text, path, "")[0], 1)

    def test_installing_again_removes_what_is_not_there_any_more(self):
        install.install(self.tree(), self.root, "share/list")
        tree = Tree()
        tree.text("share/text", "new\n")
        install.install(tree, self.root, "share/list")
        self.assertFalse((self.root / "bin").exists())
        self.assertEqual((self.root / "share/text").read_text(), "new\n")
        names = install.read_list(self.root / "share/list")
        self.assertEqual(names, ["share/list", "share/text"])
        self.assertEqual(install.remove(self.root, names), 2)
        self.assertEqual(list(self.root.iterdir()), [])

    def test_a_list_that_leads_elsewhere_is_refused(self):
        for line in ["/etc/passwd", "../x", "a/../../b", ""]:
            (self.root / "list").write_text(f"good\n{line}\nbad\n")
            self.assertEqual(stopped(install.read_list, self.root / "list")[0], 2)

    def test_archives_have_equal_bytes_and_no_names_of_people(self):
        with mock.patch.dict("os.environ", {"SOURCE_DATE_EPOCH": "1000000000"}):
            written = []
            for name in ["one", "two"]:
                (self.root / name).mkdir()
                place = archives.write_tar(self.tree(), "top", self.root / name, 1)
                written.append(place.read_bytes())
            self.assertEqual(*written)
            with tarfile.open(place) as archive:
                self.assertEqual(archive.getnames(), [
                    "top", "top/bin", "top/bin/program", "top/share", "top/share/link",
                    "top/share/text"])
                for member in archive:
                    self.assertEqual((member.mtime, member.uid, member.uname),
                                     (1000000000, 0, ""))

    def test_a_package_says_what_it_is(self):
        package = archives.Package("x", "arm64", "short", "One\n\nTwo", "libc6")
        text = archives.control(package, 12)
        self.assertIn(f"Version: {version.version()}\nArchitecture: arm64\n", text)
        self.assertIn("Depends: libc6\n", text)
        self.assertTrue(text.endswith("Description: short\n One\n .\n Two\n"))
        self.assertEqual(package.file_name, f"x_{version.version()}_arm64.deb")


class LibraryTests(unittest.TestCase):
    def test_the_files_that_find_it_have_its_version_and_lead_back_to_the_prefix(self):
        for target, machine in LIBRARY_TARGETS.items():
            tree = library.library_tree(Path("/built"), target, "lib/triple")
            text = {path: (entry.content or b"").decode() for path, entry in tree.entries.items()}
            pkg_config = text["lib/triple/pkgconfig/spikelet.pc"]
            self.assertIn(f"Version: {version.version()}\n", pkg_config)
            self.assertIn("prefix=${pcfiledir}/../../..\n", pkg_config)
            folder = "lib/triple/cmake/Spikelet"
            self.assertIn("/../../../..\" ABSOLUTE", text[f"{folder}/SpikeletConfig.cmake"])
            self.assertIn(f"EQUAL {machine.bits // 8})",
                          text[f"{folder}/SpikeletConfigVersion.cmake"])
            self.assertFalse(any("@" in one for one in text.values()))

    def test_a_name_that_a_template_does_not_know_is_an_error(self):
        with self.assertRaises(KeyError):
            library.fill("spikelet.pc", {})


class LinuxTests(unittest.TestCase):
    def test_what_commands_printed_is_taken_apart(self):
        script = Script()
        script.add("one", "true")
        script.add("two", "false")
        self.assertEqual(stopped(script.add, "one", "again")[0], 1)
        console = "boot\n@begin one\na\nb\n@end one 0\n@begin two\n@end two 137\n"
        self.assertEqual(script.outcomes(console),
                         {"one": Outcome(0, "a\nb\n"), "two": Outcome(137, "")})
        self.assertEqual(stopped(script.outcomes, console[:-20])[0], 1)
        self.assertEqual(set(script.files()), {"init", "commands/0", "commands/1"})

    def test_the_kernel_s_figures_are_read(self):
        self.assertEqual(kilobytes("Rss:     228 kB\nPss: 1 kB\n", "Rss"), 228)
        self.assertEqual(stopped(kilobytes, "nothing", "Rss")[0], 1)

    def test_members_of_an_initramfs_are_aligned(self):
        for name, content in [("a", b""), ("bcd", b"x"), ("ef", b"12345")]:
            member = linux_machine.member(name, 0o100644, content, 1)
            self.assertEqual(len(member) % 4, 0)
            self.assertEqual(member[:6], b"070701")

    def test_missing_kernels_are_named_with_what_fetches_them(self):
        machine = linux_machine.Machine("none", "qemu", "cpu", 1, "aarch64")
        code, said = stopped(machine.need_files)
        self.assertEqual(code, 2)
        self.assertIn("scripts/fetch-kernels", said)


class BoardFileTests(unittest.TestCase):
    def test_scripts_of_boards_name_what_packages_install_and_scripts_there_are(self):
        folder = ROOT / "examples" / "boards"
        for name in ["spikelet.init", "spikelet-serve.init"]:
            subprocess.run(["sh", "-n", folder / name], check=True)
        for name in ["spikelet.init", "spikelet.service", "spikelet-serve.init",
                     "spikelet-serve.service"]:
            self.assertIn("/usr/bin/spikelet-board", (folder / name).read_text())
        container = (folder / "Containerfile").read_text()
        copied = re.search(r"^COPY (.*) /opt/spikelet/$", container, re.M)[1].split()
        self.assertTrue(all((ROOT / name).is_file() for name in copied))


    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze")
    def test_units_are_what_systemd_understands(self):
        with tempfile.TemporaryDirectory() as name:
            units = []
            for unit in (ROOT / "examples" / "boards").glob("*.s[eo]*"):
                # A program that this machine has stands for the board's.
                text = unit.read_text().replace("/usr/bin/spikelet-board", "/bin/true")
                units.append(Path(name) / unit.name)
                units[-1].write_text(text)
            self.assertEqual(len(units), 3)
            run = subprocess.run(["systemd-analyze", "verify", "--man=no", *units],
                                 capture_output=True, text=True)
            self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))

    def test_the_script_for_procd_serves_a_pipe_that_stays_open(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            program = folder / "program"
            program.write_text('#!/bin/sh\necho "$@"\nread -r a\nread -r b\necho "$a $b"\n')
            program.chmod(0o755)
            script = f"""
                . {ROOT}/examples/boards/spikelet-serve.init
                PROGRAM={program} MODEL=model.spk PICTURES={folder}/pictures
                procd_open_instance() {{ :; }}
                procd_close_instance() {{ :; }}
                procd_set_param() {{
                    [ "$1" = command ] || return 0
                    shift
                    "$@" > {folder}/lines &
                }}
                touch "$PICTURES"
                start_service
                echo one > "$PICTURES"
                echo two > "$PICTURES"
                wait
            """
            subprocess.run(["sh", "-ec", script], check=True, timeout=20)
            self.assertEqual((folder / "lines").read_text(),
                             "--serve --deadline 50000 model.spk\none two\n")


class VersionTests(unittest.TestCase):
    def test_times_are_those_asked_for(self):
        with mock.patch.dict("os.environ", {"SOURCE_DATE_EPOCH": "7"}):
            self.assertEqual(version.source_date(), 7)
        with mock.patch.dict("os.environ", {"SOURCE_DATE_EPOCH": "x"}):
            self.assertGreaterEqual(version.source_date(), 315_532_800)


if __name__ == "__main__":
    unittest.main()
