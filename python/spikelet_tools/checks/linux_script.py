"""What runs as /init on a machine of `verify-linux`, and what its console says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from spikelet_tools.processes import stop

CGROUPS = "/sys/fs/cgroup"
PREAMBLE = """#!/bin/busybox sh
# Console messages would end up between the lines of programs.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t cgroup2 cgroup /sys/fs/cgroup
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
echo 3 > /proc/sys/kernel/printk
"""


@dataclass(frozen=True)
class Outcome:
    """What a command printed, on both streams, and its exit code."""

    code: int
    text: str


@dataclass
class Script:
    """Commands with names; each runs in a shell of its own."""

    commands: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, command: str) -> None:
        """Adds a command in the language of the shell."""
        if re.search(r"\s", name) or name in dict(self.commands):
            stop(f"{name}: is no name of a command, or is there twice")
        self.commands.append((name, command))

    def files(self) -> dict[str, bytes]:
        """/init and a file for each command."""
        lines = [PREAMBLE]
        result = {}
        for number, (name, command) in enumerate(self.commands):
            result[f"commands/{number}"] = (command.strip() + "\n").encode()
            lines += [f'echo "@begin {name}"', f"sh /commands/{number} 2>&1",
                      f'echo "@end {name} $?"']
        lines += ["sync", "poweroff -f", ""]
        result["init"] = "\n".join(lines).encode()
        return result

    def outcomes(self, console: str) -> dict[str, Outcome]:
        """What each command did; ends where one has not come to its end."""
        found = {}
        for name, _ in self.commands:
            match = re.search(rf"^@begin {re.escape(name)}\n(.*?)^@end {re.escape(name)} (\d+)$",
                              console, re.MULTILINE | re.DOTALL)
            if match is None:
                stop(f"{name}: did not come to its end\n{console[-4000:]}")
            found[name] = Outcome(int(match[2]), match[1])
        return found


def in_cgroup(name: str, limit: int | None, command: str) -> str:
    """A command in a memory cgroup of its own, with no more than `limit` bytes.

    Pages of files that lie in the initramfs belong to the kernel's own group and do not count; what
    the process takes beside them does, its page tables and kernel stack included.
    """
    folder = f"{CGROUPS}/{name}"
    bound = f"echo {limit} > {folder}/memory.max\n" if limit is not None else ""
    return (f"mkdir -p {folder}\n{bound}"
            f"sh -c 'echo $$ > {folder}/cgroup.procs; exec {command}'\ncode=$?\n"
            f"echo \"peak $(cat {folder}/memory.peak)\"\nexit $code")


def waiting(model: str, pictures: str, count: int) -> str:
    """Runs spikelet-board on pictures from a pipe that stays open, and looks at the process.

    After the last picture it waits for another one, so all of its memory has been used; its own
    measurements have not been taken yet. Then the pipe is closed and the classes are printed.
    """
    folder = f"{CGROUPS}/waiting-{model.replace('/', '-')}"
    return f"""
mkdir -p {folder}
rm -f /tmp/pipe && mkfifo /tmp/pipe
sh -c 'echo $$ > {folder}/cgroup.procs; exec /spikelet-board /{model} - < /tmp/pipe > /tmp/out' &
exec 3> /tmp/pipe
cat /{pictures} >&3
sleep 1
pid=$(cat {folder}/cgroup.procs)
tries=0
until grep -q pipe_read /proc/$pid/wchan; do
  tries=$((tries + 1))
  [ $tries -lt 60 ] || {{ echo "is not waiting: $(cat /proc/$pid/wchan)"; exit 9; }}
  sleep 1
done
cat /proc/$pid/smaps_rollup
grep -E '^(VmHWM|VmRSS|VmPTE)' /proc/$pid/status
echo "cgroup current $(cat {folder}/memory.current)"
exec 3>&-
wait $!
code=$?
echo "cgroup peak $(cat {folder}/memory.peak)"
echo "lines $(grep -c '^[0-9]' /tmp/out) of {count}"
grep -E '^(memory|scores)' /tmp/out
exit $code
"""


def kilobytes(text: str, name: str) -> int:
    """A figure of smaps_rollup or status, in KiB."""
    match = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    if match is None:
        stop(f"the kernel did not say {name}:\n{text}")
    return int(match[1])
