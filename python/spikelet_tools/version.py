"""The version of Spikelet, read from where it is written, and the time of archives."""

from __future__ import annotations

import os
import re
import subprocess

from spikelet_tools.paths import ROOT

SOURCE = ROOT / "Sources" / "SpikeletRuntime" / "Format" / "SpikeletVersion.swift"


def version() -> str:
    """Major, minor and patch number, such as 0.1.0."""
    return re.search(r'StaticString \{ "([0-9.]+)" \}', SOURCE.read_text(encoding="utf-8"))[1]


def minor_version() -> str:
    """Major and minor number: what a shared library's name ends in."""
    return version().rpartition(".")[0]


def source_date() -> int:
    """The time of every file in an archive, in seconds since 1970.

    $SOURCE_DATE_EPOCH, or that of the last commit; 1980 where there is neither, because ZIP knows
    no time before it.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdigit():
        return int(given)
    log = subprocess.run(["git", "-C", str(ROOT), "log", "-1", "--format=%ct"],
                         capture_output=True, text=True, check=False)
    return int(log.stdout) if log.returncode == 0 and log.stdout.strip() else 315_532_800
