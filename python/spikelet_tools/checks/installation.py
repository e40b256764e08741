"""Installs the tool and the packages into clean places, runs what is there, and removes it again.

`make install` goes into a prefix with a space in its name, with a strict umask; Debian packages
into roots that hold the C and C++ libraries and nothing else, entered with chroot. The tool must
find its networks from anywhere, need no Swift, and leave nothing behind. Packages and archives are
written twice and must have equal bytes; with --rebuild the board program and the C library are
compiled twice, too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from spikelet_tools.checks.package_roots import check_packages
from spikelet_tools.packaging.command import (BOARD_OF_LIBRARY, BOARD_OPTIONS, board_program,
                                              describe_all, need_tools, write_all)
from spikelet_tools.packaging.contents import COMPLETIONS, MANUAL, Program
from spikelet_tools.packaging.install import LISTS
from spikelet_tools.paths import BOARD_PROGRAMS, ROOT
from spikelet_tools.processes import need, output, stop
from spikelet_tools.targets import LIBRARY_TARGETS
from spikelet_tools.version import version

NETWORK = "lenet5-iir-mnist"


def tool_command(*arguments, code: int = 0) -> str:
    """What a command of scripts/tool prints; it must end with this code."""
    words = ["scripts/tool", *map(str, arguments)]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, umask=0o077)
    if run.returncode != code:
        stop(f"{' '.join(words)}: code {run.returncode}, needed {code}\n{run.stdout}{run.stderr}")
    return run.stdout + run.stderr


def check_program(prefix: Path, folder: Path) -> None:
    """The tool runs from another folder, with nothing in its environment."""
    program = prefix / "bin" / "spikelet"
    libraries = output("ldd", program)
    for word in ["swift", "Foundation", "dispatch", "not found"]:
        if word in libraries:
            stop(f"{program} needs more than the C and C++ libraries:\n{libraries}")

    def run(*arguments: str) -> str:
        return output(program, *arguments, cwd=folder, env={"HOME": str(folder)})

    if run("--version").strip() != version():
        stop(f"{program} is of another version")
    if "of the 100 digits right" not in run("run", "--count", "1"):
        stop("the installed tool does not classify the bundled digits")
    if "exact: " not in run("verify", f"golden-vectors/{NETWORK}"):
        stop("the installed tool does not verify its golden vectors")
    run("build", f"firmware-configs/{NETWORK}", "-o", str(folder / "made.spk"))
    sums = (ROOT / "firmware-configs" / "models.sha256").read_text(encoding="utf-8")
    made = output("sha256sum", folder / "made.spk").split()[0]
    if made not in sums:
        stop("the installed tool builds another model than the repository's")
    # A configuration of somebody's own finds the boards that come with the tool.
    own = folder / "own"
    own.mkdir()
    for name in ("network.onnx", "firing-rates.json"):
        shutil.copy(ROOT / "firmware-configs" / NETWORK / name, own)
    text = (ROOT / "firmware-configs" / NETWORK / "deployment.json").read_text(encoding="utf-8")
    (own / "deployment.json").write_text(text, encoding="utf-8")
    if "raspberry-pi-zero-2w" not in text:
        stop(f"{NETWORK} names no board any more; choose a network that does")
    run("build", str(own), "-o", str(folder / "own.spk"))


def check_completions(prefix: Path) -> None:
    """Each shell reads its completions; those of bash complete a command."""
    script = (f'. "{prefix / COMPLETIONS["bash"]}"; complete -p spikelet; '
              "COMP_WORDS=(spikelet insp); COMP_CWORD=1; COMP_LINE='spikelet insp'; "
              "COMP_POINT=13; _spikelet spikelet insp spikelet; echo \"${COMPREPLY[@]}\"")
    if "inspect" not in output("bash", "-c", script).split():
        stop("bash does not complete insp to inspect")
    for shell in ["zsh", "fish"]:
        if shutil.which(shell) is None:
            print(f"installation: no {shell} here: its completions are not read", flush=True)
            continue
        output(shell, "-n", prefix / COMPLETIONS[shell])


def check_manual(prefix: Path) -> None:
    """A page for the tool and each command, that the formatter reads without a word."""
    if shutil.which("man") is None:
        print("installation: no man here: man pages are not read", flush=True)
        return
    pages = sorted((prefix / MANUAL).glob("*.1"))
    program = Program(prefix / "bin" / "spikelet")
    for page in pages:
        name = page.stem.replace("spikelet-", "spikelet ")
        if name == "spikelet":
            continue
        summary = program.prints("help", name.split()[1]).partition("OVERVIEW: ")[2].split()[1:4]
        shown = output("man", "-l", page, env=os.environ | {"MANWIDTH": "200", "LC_ALL": "C.UTF-8"})
        if " ".join(summary) not in shown or "EXIT STATUS" not in shown:
            stop(f"{page.name} does not say what --help says")
    if len(pages) < 12:
        stop(f"{len(pages)} man pages, needed one a command")


def check_install(tool: Path, folder: Path) -> None:
    """make install and make uninstall."""
    destination, prefix = folder / "stage", "/opt/spike let"
    where = ["--prefix", prefix, "--destdir", destination]
    tool_command("install", "--tool", tool, "--library", "host", *where)
    root = destination / prefix.lstrip("/")
    for path in root.rglob("*"):
        mode = path.stat().st_mode & 0o777
        allowed = [0o755] if path.is_dir() or path.parent.name == "bin" else [0o644]
        if mode not in (allowed + [0o755] if "examples" in path.parts else allowed):
            stop(f"{path}: has mode {mode:o}")
    check_program(root, folder)
    check_completions(root)
    check_manual(root)

    # An older installation's files go, a stranger's stay.
    stale, strange = root / "share/spikelet/stale", root / "share/spikelet/strange"
    for path in [stale, strange]:
        path.write_text("x", encoding="utf-8")
    listing = root / LISTS["tool"]
    listing.write_text(listing.read_text() + "share/spikelet/stale\n", encoding="utf-8")
    tool_command("install", "--tool", tool, *where)
    if stale.exists() or not strange.exists():
        stop("installing again kept an old file or removed a stranger's")
    tool_command("uninstall", *where)
    left = [path for path in root.rglob("*") if not path.is_dir()]
    if left != [strange]:
        stop(f"after make uninstall: {left}")
    print("installation: make install in a prefix with a space, used, installed again, removed",
          flush=True)


def check_errors(tool: Path, folder: Path) -> None:
    """What cannot be installed or removed, and why."""
    blocked = folder / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    evil = folder / "evil"
    (evil / "share/spikelet").mkdir(parents=True)
    (evil / LISTS["tool"]).write_text("../../etc/passwd\n", encoding="utf-8")
    for text, arguments in [
            ("needed a path from the root", ["install", "--tool", tool, "--prefix", "here"]),
            ("nothing to install", ["install", "--prefix", "/usr"]),
            ("does not exist; make install builds it", ["install", "--tool", folder / "none"]),
            ("a path below the prefix", ["install", "--tool", tool, "--libdir", "../lib"]),
            ("cannot be made", ["install", "--library", "host", "--destdir", blocked]),
            ("nothing is installed there", ["uninstall", "--destdir", folder / "nowhere"]),
            ("nothing was removed", ["uninstall", "--prefix", evil]),
            ("does not exist; make packages builds it", ["packages", "--tool", folder / "none"])]:
        said = tool_command(*arguments, code=2)
        if text not in said or "Traceback" in said:
            stop(f"{arguments} says: {said}, needed: {text}")
    print("installation: eight errors, each with exit code 2", flush=True)


def check_rebuild(folder: Path) -> None:
    """The board program and the C library, compiled in another place, are the same bytes."""
    for target in LIBRARY_TARGETS:
        for name in ["one", "two"]:
            output("scripts/build-c-library", folder / target / name, target, "--shared")
        for file in ["libspikelet.a", f"libspikelet.so.{version()}"]:
            output("cmp", folder / target / "one" / file, folder / target / "two" / file)
    targets = list(dict.fromkeys(BOARD_OF_LIBRARY.values()))
    output("scripts/build-boards", *BOARD_OPTIONS, *targets)
    for target in targets:
        program = board_program(target)
        before = program.read_bytes()
        shutil.rmtree(BOARD_PROGRAMS / "build" / f"{target}-serve")
        output("scripts/build-boards", *BOARD_OPTIONS, target)
        if program.read_bytes() != before:
            stop(f"{program.name} is another one when it is built again")
    print("installation: libraries and board programs, compiled twice, are equal", flush=True)


def check_archives(tool: Path, folder: Path) -> Path:
    """Packages and archives, written twice with another umask, are the same bytes."""
    places, packages = [], describe_all(tool)
    for name, mask in [("first", 0o022), ("second", 0o077)]:
        old = os.umask(mask)
        try:
            write_all(packages, folder / name, 0, folder / f"{name}-work")
        finally:
            os.umask(old)
        places.append(folder / name)
    names = sorted(path.name for path in places[0].iterdir())
    if len(names) != 2 * (1 + len(BOARD_OF_LIBRARY)) + 1:
        stop(f"these are not all packages and archives: {names}")
    for name in names:
        if (places[0] / name).read_bytes() != (places[1] / name).read_bytes():
            stop(f"{name}: written twice, and not the same")
    output("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=places[0])
    print(f"installation: {len(names)} packages, archives and sums, written twice, are equal",
          flush=True)
    return places[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The tool."""
    parser.add_argument("--tool", type=Path, required=True,
                        help="the statically linked spikelet for the architecture's baseline")
    parser.add_argument("--rebuild", action="store_true",
                        help="compile the board program and the C library twice; a minute or two")


def run(options: argparse.Namespace) -> None:
    """Checks everything."""
    if not options.tool.is_file():
        stop(f"{options.tool}: does not exist; make verify-install builds it", 2)
    need("dpkg", "unshare", "chroot", "ldd")
    need_tools()
    tool = options.tool.resolve()
    output("scripts/build-boards", *BOARD_OPTIONS, *dict.fromkeys(BOARD_OF_LIBRARY.values()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        check_install(tool, folder)
        check_errors(tool, folder)
        check_packages(check_archives(tool, folder), folder)
        if options.rebuild:
            check_rebuild(folder)
