"""The C library as it is installed: header, both libraries, pkg-config file, CMake package."""

from __future__ import annotations

import re
from pathlib import Path

from spikelet_tools.packaging.tree import Tree
from spikelet_tools.paths import BUILD, ROOT
from spikelet_tools.processes import output
from spikelet_tools.targets import LIBRARY_TARGETS
from spikelet_tools.version import minor_version, version

TEMPLATES = ROOT / "scripts" / "packaging"


def inputs() -> list[Path]:
    """Every file that a library is made from."""
    folders = [ROOT / "Sources" / "SpikeletRuntime", ROOT / "Sources" / "SpikeletC",
               ROOT / "include", ROOT / "SDKs"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [*files, ROOT / "scripts" / "build-c-library", ROOT / "scripts" / "targets"]


def build_library(target: str) -> Path:
    """Builds both libraries of a target where they are older than their sources; their folder."""
    folder = BUILD / "library" / target
    made = folder / f"libspikelet.so.{version()}"
    newest = max(path.stat().st_mtime for path in inputs())
    if not made.exists() or made.stat().st_mtime < newest:
        output("scripts/build-c-library", folder, target, "--shared")
    return folder


def fill(template: str, values: dict[str, str]) -> str:
    """A template with its @NAMES@ filled in; one that is unknown is a KeyError."""
    text = (TEMPLATES / f"{template}.in").read_text(encoding="utf-8")
    return re.sub(r"@([A-Z_]+)@", lambda match: values[match[1]], text)


def up(folder: str) -> str:
    """The way from a folder below the prefix back to it."""
    return "/".join([".."] * len(folder.strip("/").split("/")))


def library_tree(built: Path, target: str, library_folder: str) -> Tree:
    """The tree of a library that is built; `library_folder` is lib or lib/<triple>."""
    number, minor = version(), minor_version()
    bits = LIBRARY_TARGETS[target].bits
    values = {
        "VERSION": number, "MINOR": minor, "LIBDIR": library_folder,
        "MAJOR_NUMBER": number.split(".")[0], "MINOR_NUMBER": number.split(".")[1],
        "POINTER_BYTES": str(bits // 8), "BITS": str(bits),
    }
    tree = Tree()
    tree.file("include/spikelet.h", ROOT / "include" / "spikelet.h")
    tree.file(f"{library_folder}/libspikelet.a", built / "libspikelet.a")
    tree.file(f"{library_folder}/libspikelet.so.{number}", built / f"libspikelet.so.{number}")
    tree.link(f"{library_folder}/libspikelet.so.{minor}", f"libspikelet.so.{number}")
    tree.link(f"{library_folder}/libspikelet.so", f"libspikelet.so.{minor}")
    for folder, names in [("pkgconfig", ["spikelet.pc"]),
                          ("cmake/Spikelet",
                           ["SpikeletConfig.cmake", "SpikeletConfigVersion.cmake"])]:
        place = f"{library_folder}/{folder}"
        for name in names:
            tree.text(f"{place}/{name}", fill(name, values | {"UP": up(place)}))
    return tree
