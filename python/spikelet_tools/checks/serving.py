"""Lets spikelet-board answer pictures for long, and ends it in every way that there is.

Needs .build/release/spikelet; builds the executable that serves, for this machine and for boards,
which run in qemu. Here it answers --pictures pictures, a million, and every line must be right and
no more memory resident at the last than after the first thousand. Then signals, a reader that goes
away, input that is cut, pipes that take little: nothing may be lost without a word.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from spikelet_tools.checks.board_errors import DEPLOYMENT, check_errors
from spikelet_tools.checks.serving_program import (PATIENCE, Program, Service, build_program,
                                                   native_target)
from spikelet_tools.deployments import find
from spikelet_tools.processes import build, output, stop
from spikelet_tools.targets import BOARDS

NETWORK = "lenet5-iir-mnist"
SIDE = 28
SIZE = SIDE * SIDE
SETTLED = 1000
"""Pictures after which nothing more may become resident."""


class Pictures:
    """The golden pictures, over and over, and the lines that they must give."""

    def __init__(self, program: Program, model: Path) -> None:
        idx = find(NETWORK).golden / "inputs.idx"
        self.idx = idx.read_bytes()
        self.bytes = self.idx[16:]
        self.count = len(self.bytes) // SIZE
        lines = output(*program.command, "--quiet", model, idx).splitlines()
        self.answers = [line.split(" ", 1)[1] for line in lines]

    def raw(self, first: int, count: int) -> bytes:
        """Pictures from one number on."""
        start = first % self.count
        return (self.bytes * (count // self.count + 2))[start * SIZE:(start + count) * SIZE]

    def lines(self, count: int) -> list[str]:
        """The lines of the first pictures."""
        return [f"{i} {self.answers[i % self.count]}" for i in range(count)]


def demand(what: str, given, needed) -> None:
    """Ends where two things differ."""
    if given != needed:
        stop(f"serving: {what}: needed {needed!r}, given {given!r}")


def check_long_run(program: Program, model: Path, pictures: Pictures, count: int, *options) -> None:
    """Many pictures: every line, and the memory from the first thousand to the last."""
    service = Service.start(program, *options, model)
    block = 1000
    sent = threading.Thread(target=lambda: send_blocks(service, pictures, count, block))
    begin = time.monotonic()
    sent.start()
    seen, memory = 0, []
    rest = b""
    while seen < count:
        if not service.read_some():
            stop(f"serving: ended after {seen} of {count} pictures: {service.end()[2]}")
        lines = (rest + bytes(service.received)).split(b"\n")
        service.received.clear()
        rest = lines.pop()
        for line in lines:
            index, answer = line.decode().split(" ", 1)
            if int(index) != seen or not answer.startswith(pictures.answers[seen % pictures.count]):
                stop(f"serving: line {seen} is {line.decode()!r}")
            seen += 1
            if program.is_native and seen >= SETTLED and seen % (max(count // 20, SETTLED)) == 0:
                memory.append((seen, service.resident()))
            elif program.is_native and seen == SETTLED:
                memory.append((seen, service.resident()))
    sent.join()
    service.close_input()
    code, rest_of_lines, errors = service.end()
    demand("exit code of a long run", (code, rest_of_lines), (0, []))
    seconds = time.monotonic() - begin
    if f"pictures       {count} answered, then the input ended\n" not in errors:
        stop(f"serving: {errors}")
    text = f"{program.target}: {count:,} pictures in {seconds:.0f} s"
    if memory:
        first, most = memory[0][1], max(kib for _, kib in memory)
        if most > first:
            stop(f"serving: grows from {first} KiB to {most} KiB: {memory}")
        text += f", {first} KiB resident after {memory[0][0]:,}, {memory[-1][1]} KiB at the last"
    print(f"serving: {text} {' '.join(map(str, options))}".rstrip(), flush=True)


def send_blocks(service: Service, pictures: Pictures, count: int, block: int) -> None:
    """Sends pictures until all are sent."""
    for first in range(0, count, block):
        service.send(pictures.raw(first, min(block, count - first)))


def check_answers_at_once(program: Program, model: Path, pictures: Pictures) -> None:
    """Somebody who waits for each answer before the next picture gets it, whatever the form."""
    for form in ["raw", "pgm"]:
        service = Service.start(program, "-q", model)
        for index in range(25):
            if form == "pgm":
                service.send(b"P5\n# a comment\n28 28\n255\n")
            # In pieces, as a slow sender's arrive.
            picture = pictures.raw(index, 1)
            for start in range(0, SIZE, 300):
                service.send(picture[start:start + 300])
            demand(form, service.read_lines(index + 1), pictures.lines(index + 1))
        service.close_input()
        demand(f"end of {form}", service.end(), (0, pictures.lines(25), ""))
    service = Service.start(program, "-q", model)
    service.send(pictures.idx)
    demand("an IDX file", service.end(), (0, pictures.lines(pictures.count), ""))


def check_signals(program: Program, model: Path, pictures: Pictures) -> None:
    """Each signal ends it with code 0 and whole lines: idle, in a picture, and at full speed."""
    for number in [signal.SIGTERM, signal.SIGINT]:
        for sent, cut in [(0, 0), (7, 0), (7, 300)]:
            service = Service.start(program, model)
            service.send(pictures.raw(0, sent) + pictures.raw(sent, 1)[:cut])
            service.read_lines(sent)
            # With no picture sent, it may not have come to hold signals back.
            time.sleep(0 if sent else 0.5 if program.is_native else 2)
            service.signal(number)
            code, lines, errors = service.end()
            demand(f"after {number.name}", (code, lines), (0, pictures.lines(sent)))
            if f"pictures       {sent} answered, then signal {number.value}\n" not in errors:
                stop(f"serving: {number.name}: {errors}")
        check_signal_at_work(program, model, pictures, number)


def check_signal_at_work(program: Program, model: Path, pictures: Pictures,
                         number: signal.Signals) -> None:
    """A signal while pictures come as fast as they can."""
    service = Service.start(program, "--threads", 2, model)

    def send() -> None:
        try:
            send_blocks(service, pictures, 1_000_000, 100)
        except BrokenPipeError:
            pass

    sent = threading.Thread(target=send)
    sent.start()
    service.read_lines(500)
    service.signal(number)
    code, lines, errors = service.end_after(sent)
    demand(f"{number.name} at work", (code, lines), (0, pictures.lines(len(lines))))
    if f"pictures       {len(lines)} answered, then signal {number.value}\n" not in errors:
        stop(f"serving: {number.name} at work: {errors}")


def check_second_signal(program: Program, model: Path, pictures: Pictures) -> None:
    """Where nobody takes the lines, a first signal waits for them and a second one ends it."""
    service = Service.start(program, "-q", model, pipe_bytes=4096)
    sent = threading.Thread(target=lambda: send_until_broken(service, pictures))
    sent.start()
    time.sleep(1)
    service.signal(signal.SIGTERM)
    time.sleep(0.5)
    demand("after a first signal, with a full pipe", service.process.poll(), None)
    service.signal(signal.SIGTERM)
    demand("after a second", service.process.wait(10), -signal.SIGTERM)
    sent.join()
    service.close_input()
    service.close_output()


def send_until_broken(service: Service, pictures: Pictures) -> None:
    """Sends until nobody takes any more."""
    try:
        send_blocks(service, pictures, 1_000_000, 100)
    except BrokenPipeError:
        pass


def check_lost_reader(program: Program, model: Path, pictures: Pictures) -> None:
    """A reader that goes away: code 2, and how many were answered."""
    service = Service.start(program, "-q", model)
    service.send(pictures.raw(0, 10))
    demand("before", service.read_lines(10), pictures.lines(10))
    service.close_output()
    service.send(pictures.raw(0, 1))
    code, _, errors = service.end()
    demand("a lost reader", (code, errors), (
        2, "spikelet-board: standard output: its reader has gone; 10 pictures are answered, image "
           "10 was read but not answered\n"))
    given = output("sh", "-c", '"$@" > /dev/full 2>&1 < "$0"; echo $?; "$@" 2>&1 > /dev/full < "$0"'
                   "; exit 0", find(NETWORK).golden / "inputs.idx", *program.command, "-q",
                   "--serve", model)
    demand("a full disk", given, "2\nspikelet-board: standard output: cannot be written; 0 "
           "pictures are answered, image 0 was read but not answered\n")


def check_ends_of_input(program: Program, model: Path, pictures: Pictures) -> None:
    """No picture at all, one that is cut, and no standard input."""
    cut = "spikelet-board: -: ends before it is complete: image "
    for data, count, code, text in [
            (b"", 0, 0, ""),
            (pictures.raw(0, 3) + b"x" * 100, 3, 2, f"{cut}3 has 100 of 784 bytes\n"),
            (b"x" * 10, 0, 2, f"{cut}0 has 10 of 784 bytes\n"),
            (pictures.idx[:-1], 9, 2, f"{cut}9 has 783 of 784 bytes\n"),
            (pictures.idx[:16 + 5 * SIZE], 5, 2, f"{cut}5 has 0 of 784 bytes\n"),
            (b"P5 28 28 255\n" + pictures.raw(0, 1) + b"P5 28", 1, 2,
             "spikelet-board: -: needs PGM or PPM (P5, P6) with a maximum of 255: image 1\n")]:
        service = Service.start(program, "-q", model)
        service.send(data)
        service.close_input()
        demand(f"{len(data)} bytes", service.end(), (code, pictures.lines(count), text))
    given = output("sh", "-c", '"$0" "$@" 2>&1 <&-; echo $?', *program.command, "-q", "--serve",
                   model)
    demand("no input", given,
           "spikelet-board: standard input: cannot be read after 0 pictures\n2\n")


def check_named_pipe(program: Program, model: Path, pictures: Pictures, folder: Path) -> None:
    """A named pipe that it holds open itself: writers come and go, as with examples/boards."""
    pipe, lines = folder / f"pipe-{program.target}", folder / f"lines-{program.target}"
    os.mkfifo(pipe)
    with lines.open("wb") as taken:
        process = subprocess.Popen(
            ["sh", "-c", 'pipe=$1; shift; exec "$@" 0<>"$pipe"', "sh", pipe, *program.command,
             "-q", "--serve", model], stdout=taken)
        for index in range(3):
            with pipe.open("wb") as writer:
                writer.write(b"P5 28 28 255\n" + pictures.raw(index, 1))
            needed = "".join(f"{line}\n" for line in pictures.lines(index + 1))
            end = time.monotonic() + PATIENCE
            while lines.read_text() != needed and time.monotonic() < end:
                time.sleep(0.02)
            demand("a named pipe", lines.read_text(), needed)
        process.terminate()
        demand("end of a named pipe", process.wait(PATIENCE), 0)


def check_pipes(program: Program, model: Path, pictures: Pictures) -> None:
    """Pipes that take little, and such as nothing waits at: all lines come, each whole."""
    for is_nonblocking in [False, True]:
        service = Service.start(program, "-q", model, pipe_bytes=4096,
                                is_nonblocking=is_nonblocking)
        sent = threading.Thread(target=lambda: (send_blocks(service, pictures, 3000, 7),
                                                service.close_input()))
        sent.start()
        time.sleep(1)
        code, lines, errors = service.end_after(sent)
        demand(f"small pipes, nonblocking {is_nonblocking}", (code, lines, errors),
               (0, pictures.lines(3000), ""))


def check_deadline(program: Program, model: Path, pictures: Pictures) -> None:
    """A line has its cause of end and its lateness; with two threads, too."""
    for threads in [1, 2]:
        service = Service.start(program, "--threads", threads, "--deadline", 100_000, model)
        service.send(pictures.raw(0, 20))
        service.close_input()
        code, lines, errors = service.end()
        demand("with a deadline", (code, lines),
               (0, [f"{line} last 0.0" for line in pictures.lines(20)]))
        if not re.search(r"^deadline +missed by 0 pictures, at most by 0\.0 µs; longest timestep "
                         r"[0-9.]+ µs\nended by +exit 0, last timestep 20, deadline 0$", errors,
                         re.MULTILINE):
            stop(f"serving: {errors}")


def check_target(program: Program, model: Path, count: int, long_runs: list[tuple]) -> None:
    """Everything about one executable."""
    pictures = Pictures(program, model)
    check_answers_at_once(program, model, pictures)
    check_signals(program, model, pictures)
    check_second_signal(program, model, pictures)
    check_lost_reader(program, model, pictures)
    check_ends_of_input(program, model, pictures)
    check_named_pipe(program, model, pictures, model.parent)
    check_pipes(program, model, pictures)
    check_deadline(program, model, pictures)
    # What is wrong is told of the network that the errors are written for.
    whole = model.parent / "whole.spk"
    build(find(DEPLOYMENT).folder, whole)
    check_errors(whole, Path(program.command[-1]), program.command[:-1])
    print(f"serving: {program.target}: answers at once, signals, lost readers, cut input",
          flush=True)
    for options in long_runs:
        check_long_run(program, model, pictures, count, *options)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--pictures and targets."""
    parser.add_argument("--pictures", type=int, default=1_000_000, metavar="N",
                        help="pictures of the long runs here, at least 2,000 (default 1,000,000)")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses runs that say nothing about growth."""
    if options.pictures < 2 * SETTLED:
        parser.error(f"--pictures: needed {2 * SETTLED} or more, given {options.pictures}")


def run(options: argparse.Namespace) -> None:
    """Checks this machine's executable and those of boards."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.spk"
        build(find(NETWORK).folder, model)
        native = build_program(native_target())
        check_target(native, model, options.pictures,
                     [(), ("--deadline", 1_000_000), ("--threads", 2)])
        for target in BOARDS:
            if target != native.target:
                check_target(build_program(target), model, 2 * SETTLED, [()])
