"""A small machine with one of Debian's kernels and no disk, in qemu's system mode."""

from __future__ import annotations

import gzip
import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.processes import stop

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "spikelet" / "linux"
BOOT_SECONDS = 300


@dataclass(frozen=True)
class Machine:
    """What qemu is told, and the target whose programs run there."""

    name: str
    emulator: str
    processor: str
    megabytes: int
    target: str

    @property
    def folder(self) -> Path:
        """Where scripts/fetch-kernels puts its kernel and busybox."""
        return CACHE / self.name

    def need_files(self) -> None:
        """Ends with what fetches them where they are missing."""
        for name in ["vmlinuz", "busybox", "version"]:
            if not (self.folder / name).is_file():
                stop(f"{self.folder / name} is missing; fetch it with scripts/fetch-kernels", 2)


MACHINES = {
    machine.name: machine
    for machine in [
        Machine("arm64", "qemu-system-aarch64", "cortex-a53", 64, "aarch64"),
        Machine("armhf", "qemu-system-arm", "cortex-a7", 128, "armv7"),
    ]
}
"""The machines by Debian's name of their architecture."""


def member(name: str, mode: int, content: bytes, number: int) -> bytes:
    """A file of an initramfs in the format that the kernel unpacks (cpio, newc)."""
    path = name.encode() + b"\0"
    fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def initramfs(files: dict[str, bytes], programs: set[str]) -> bytes:
    """Files, by their path without the first slash, as the kernel unpacks them into memory."""
    folders = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    folders |= {"proc", "sys", "dev", "tmp"}
    parts = []
    for number, name in enumerate(sorted(folders | set(files)), 1):
        if name in folders:
            parts.append(member(name, stat.S_IFDIR | 0o755, b"", number))
        else:
            mode = stat.S_IFREG | (0o755 if name in programs else 0o644)
            parts.append(member(name, mode, files[name], number))
    return gzip.compress(b"".join(parts) + member("TRAILER!!!", 0, b"", 0), 1, mtime=0)


def boot(machine: Machine, files: dict[str, bytes], programs: set[str], folder: Path) -> str:
    """Boots, runs /init until it switches the machine off, and returns what the console said."""
    place = folder / f"{machine.name}.cpio.gz"
    place.write_bytes(initramfs(files, programs))
    command = [machine.emulator, "-M", "virt", "-cpu", machine.processor,
               "-m", str(machine.megabytes), "-nic", "none", "-nographic", "-no-reboot",
               "-kernel", machine.folder / "vmlinuz", "-initrd", place,
               "-append", "console=ttyAMA0 quiet panic=-1 loglevel=3"]
    try:
        run = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=BOOT_SECONDS, check=False)
    except subprocess.TimeoutExpired as late:
        console = (late.stdout or b"").decode(errors="replace")
        stop(f"{machine.name}: still running after {BOOT_SECONDS} seconds\n{console[-4000:]}")
    console = run.stdout.decode(errors="replace").replace("\r", "")
    if run.returncode != 0:
        stop(f"{machine.emulator}: {run.stderr.decode(errors='replace')}\n{console[-4000:]}")
    return console
