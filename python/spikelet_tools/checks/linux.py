"""Runs spikelet-board on Debian's kernels for arm64 and armhf, in small machines without a disk.

Golden vectors of every small model, accuracy against the host's, everything that can go wrong, a
memory cgroup of 1 MiB, address spaces of every size from too small to large enough; and the memory
of a process as the kernel accounts for it, which says what a board really needs. The machines are
qemu's, so times there mean nothing. Needs scripts/install-cross-tools and scripts/fetch-kernels.
"""

from __future__ import annotations

import argparse
import gzip
import re
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools import datasets
from spikelet_tools.checks.c_library import build_programs
from spikelet_tools.checks.linux_machine import MACHINES, Machine, boot
from spikelet_tools.checks.linux_script import Outcome, Script, in_cgroup, kilobytes, waiting
from spikelet_tools.deployments import all_deployments, find
from spikelet_tools.paths import BOARD_PROGRAMS
from spikelet_tools.processes import build, evaluate, need, output, stop

# A network of one timestep, whose memory is measured, and one of eight.
SINGLE, MANY = "lenet5-iir-mnist", "lenet5-avg"
JUDGED = [MANY, "lenet5-avg-exit", "lenet5-max", SINGLE, "lenet5-iir-mnist-int4"]
NETWORK_LIMIT = 1024 * 1024
CGROUP_BYTES = 1024 * 1024
# Of a run of SINGLE, beside pages that are those of files.
OWN_KILOBYTES = 300
SIDE, PICTURES, STREAMED = 28, 300, 60
SHIFTS = [(row, column) for row in range(-2, 3) for column in range(-2, 3)]


@dataclass
class Data:
    """Pictures with labels, and what the host says of them."""

    title: str
    pictures: bytes
    labels: bytes
    host: dict[str, dict]

    @property
    def count(self) -> int:
        """The number of pictures."""
        return struct.unpack_from(">I", self.pictures, 4)[0]


def shifted(picture: bytes, rows: int, columns: int) -> bytes:
    """A picture moved by some pixels, black coming in."""
    return bytes(
        picture[(row - rows) * SIDE + column - columns]
        if 0 <= row - rows < SIDE and 0 <= column - columns < SIDE else 0
        for row in range(SIDE) for column in range(SIDE))


def pictures_and_labels(data: Path) -> tuple[str, bytes, bytes]:
    """The first test pictures of MNIST, or else the golden digits, moved about."""
    if (data / "mnist" / "t10k-images-idx3-ubyte.gz").exists():
        def read(kind: str) -> bytes:
            return gzip.decompress((data / "mnist" / f"t10k-{kind}-ubyte.gz").read_bytes())
        pixels = read("images-idx3")[16:][:PICTURES * SIDE * SIDE]
        return f"{PICTURES} pictures of MNIST", pixels, read("labels-idx1")[8:][:PICTURES]
    golden = (find(SINGLE).golden / "inputs.idx").read_bytes()[16:]
    digits = [golden[at:at + SIDE * SIDE] for at in range(0, len(golden), SIDE * SIDE)]
    pixels = b"".join(shifted(digit, *shift) for shift in SHIFTS for digit in digits)
    labels = bytes(range(len(digits))) * len(SHIFTS)
    return f"ten digits at {len(SHIFTS)} places", pixels, labels


def prepare_data(data: Path, models: dict[str, Path], folder: Path) -> Data:
    """The pictures as IDX files, and the host's figures."""
    title, pixels, labels = pictures_and_labels(data)
    pictures = struct.pack(">4I", 0x803, len(labels), SIDE, SIDE) + pixels
    names = struct.pack(">2I", 0x801, len(labels)) + labels
    (folder / "pictures.idx").write_bytes(pictures)
    (folder / "labels.idx").write_bytes(names)
    host = {name: evaluate(models[name], "--data", folder / "pictures.idx", "--labels",
                           folder / "labels.idx", "--split", "all") for name in JUDGED}
    return Data(title, pictures, names, host)


def build_models(folder: Path) -> dict[str, Path]:
    """Every deployment with golden vectors whose network is small."""
    models = {}
    for one in all_deployments():
        if one.golden.is_dir() and one.network.stat().st_size <= NETWORK_LIMIT:
            models[one.name] = folder / f"{one.name}.spk"
            build(one.folder, models[one.name])
    return models


def damaged(model: bytes, vectors: str) -> dict[str, bytes]:
    """Models and golden vectors that are refused."""
    digest = re.search(r"^step 2 (\w+)", vectors, re.MULTILINE)[1]
    return {
        "bad/flipped.spk": model[:-1000] + bytes([model[-1000] ^ 1]) + model[-999:],
        "bad/short.spk": model[:-1], "bad/other.spk": b"\x7fELF" + model[4:], "bad/empty.spk": b"",
        "bad/vectors/integer.txt": vectors.replace(digest, "0" * 16, 1).encode(),
        "bad/raw": bytes(SIDE * SIDE + 1),
    }


REFUSALS = {
    # Name: arguments, exit code, what is said.
    "no-arguments": ("", 2, "no model file is given"),
    "no-model": ("/nowhere.spk /pictures.idx", 2, "/nowhere.spk: does not exist"),
    "no-pictures": (f"/models/{MANY}.spk /nowhere.idx", 2, "/nowhere.idx: does not exist"),
    "flipped": ("/bad/flipped.spk /pictures.idx", 2, "checksum"),
    "short": ("/bad/short.spk /pictures.idx", 2, "another size"),
    "other": ("/bad/other.spk /pictures.idx", 2, "does not begin with SPKL"),
    "empty": ("/bad/empty.spk /pictures.idx", 2, "/bad/empty.spk: "),
    "device": (f"/models/{MANY}.spk /dev/zero", 2, "not a plain file"),
    "record": (f"/models/{MANY}.spk /bad/raw", 2, "records of 784 bytes"),
    "full": (f"/models/{MANY}.spk /pictures.idx > /dev/full", 2, "standard output"),
    "divergence": (f"--verify /models/{MANY}.spk /bad/vectors", 1, "first divergence"),
    "timesteps": (f"--timesteps 0 /models/{MANY}.spk /pictures.idx", 2, "1 to 65535"),
}
LIMITS = range(224, 640, 12)


def write_script(models: dict[str, Path], data: Data) -> Script:
    """Everything that is tried, in order."""
    script = Script()
    script.add("kernel", "uname -srm; grep MemTotal /proc/meminfo")
    for name in models:
        script.add(f"vectors-{name}", f"/spikelet-board --verify /models/{name}.spk /golden/{name}")
    for name in JUDGED:
        script.add(f"accuracy-{name}",
                   f"/spikelet-board /models/{name}.spk /pictures.idx /labels.idx")
    for name, (arguments, _, _) in REFUSALS.items():
        script.add(f"refused-{name}", f"/spikelet-board {arguments}")
    script.add("library", f"/test-library /models/{MANY}.spk /golden/{MANY}/inputs.idx "
               f"/golden/{MANY}/integer.txt")
    for name in [SINGLE, MANY]:
        script.add(f"cgroup-{name}", in_cgroup(
            f"tight-{name}", CGROUP_BYTES,
            f"/spikelet-board /models/{name}.spk /pictures.idx /labels.idx"))
    script.add("cgroup-holds", in_cgroup(
        "control", CGROUP_BYTES, "dd if=/dev/zero of=/dev/null bs=4M count=1"))
    for name in [SINGLE, MANY]:
        script.add(f"memory-{name}", waiting(f"models/{name}.spk", "stream.raw", STREAMED))
    limits = " ".join(map(str, LIMITS))
    script.add("address-space", f"""
for limit in {limits}; do
  text=$( (ulimit -v $limit; exec /spikelet-board --quiet /models/{MANY}.spk \\
    /golden/{MANY}/inputs.idx) 2>&1 | tail -n 1)
  echo "$limit: $text"
done""")
    return script


def initial_files(machine: Machine, script: Script, models: dict[str, Path],
                  data: Data) -> tuple[dict[str, bytes], set[str]]:
    """What lies in the machine's memory when it starts, and which of it are programs."""
    files = script.files()
    programs = {"init", "bin/busybox", "spikelet-board", "test-library"}
    files["bin/busybox"] = (machine.folder / "busybox").read_bytes()
    board = BOARD_PROGRAMS / f"spikelet-board-{machine.target}"
    files["spikelet-board"] = board.read_bytes()
    files["test-library"] = (build_programs(machine.target) / "test-library").read_bytes()
    for name, path in models.items():
        files[f"models/{name}.spk"] = path.read_bytes()
        for part in ["inputs.idx", "integer.txt"]:
            files[f"golden/{name}/{part}"] = (find(name).golden / part).read_bytes()
    files["pictures.idx"], files["labels.idx"] = data.pictures, data.labels
    files["stream.raw"] = data.pictures[16:][:STREAMED * SIDE * SIDE]
    vectors = files[f"golden/{MANY}/integer.txt"].decode()
    files |= damaged(files[f"models/{MANY}.spk"], vectors)
    files["bad/vectors/inputs.idx"] = files[f"golden/{MANY}/inputs.idx"]
    return files, programs


def check_accuracy(name: str, outcome: Outcome, host: dict) -> None:
    """The host's right answers, scores and timesteps."""
    correct = re.search(r"\((\d+) of (\d+)\)", outcome.text)
    digest = re.search(r"scores digest +([0-9a-f]{16})", outcome.text)
    mean = re.search(r"timesteps +mean ([0-9.]+)", outcome.text)
    given = outcome.code == 0 and correct and digest and mean and (
        int(correct[1]), int(correct[2]), digest[1], mean[1])
    needed = (host["correct"], host["images"], host["scoresDigest"], f"{host['meanTimesteps']:.2f}")
    if given != needed:
        stop(f"{name}: {given}, the host has {needed}\n{outcome.text}")


def check_refusals(outcomes: dict[str, Outcome]) -> None:
    """Exit codes and words of everything that is wrong."""
    for name, (arguments, code, text) in REFUSALS.items():
        outcome = outcomes[f"refused-{name}"]
        if outcome.code != code or text not in outcome.text:
            stop(f"spikelet-board {arguments}: code {outcome.code}, needed {code} and "
                 f"\"{text}\":\n{outcome.text}")


def check_cgroups(outcomes: dict[str, Outcome], data: Data) -> list[str]:
    """The runs in 1 MiB are whole, and the limit is one."""
    lines = []
    for name in [SINGLE, MANY]:
        outcome = outcomes[f"cgroup-{name}"]
        check_accuracy(f"{name} in a cgroup", outcome, data.host[name])
        peak = int(re.search(r"^peak (\d+)$", outcome.text, re.MULTILINE)[1])
        lines.append(f"{name}: at most {peak // 1024} KiB charged, of {CGROUP_BYTES // 1024}")
    if outcomes["cgroup-holds"].code != 137:
        stop(f"a process that takes 4 MiB was not killed: {outcomes['cgroup-holds']}")
    return lines


def check_memory(name: str, outcome: Outcome) -> str:
    """What a waiting process has of its own, by the kernel's walk over its pages."""
    if outcome.code != 0 or f"lines {STREAMED} of {STREAMED}" not in outcome.text:
        stop(f"{name}: the waiting process: {outcome}")
    resident = kilobytes(outcome.text, "Rss")
    own = kilobytes(outcome.text, "Anonymous")
    if not 0 < own < resident:
        stop(f"{name}: the kernel's figures make no sense:\n{outcome.text}")
    if name == SINGLE and own >= OWN_KILOBYTES:
        stop(f"{name}: {own} KiB of its own, allowed less than {OWN_KILOBYTES}")
    tables = kilobytes(outcome.text, "VmPTE")
    peak = int(re.search(r"^cgroup peak (\d+)$", outcome.text, re.MULTILINE)[1]) // 1024
    said = re.search(r"peak resident (\d+) KiB", outcome.text)
    return (f"{name}: resident {resident} KiB: {own} its own, {resident - own} pages of files; "
            f"page tables {tables}, charged at most {peak}; the program says "
            f"{said[1] if said else 'nothing'}")


def check_address_space(outcome: Outcome) -> str:
    """With too little memory: one line that says so; with enough: the results. Nothing else."""
    last = "9 9 "
    refused = results = 0
    for line in outcome.text.splitlines():
        limit, _, text = line.partition(": ")
        if text.startswith(last):
            results += 1
        elif results:
            stop(f"the run with {limit} KiB fails, one with less did not: {text}")
        elif re.fullmatch(r"spikelet-board: the system has no \d+ bytes of memory", text):
            refused += 1
        elif text.startswith("spikelet-board: ") and "is not readable" not in text:
            stop(f"with {limit} KiB: {text}")
    if not results or not refused:
        stop(f"no address space was too small for the arena, or none was large enough:\n"
             f"{outcome.text}")
    return f"address spaces: {refused} of {len(LIMITS)} too small for the arena, {results} enough"


def verify(machine: Machine, models: dict[str, Path], data: Data, folder: Path) -> None:
    """One machine, from its start to its power-off."""
    script = write_script(models, data)
    files, programs = initial_files(machine, script, models, data)
    outcomes = script.outcomes(boot(machine, files, programs, folder))

    def say(text: str) -> None:
        print(f"{machine.name}: {text}", flush=True)

    kernel, _, memory = outcomes["kernel"].text.partition("\n")
    say(f"{kernel}, {machine.processor}, {machine.megabytes} MB, {memory.split()[1]} KiB of them "
        "to use")
    for name in models:
        outcome = outcomes[f"vectors-{name}"]
        if outcome.code != 0 or ": PASS: " not in outcome.text:
            stop(f"golden vectors of {name}: {outcome}")
    say(f"golden vectors of {len(models)} models")
    for name in JUDGED:
        check_accuracy(name, outcomes[f"accuracy-{name}"], data.host[name])
        say(f"{name}: {data.host[name]['correct']} of {data.title}, scores as the host's")
    check_refusals(outcomes)
    say(f"{len(REFUSALS)} errors, each with its exit code and words")
    if outcomes["library"].code != 0:
        stop(f"the C library's test: {outcomes['library']}")
    say(f"C library: {outcomes['library'].text.strip()}")
    for line in check_cgroups(outcomes, data):
        say(line)
    say(check_address_space(outcomes["address-space"]))
    for name in [SINGLE, MANY]:
        say(check_memory(name, outcomes[f"memory-{name}"]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Machines and --data."""
    parser.add_argument("machines", nargs="*", metavar="MACHINE",
                        help=f"{', '.join(MACHINES)}; all where none is given")
    datasets.add_argument(parser)


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses unknown machines."""
    unknown = set(options.machines) - set(MACHINES)
    if unknown:
        parser.error(f"there is no machine {', '.join(sorted(unknown))}")


def run(options: argparse.Namespace) -> None:
    """Verifies on every machine."""
    machines = [MACHINES[name] for name in options.machines or MACHINES]
    need(*(machine.emulator for machine in machines))
    for machine in machines:
        machine.need_files()
    output("scripts/build-boards", *(machine.target for machine in machines))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = build_models(folder)
        data = prepare_data(options.data, models, folder)
        for machine in machines:
            verify(machine, models, data, folder)
    print("spikelet-board agrees with the host on a Linux kernel")
