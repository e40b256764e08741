"""Runs a tutorial of docs/ as written, from a clean clone: its Python files, its commands.

With --here from this tree, which has what was built of it: where the tree is a clean clone itself.

A block of Python whose first line is a comment with a name is saved under that name. The blocks of
commands run one after the other in a folder beside the clone, each in a shell of its own, up to the
first that fails. Of a block of text every line must have been printed by the block before it; ~~
stands for anything.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from spikelet_tools.paths import ROOT
from spikelet_tools.processes import need, output, stop

TUTORIALS = {"pytorch": ["torch", "onnx", "onnxscript", "PIL"],
             "keras": ["tensorflow", "tf2onnx", "PIL"]}
"""By name: the Python packages that a tutorial uses, as they are imported."""
PIP = {"PIL": "pillow", "tensorflow": "tensorflow-cpu"}


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and contents of every code block, in order."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def saved_name(python: str) -> str | None:
    """The file that a block of Python is, by its first line."""
    match = re.match(r"# (\w+\.py)\b", python)
    return match[1] if match else None


def missing_lines(expected: str, printed: str) -> list[str]:
    """The lines of a block of output that were not printed; ~~ stands for any text."""
    lines = [line.strip() for line in printed.splitlines()]
    missing = []
    for line in filter(None, map(str.strip, expected.splitlines())):
        pattern = re.compile(".*".join(map(re.escape, line.split("~~"))))
        if not any(pattern.fullmatch(given) for given in lines):
            missing.append(line)
    return missing


def check_packages(name: str, python: str) -> None:
    """Ends with the command that installs what is missing."""
    code = "import importlib.util, sys; print(*[m for m in sys.argv[1:] if not " \
           "importlib.util.find_spec(m)])"
    lacking = output(python, "-c", code, *TUTORIALS[name]).split()
    if lacking:
        names = " ".join(PIP.get(package, package) for package in lacking)
        stop(f"the {name} tutorial needs {names}: {python} -m pip install {names}")


def clone(target: Path) -> None:
    """The repository as it is committed; where there is none, the tree without what was built."""
    done = subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, target],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"no clone of {ROOT}, so a copy: {done.stderr.strip()}")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(ROOT, target, symlinks=True,
                        ignore=shutil.ignore_patterns(".build*", ".git", "__pycache__"))


def follow(name: str, folder: Path, python: str) -> None:
    """Does what the tutorial says, in a folder."""
    text = (ROOT / "docs" / f"tutorial-{name}.md").read_text()
    printed = ""
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    (folder / "bin").mkdir()
    # A link would lose the packages of a virtual environment.
    launcher = folder / "bin" / "python3"
    launcher.write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
    launcher.chmod(0o755)
    for language, contents in blocks(text):
        if language == "python":
            if file := saved_name(contents):
                (folder / file).write_text(contents)
        elif language == "sh":
            result = subprocess.run(["bash", "-euo", "pipefail", "-c", contents], cwd=folder,
                                    env=environment, text=True, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, check=False)
            printed = result.stdout
            print(contents, printed, sep="", end="", flush=True)
            if result.returncode:
                stop(f"docs/tutorial-{name}.md: this block failed:\n{contents}")
        elif language == "text":
            if missing := missing_lines(contents, printed):
                stop(f"docs/tutorial-{name}.md: not printed:\n" + "\n".join(missing))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which tutorial, and which Python."""
    parser.add_argument("name", choices=sorted(TUTORIALS), help="which of docs/tutorial-NAME.md")
    parser.add_argument("--python", default="python3", metavar="PYTHON",
                        help="the Python that has the tutorial's packages")
    parser.add_argument("--here", action="store_true", help="use this tree instead of a clone")


def run(options: argparse.Namespace) -> None:
    """Follows the tutorial beside a clone of the repository as it is committed."""
    need("git", "swift", "make", "bash", options.python)
    python = output("sh", "-c", f"command -v {options.python}").strip()
    check_packages(options.name, python)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.here:
            (folder / "spikelet").symlink_to(ROOT)
        else:
            clone(folder / "spikelet")
        follow(options.name, folder, python)
    print(f"docs/tutorial-{options.name}.md: every command did what it says")
