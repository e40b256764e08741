"""What figures depend on: commit, compiler, options, processor, versions."""

from __future__ import annotations

import datetime
import re
from importlib import metadata
from pathlib import Path

from spikelet_tools.paths import ROOT
from spikelet_tools.processes import output, stop

FOLDER = ROOT / "Benchmarks"
REQUIREMENTS = [FOLDER / "requirements.txt", FOLDER / "requirements-no-deps.txt"]
INSTALL = ("python3 -m pip install -r Benchmarks/requirements.txt && "
           "python3 -m pip install --no-deps -r Benchmarks/requirements-no-deps.txt")
FEATURES = ["avx2", "fma", "avx512f", "avx512bw", "avx_vnni", "avx512_vnni", "amx_int8"]


def required() -> dict[str, str]:
    """The pinned version of every package."""
    lines = [line for path in REQUIREMENTS
             for line in path.read_text(encoding="utf-8").splitlines()]
    pins = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {name: version for name, version in pins}


def check_packages() -> None:
    """Ends where a package is missing or of another version, with what installs it."""
    wrong = []
    for name, version in required().items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "none"
        # What stands behind a plus sign says how a package was built, such as "+cpu".
        if found.partition("+")[0] != version:
            wrong.append(f"{name}: needed {version}, installed {found}")
    if wrong:
        stop("\n".join([*wrong, f"install them: {INSTALL}",
                        "(PYTHON=… scripts/tool benchmarks takes another Python)"]), 2)


def processor() -> dict:
    """The processor's name, and those of FEATURES that it has."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:\s*(.+)$", text, re.MULTILINE)
    having = set(flags[1].split()) if flags else set()
    return {"name": name[1] if name else "unknown",
            "features": [feature for feature in FEATURES if feature in having]}


def has_vnni(features: list[str]) -> bool:
    """Whether the processor multiplies and adds four bytes at a time, into 32 bits."""
    return any("vnni" in feature for feature in features)


def commit() -> str:
    """The commit, with a plus sign where what is compiled was changed since."""
    changed = output("git", "status", "--porcelain", "--", "Sources", "Package.swift")
    return output("git", "rev-parse", "--short=10", "HEAD").strip() + ("+" if changed else "")


def host_options() -> str:
    """What Spikelet is compiled with for this machine's instruction set."""
    return output("scripts/host-flags").strip() or "none"


def stamp(options: str) -> dict:
    """When and from what a part of the record was measured."""
    compiler = re.search(r"Swift version \S+", output("swiftc", "--version"))[0]
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "compiler": compiler,
        "flags": options,
        "processor": processor(),
        "versions": {name: metadata.version(name) for name in required()},
    }
