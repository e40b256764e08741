"""Gives spikelet-board everything that is wrong and demands one clear line and exit code 2.

What is wrong with a model must be said in the words of the host's tool, .build/release/spikelet.
"""

from __future__ import annotations

import argparse
import os
import socket
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

from spikelet_tools.checks.board_forms import INTENDED, check_forms, idx
from spikelet_tools.deployments import find
from spikelet_tools.paths import TOOL
from spikelet_tools.processes import build, stop

DEPLOYMENT = "lenet5-avg"
HELP = "; see spikelet-board --help"
UNREADABLE = "does not exist, is not a plain file, or is not readable"
MATCH = "; use the images and labels of one data set and split"


class Checker:
    """Runs the executable and counts what it refuses as it should."""

    def __init__(self, model: Path, command: list[str], folder: Path) -> None:
        self.model, self.command, self.folder = model, command, folder
        self.failures: list[str] = []
        self.count = 0

    def write(self, name: str, content: bytes) -> Path:
        """Writes a file for the executable to read."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    def run(self, arguments: list, **options) -> subprocess.CompletedProcess:
        """Runs the executable."""
        options = {"stdout": subprocess.PIPE} | options
        return subprocess.run(
            self.command + [str(a) for a in arguments], stderr=subprocess.PIPE, **options)

    def expect(self, text: str, *arguments, **options) -> None:
        """Demands exit code 2 and the one line `text`."""
        result = self.run(list(arguments), **options)
        given = (result.returncode, result.stdout or b"", result.stderr.decode())
        if given != (2, b"", f"spikelet-board: {text}\n"):
            self.failures.append(f"{arguments}\n  needed {text!r}\n  given  {given}")
        self.count += 1

    def host(self, *arguments) -> str:
        """What the host's tool says, without its name."""
        result = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True)
        assert result.returncode == 2 and result.stderr.startswith("spikelet: "), result
        return result.stderr.removeprefix("spikelet: ").removesuffix("\n")


def check_arguments_of_board(check: Checker, pictures: Path) -> None:
    """Missing, unknown and wrong arguments."""
    model = check.model
    check.expect(f"no model file is given{HELP}")
    check.expect(f"no file of pictures is given{HELP}", model)
    check.expect(f"no golden vectors are given{HELP}", "--verify", model)
    check.expect(f"--nope: unknown option{HELP}", "--nope", model, pictures)
    check.expect(f"-v: unknown option{HELP}", model, pictures, "-v")
    check.expect(f"extra: one argument too many{HELP}", model, pictures, "labels", "extra")
    check.expect(f"extra: one argument too many{HELP}", "--verify", model, pictures, "extra")
    for option in ["--timesteps", "--repeat", "--limit"]:
        for value in [[], ["0"], ["65536"], ["99999999999"], ["-1"], ["1x"], [""]]:
            check.expect(
                f"{option}: needs a number from 1 to 65535{HELP}", model, pictures, option, *value)
    for value in [[], ["margin"], ["margin:0"], ["margin:x"], ["count:4294967295"], ["calibrated"],
                  [""], ["stable:"], ["none:1"]]:
        check.expect(
            f"--exit: needs none, count:N, margin:N or stable:N{HELP}", model, pictures, "--exit",
            *value)
    check.expect(f"{model}: exit policy is out of range: needed 255, given 256", model, pictures,
                 "--exit", "stable:256")
    check_options_of_builds(check, pictures)
    check.expect("standard output: cannot be written", model, pictures,
                 stdout=open("/dev/full", "wb"))
    for option in ["--help", "-h", "--version"]:
        result = check.run([option])
        if result.returncode != 0 or not result.stdout or result.stderr:
            check.failures.append(f"{option}: {result}")


def check_options_of_builds(check: Checker, pictures: Path) -> None:
    """Threads, profiles, deadlines and serving, which an executable can be without."""
    model = check.model
    missing = check.run([model, pictures, "--threads", "2"])
    text = f"not in this executable: build it with that option{HELP}"
    if missing.returncode != 0:
        check.expect(f"--threads: {text}", model, pictures, "--threads", "2")
    else:
        for value in [[], ["0"], ["17"], ["99999999999"], ["-1"], ["2x"], [""]]:
            check.expect(f"--threads: needs a number from 1 to 16{HELP}", model, pictures,
                         "--threads", *value)
    missing = check.run([model, pictures, "--profile"])
    if missing.returncode != 0:
        check.expect(f"--profile: {text}", model, pictures, "--profile")
    check_service(check, pictures)


def check_service(check: Checker, pictures: Path) -> None:
    """Deadlines and serving: not there, or given what does not go with them."""
    if check.run([check.model, pictures, "--deadline", "1000000"]).returncode != 0:
        text = f"not in this executable: build it with --serve{HELP}"
        check.expect(f"--deadline: {text}", check.model, pictures, "--deadline", "5")
        check.expect(f"--serve: {text}", "--serve", check.model)
        return
    for value in [[], ["0"], ["100000001"], ["99999999999"], ["-1"], ["2x"], [""]]:
        check.expect(f"--deadline: needs microseconds from 1 to 100000000{HELP}", check.model,
                     pictures, "--deadline", *value)
    check.expect(f"--deadline: does not go with --verify{HELP}", "--verify", check.model, pictures,
                 "--deadline", "5")
    check.expect(f"--serve: reads pictures: no --verify and no --events{HELP}", "--serve",
                 "--verify", check.model)
    check.expect(f"--serve: reads standard input: no PICTURES and no LABELS{HELP}", "--serve",
                 check.model, pictures)


def check_models(check: Checker, pictures: Path) -> None:
    """Model files that are missing, damaged or of another format."""
    content = check.model.read_bytes()
    check.expect(f"nowhere.spk: {UNREADABLE}", "nowhere.spk", pictures)
    check.expect(f"{check.folder}: {UNREADABLE}", check.folder, pictures)
    damaged = {
        "empty.spk": b"",
        "short.spk": content[:40],
        "truncated.spk": content[:-1],
        "long.spk": content + b"\0",
        "other.spk": b"\x7fELF" + content[4:],
        "newer.spk": content[:4] + struct.pack("<I", struct.unpack_from("<I", content, 4)[0] + 1)
        + content[8:],
        "checksum.spk": content[:12] + bytes([content[12] ^ 1]) + content[13:],
        "layers.spk": content[:300] + bytes([content[300] ^ 1]) + content[301:],
        "weights.spk": content[:-20000] + bytes([content[-20000] ^ 128]) + content[-19999:],
    }
    for name, bytes_ in damaged.items():
        path = check.write(name, bytes_)
        check.expect(check.host("inspect", path), path, pictures)
    text = check.host("run", check.model, "--timesteps", 65535)
    check.expect(text, check.model, pictures, "--timesteps", 65535)


def check_kinds(check: Checker, pictures: Path) -> None:
    """Named pipes that nobody writes to, devices, sockets and folders in place of files."""
    model = check.model
    pipe, socket_ = check.folder / "pipe", check.folder / "socket"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_))
        for other in [pipe, socket_, Path("/dev/zero"), Path("/dev/null"), check.folder]:
            text = f"{other}: {UNREADABLE}"
            check.expect(text, other, pictures, timeout=60)
            check.expect(text, model, other, timeout=60)
            check.expect(text, model, pictures, other, timeout=60)
            vectors = check.folder / f"{other.name}-vectors"
            vectors.mkdir()
            (vectors / "integer.txt").symlink_to(other)
            check.expect(f"{vectors}/integer.txt: {UNREADABLE}", "--verify", model, vectors,
                         timeout=60)


def check_pictures(check: Checker) -> None:
    """Files of pictures that are missing, damaged or of another shape."""
    model = check.model

    def refused(text: str, name: str, content: bytes, *more) -> None:
        path = check.write(name, content)
        check.expect(f"{path}: {text}", model, path, *more)

    check.expect(f"nowhere: {UNREADABLE}", model, "nowhere")
    for height, width in [(27, 28), (28, 1), (56, 14)]:
        path = check.write("shape", idx(0x803, 1, height, width, payload=bytes(height * width)))
        text = check.host("run", model, "--input", path).split(" (channels")[0]
        check.expect(text, model, path)
    refused("too short for its header: 12 bytes, needed at least 16", "header",
            idx(0x803, 1, 28, payload=b""))
    refused(f"header gives 0 as number of images, needed 1 to 10000000{INTENDED}", "none",
            idx(0x803, 0, 28, 28, payload=b""))
    refused(f"header gives 4097 as height, needed 1 to 4096{INTENDED}", "tall",
            idx(0x803, 1, 4097, 28, payload=b""))
    refused(f"header gives 0 as width, needed 1 to 4096{INTENDED}", "thin",
            idx(0x803, 1, 28, 0, payload=b""))
    refused("truncated: 799 bytes, its header needs exactly 800; copy the file again", "cut",
            idx(0x803, 1, 28, 28, payload=bytes(783)))
    refused("has trailing bytes: 801 bytes, its header needs exactly 800; copy the file again",
            "trailing", idx(0x803, 1, 28, 28, payload=bytes(785)))
    refused(f"its header needs more than 2 GB{INTENDED}", "huge",
            idx(0x803, 10_000_000, 28, 28, payload=b""))
    for size in [0, 3, 700, 785]:
        refused(f"{size} bytes are not one or more whole records of 784 bytes{INTENDED}",
                f"raw{size}", bytes(size))


def check_label_files(check: Checker) -> None:
    """Files of labels that are damaged or belong to other pictures."""
    model = check.model
    two = check.write("two", idx(0x803, 2, 28, 28, payload=bytes(1568)))

    def wrong(text: str, name: str, content: bytes, subject: Path | None = None) -> None:
        path = check.write(name, content)
        check.expect(f"{subject or path}: {text.format(path=path)}", model, two, path)

    check.expect(f"nowhere: {UNREADABLE}", model, two, "nowhere")
    wrong("not a file of IDX labels: magic number 0x00000803, needed 0x00000801" + INTENDED,
          "images", two.read_bytes())
    wrong("too short for its header: 4 bytes, needed at least 8", "l4", idx(0x801, payload=b""))
    wrong("truncated: 9 bytes, its header needs exactly 10; copy the file again", "l9",
          idx(0x801, 2, payload=b"\1"))
    wrong("2 images, but 1 labels in {path}" + MATCH, "l1", idx(0x801, 1, payload=b"\1"), two)
    wrong(f"label 10 of image 1 is out of range, needed 0 to 9{MATCH}", "l10",
          idx(0x801, 2, payload=b"\1\x0a"))


def check_vectors(check: Checker, vectors: Path) -> None:
    """Golden vectors that are missing, damaged or of another model, and one that differs."""
    text = (vectors / "integer.txt").read_text()
    inputs = (vectors / "inputs.idx").read_bytes()
    lines = text.splitlines(keepends=True)

    def refused(reason: str, changed: str, where: str = "integer.txt, line ") -> None:
        folder = check.write("vectors/integer.txt", changed.encode()).parent
        check.write("vectors/inputs.idx", inputs)
        check.expect(f"{folder}/{where}{reason}", "--verify", check.model, folder)

    check.expect(f"nowhere/integer.txt: {UNREADABLE}", "--verify", check.model, "nowhere")
    refused("1: is not a file of golden vectors", "")
    refused("1: is not of format 1", text.replace("vectors 1", "vectors 2"))
    refused('2: needed "model" and 1 values', lines[0] + "\n")
    refused('4: needed "layers" and a number', text.replace(" layers 5", " layers 0"))
    refused("has 6 layers, needed 5", text.replace(" layers 5", " layers 6"), "integer.txt: ")
    refused("has 9 classes, needed 10", text.replace(" classes 10", " classes 9"), "integer.txt: ")
    refused("has 10 pictures, needed 11", text.replace(" images 10", " images 11"),
            "inputs.idx: ")
    refused('9: needed "layer" and 4 values', "".join(lines[:8]) + "layer 4\n")
    refused("10: needed the next image", text.replace("image 0 ", "image 1 ", 1))
    refused("11: needed the next timestep", text.replace("step 1 ", "step 2 ", 1))
    refused("11: needed a digest of 16 hexadecimal digits for each layer",
            "".join(lines[:10]) + lines[10][:-2] + "\n")
    refused("11: needed the end of the line", "".join(lines[:10]) + lines[10][:-1] + " 0\n")
    refused(f"{len(lines) + 1}: goes on after the last image", text + "\n")

    # A difference is no error but a failed check: exit code 1, on standard output.
    digest = lines[12].split()[3]
    changed = text.replace(digest, digest[:-1] + ("0" if digest[-1] != "0" else "1"), 1)
    folder = check.write("vectors/integer.txt", changed.encode()).parent
    result = check.run(["--verify", check.model, folder])
    place = b"first divergence: image 0, timestep 3, layer 1 ("
    if result.returncode != 1 or place not in result.stdout or result.stderr:
        check.failures.append(f"a changed digest: {result}")
    scores = next(line for line in lines if line.startswith("scores"))
    value = scores.split()[1]
    changed = text.replace(scores, scores.replace(value, str(int(value) + 1), 1), 1)
    check.write("vectors/integer.txt", changed.encode())
    result = check.run(["--verify", check.model, folder])
    place = f"of class 0, expected {int(value) + 1}\n".encode()
    if result.returncode != 1 or place not in result.stdout:
        check.failures.append(f"a changed score: {result}")
    check.count += 2


def check_names(check: Checker, vectors: Path) -> None:
    """A layer's name that would steer a terminal, in the one message that shows names."""
    content = check.model.read_bytes()
    name = b"features.3"
    forged = content.replace(name, b"\x1b[2J\nall!\x7f", 1)
    forged = forged[:12] + struct.pack("<I", zlib.crc32(forged[16:])) + forged[16:]
    model = check.write("names.spk", forged)
    text = (vectors / "integer.txt").read_text()
    digest = text.splitlines()[12].split()[3]
    folder = check.write("vectors/integer.txt", text.replace(digest, "0" * 16).encode()).parent
    check.write("vectors/inputs.idx", (vectors / "inputs.idx").read_bytes())
    result = check.run(["--verify", model, folder])
    shown = b"layer 1 (?[2J?all!?): digest"
    if name not in content or result.returncode != 1 or shown not in result.stdout:
        check.failures.append(f"a name that steers a terminal: {result}")
    check.count += 1


def check_errors(model: Path, executable: Path, runner: list[str]) -> None:
    """Every error of one executable, which an emulator may run."""
    golden = find(DEPLOYMENT).golden
    with tempfile.TemporaryDirectory() as folder:
        check = Checker(model.resolve(), [*runner, str(executable.resolve())], Path(folder))
        check_arguments_of_board(check, golden / "inputs.idx")
        check_models(check, golden / "inputs.idx")
        check_kinds(check, golden / "inputs.idx")
        check_pictures(check)
        check_forms(check)
        check_label_files(check)
        check_vectors(check, golden)
        check_names(check, golden)
    if check.failures:
        stop("\n".join(check.failures))
    print(f"{executable.name}: {check.count} errors, each one line and exit code 2", flush=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The executable and its emulator."""
    parser.add_argument("executable", type=Path)
    parser.add_argument("runner", nargs="*",
                        help="the emulator for another machine's, such as qemu-aarch64-static")


def run(options: argparse.Namespace) -> None:
    """Checks one executable with a model built for it."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.spk"
        build(find(DEPLOYMENT).folder, model)
        check_errors(model, options.executable, options.runner)
