"""Installs Debian packages and archives into roots of their own, and runs what is in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from spikelet_tools.deployments import find
from spikelet_tools.packaging.command import BOARD_OF_LIBRARY
from spikelet_tools.processes import build, output, stop
from spikelet_tools.targets import BOARDS, LIBRARY_TARGETS
from spikelet_tools.version import version

# What the tool's package depends on, and what those need themselves.
BASE = ["libc6", "libgcc-s1", "gcc-12-base", "libcrypt1", "libstdc++6"]
NETWORK = "lenet5-iir-mnist"


def make_root(folder: Path, packages: list[str]) -> Path:
    """A root with dpkg's records and these packages of this machine, files and all."""
    records = folder / "var/lib/dpkg"
    for name in ["info", "updates", "triggers"]:
        (records / name).mkdir(parents=True)
    status = Path("/var/lib/dpkg/status").read_text(encoding="utf-8").split("\n\n")
    kept = []
    for package in packages:
        found = [entry for entry in status if entry.startswith(f"Package: {package}\n")
                 and "\nStatus: install ok installed\n" in entry]
        if found:
            # Files of configuration are no concern of a root that is thrown away.
            kept.append(re.sub(r"\nConffiles:(\n [^\n]*)+", "", found[0]))
    (records / "status").write_text("".join(entry + "\n\n" for entry in kept), encoding="utf-8")
    (folder / "proc").mkdir()
    (folder / "tmp").mkdir()
    return folder


def copy_libraries(program: Path, root: Path) -> None:
    """Copies the shared libraries of a program to where it looks for them in a root."""
    for path in re.findall(r"(/\S+) \(0x", output("ldd", program)):
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(os.path.realpath(path), place)


def dpkg(root: Path, *arguments) -> str:
    """What dpkg says in a root; it must succeed."""
    words = ["dpkg", f"--root={root}", "--force-script-chrootless", *map(str, arguments)]
    return output(*(words if os.geteuid() == 0 else ["fakeroot", *words]))


def in_root(root: Path, *arguments: str) -> str:
    """What a program prints with this folder for its root, and /proc in it."""
    script = 'mount -t proc proc "$1/proc" && root=$1 && shift && exec chroot "$root" "$@"'
    options = ["--mount", "--pid", "--fork"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    return output("unshare", *options, "sh", "-c", script, "sh", root, *arguments,
                  env={"PATH": os.environ["PATH"], "HOME": "/tmp"})


def installed_files(root: Path) -> list[str]:
    """The files in a root besides dpkg's records and the libraries that were there before."""
    return sorted(str(path.relative_to(root)) for path in (root / "usr").rglob("*")
                  if not path.is_dir() or path.is_symlink())


def check_tool_package(packages: Path, folder: Path) -> None:
    """The tool's package: refused without its libraries, then installed, run and removed."""
    package = packages / f"spikelet_{version()}_{LIBRARY_TARGETS['host'].debian}.deb"
    bare = make_root(folder / "bare", [])
    refused = subprocess.run(["dpkg", f"--root={bare}", "--install", package],
                             capture_output=True, text=True, check=False)
    if refused.returncode == 0 or "libstdc++6" not in refused.stderr:
        stop(f"a root without a C++ library takes the package: {refused}")
    root = make_root(folder / "root", BASE)
    before = installed_files(root) if (root / "usr").exists() else []
    dpkg(root, "--install", package)
    program = root / "usr/bin/spikelet"
    files = installed_files(root)
    copy_libraries(program, root)
    if in_root(root, "/usr/bin/spikelet", "--version").strip() != version():
        stop("the packaged tool is of another version")
    for arguments, text in [(["run", "--count", "1"], "of the 100 digits right"),
                            (["verify", f"golden-vectors/{NETWORK}"], "exact: "),
                            (["inspect", f"firmware-configs/{NETWORK}"], "arena")]:
        if text not in in_root(root, "/usr/bin/spikelet", *arguments):
            stop(f"the packaged tool, {arguments}: needed \"{text}\"")
    for name in ["usr/share/man/man1/spikelet.1.gz", "usr/share/doc/spikelet/copyright",
                 "usr/include/spikelet.h", "usr/share/fish/vendor_completions.d/spikelet.fish"]:
        if name not in files:
            stop(f"the package has no {name}")
    dpkg(root, "--verify", "spikelet")
    dpkg(root, "--remove", "spikelet")
    left = [name for name in files if (root / name).exists() and name not in before]
    if left:
        stop(f"after removing the package: {left}")
    print("installation: spikelet.deb in a root with a C++ library alone: installed, run, removed",
          flush=True)


def check_board_package(target: str, packages: Path, folder: Path, model: Path) -> None:
    """A board's package and archive: the program runs in an emulator against golden vectors."""
    machine = LIBRARY_TARGETS[target]
    emulator = BOARDS[BOARD_OF_LIBRARY[target]].emulator_of_static
    root = make_root(folder / f"root-{target}", [])
    package = packages / f"spikelet-board_{version()}_{machine.debian}.deb"
    dpkg(root, "--force-architecture", "--install", package)
    unpacked = folder / f"archive-{target}"
    unpacked.mkdir()
    name = f"spikelet-board-{version()}-linux-{target}"
    output("tar", "-C", unpacked, "-xf", packages / f"{name}.tar.xz")
    for prefix in [root / "usr", unpacked / name]:
        report = output(emulator, prefix / "bin/spikelet-board", "--verify", model,
                        find(NETWORK).golden)
        if ": PASS: " not in report:
            stop(f"{prefix}: {report}")
        library = prefix / f"lib/{machine.triple}/libspikelet.so"
        kind = output("readelf", "-h", "-A", library)
        if f"ELF{machine.bits}" not in kind or (target == "armv7hf") != ("VFP registers" in kind):
            stop(f"{library} is not for {target}:\n{kind}")
    dpkg(root, "--remove", "spikelet-board")
    if installed_files(root):
        stop(f"after removing the package: {installed_files(root)}")
    print(f"installation: spikelet-board.deb for {machine.debian}, and the archive: run, removed",
          flush=True)


def check_packages(packages: Path, folder: Path) -> None:
    """Every package in a root of its own."""
    model = folder / f"{NETWORK}.spk"
    build(find(NETWORK).folder, model)
    check_tool_package(packages, folder)
    for target in BOARD_OF_LIBRARY:
        check_board_package(target, packages, folder, model)
