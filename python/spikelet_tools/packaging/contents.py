"""What an installation of the host's tool, and one of the board program, consists of."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.deployments import all_deployments
from spikelet_tools.packaging import manual
from spikelet_tools.packaging.tree import Tree
from spikelet_tools.paths import CONFIGS, GOLDEN, ROOT
from spikelet_tools.processes import output, stop
from spikelet_tools.version import source_date, version

# Deployments with larger networks are not part of an installation.
NETWORK_LIMIT = 1024 * 1024
COMPLETIONS = {
    "bash": "share/bash-completion/completions/spikelet",
    "zsh": "share/zsh/site-functions/_spikelet",
    "fish": "share/fish/vendor_completions.d/spikelet.fish",
}
MANUAL = "share/man/man1"
SHARED = "share/spikelet"
DOCUMENTS = "share/doc/spikelet"


@dataclass(frozen=True)
class Program:
    """An executable, and what runs it here where it is another machine's."""

    path: Path
    runner: tuple[str, ...] = ()

    def prints(self, *arguments: str) -> str:
        """What it prints on standard output."""
        return output(*self.runner, self.path, *arguments)


def strip(source: Path, place: Path, tool: str = "strip") -> Path:
    """A copy of an executable without symbols."""
    place.parent.mkdir(parents=True, exist_ok=True)
    output(tool, "--strip-all", "-o", place, source)
    return place


def bundled_tree() -> Tree:
    """Networks, boards and golden vectors, as the tool looks for them."""
    tree = Tree()
    names = set()
    for deployment in all_deployments():
        if deployment.network.stat().st_size <= NETWORK_LIMIT:
            names |= {deployment.name, deployment.owner}
    for name in sorted(names):
        tree.folder(f"{SHARED}/firmware-configs/{name}", CONFIGS / name)
        if (GOLDEN / name).is_dir():
            tree.folder(f"{SHARED}/golden-vectors/{name}", GOLDEN / name)
    tree.folder(f"{SHARED}/firmware-configs/boards", CONFIGS / "boards")
    # Where descriptions of boards are looked for from anybody's configuration.
    for board in sorted((CONFIGS / "boards").glob("*.json")):
        tree.link(f"{SHARED}/boards/{board.name}", f"../firmware-configs/boards/{board.name}")
    return tree


def documents_tree() -> Tree:
    """What there is to read, and the examples."""
    tree = Tree()
    for name in ["README.md", "CHANGELOG.md", "LICENSE"]:
        tree.file(f"{DOCUMENTS}/{name}", ROOT / name)
    for path in sorted((ROOT / "docs").iterdir()):
        if path.suffix in (".md", ".svg", ".c"):
            tree.file(f"{DOCUMENTS}/docs/{path.name}", path)
    # Whatever lies in examples/ and is no output of a build.
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z",
         "examples"], capture_output=True, text=True, check=False).stdout.split("\0")
    paths = [ROOT / name for name in listed if name] or (ROOT / "examples").rglob("*")
    for path in sorted(paths):
        if path.is_file() and ".build" not in path.parts:
            tree.file(f"{DOCUMENTS}/{path.relative_to(ROOT)}", path, os.access(path, os.X_OK))
    return tree


def tool_tree(program: Program) -> Tree:
    """The host's tool with completions, man pages, bundled files and documents."""
    given = program.prints("--version").strip()
    if given != version():
        stop(f"{program.path} is of version {given}, the sources of {version()}; build it again", 2)
    tree = Tree()
    tree.file("bin/spikelet", program.path, is_program=True)
    for shell, path in COMPLETIONS.items():
        tree.text(path, program.prints("--generate-completion-script", shell))
    dump = json.loads(program.prints("--experimental-dump-help"))
    for name, page in manual.tool_pages(dump, source_date(), version()).items():
        tree.text(f"{MANUAL}/{name}", page)
    tree.merge(bundled_tree())
    tree.merge(documents_tree())
    return tree


def board_tree(program: Program) -> Tree:
    """The board program with its man page."""
    given = program.prints("--version").strip()
    if given != f"spikelet-board {version()}":
        stop(f"{program.path} is {given}, the sources are of {version()}; build it again", 2)
    tree = Tree()
    tree.file("bin/spikelet-board", program.path, is_program=True)
    page = manual.board_page(program.prints("--help"), source_date(), version())
    tree.text(f"{MANUAL}/spikelet-board.1", page)
    return tree
