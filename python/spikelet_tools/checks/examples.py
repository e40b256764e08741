"""Builds every program of examples/ against an installed library, and runs it.

The C library is installed as `make install-library` does it, for this machine and for each board's
calling convention; then C, C++, Python and Swift find it as a user's build would: by pkg-config and
by CMake, static and shared. Programs for boards run in qemu with the shared library. All must find
the classes and scores of the host's tool, and say what is wrong with what they are given.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.deployments import find
from spikelet_tools.packaging.install import LISTS, install, read_list, remove
from spikelet_tools.packaging.library import build_library, library_tree
from spikelet_tools.paths import BUILD, ROOT
from spikelet_tools.processes import build, classify, need, output, stop
from spikelet_tools.targets import LIBRARY_TARGETS
from spikelet_tools.version import minor_version, version

NAME = "lenet5-iir-mnist"
EXAMPLES = ROOT / "examples"
SIDE = 28
GCC_FLAGS = ["-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


@dataclass
class Pictures:
    """The golden pictures in the forms that the examples read, and what they are."""

    folder: Path
    model: Path
    idx: Path
    classes: list[int]

    @classmethod
    def prepare(cls, folder: Path) -> Pictures:
        """Writes model and pictures into a folder."""
        model, idx = folder / "model.spk", find(NAME).golden / "inputs.idx"
        build(find(NAME).folder, model)
        content = idx.read_bytes()[16:]
        classes = classify(model, idx)
        for index in range(len(classes)):
            raw = content[index * SIDE * SIDE:][:SIDE * SIDE]
            (folder / f"{index}.raw").write_bytes(raw)
            (folder / f"{index}.pgm").write_bytes(b"P5\n# a comment\n28 28\n255\n" + raw)
        (folder / "small.raw").write_bytes(content[:SIDE * SIDE - 1])
        (folder / "broken.spk").write_bytes(model.read_bytes()[:1000])
        return cls(folder, model, idx, classes)

    def scores(self) -> list[list[int]]:
        """The scores of every picture; golden, with as many timesteps as the model has: one."""
        trace = (find(NAME).golden / "integer.txt").read_text(encoding="utf-8")
        lines = [line.split()[1:] for line in trace.splitlines() if line.startswith("scores ")]
        return [[int(word) for word in words] for words in lines]


def pkg_config(prefix: Path, *arguments: str) -> list[str]:
    """What pkg-config answers when it sees only this prefix."""
    environment = os.environ | {"PKG_CONFIG_LIBDIR": str(prefix / "lib" / "pkgconfig"),
                                "PKG_CONFIG_PATH": ""}
    return output("pkg-config", *arguments, "spikelet", env=environment).split()


def compile_program(compiler: str, source: Path, place: Path, prefix: Path, *more: str) -> Path:
    """Compiles one file with the flags that pkg-config gives."""
    flags = GCC_FLAGS + (["-std=c++11"] if source.suffix == ".cpp" else ["-std=c99"])
    output(compiler, *flags, source, *pkg_config(prefix, "--cflags", "--libs"), *more, "-o", place)
    return place


def cmake(example: str, folder: Path, prefix: Path, *options: str) -> Path:
    """Configures and builds an example; the folder of its executable."""
    output("cmake", "-S", EXAMPLES / example, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}",
           "-DCMAKE_BUILD_TYPE=Release", *options)
    output("cmake", "--build", folder)
    return folder / "classify"


def needed_libraries(program: Path) -> list[str]:
    """The shared libraries that a program names."""
    lines = output("readelf", "-d", program).splitlines()
    return [line.split("[")[1].rstrip("]") for line in lines if "(NEEDED)" in line]


def expect_classes(what: str, command: list, pictures: Pictures, **options) -> None:
    """The C example's lines are the host's classes."""
    given = output(*command, pictures.model, pictures.idx, **options).split()
    if [int(word) for word in given] != pictures.classes or len(given) != 10:
        stop(f"{what}: not the host's classes: {' '.join(given)}")


def refused(what: str, command: list, code: int, text: str, **options) -> None:
    """A command ends with this code and a line that has this text on standard error."""
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if run.returncode != code or text not in run.stderr or run.stderr.count("\n") != 1:
        stop(f"{what}: code {run.returncode}, needed {code} and one line with '{text}'\n"
             f"{run.stdout}{run.stderr}")


def uses_shared(program: Path, is_shared: bool) -> None:
    """A program names the shared library, by the name that its version has, or it does not."""
    name = f"libspikelet.so.{minor_version()}"
    if (name in needed_libraries(program)) != is_shared:
        stop(f"{program}: names {needed_libraries(program)}, {name} {'is' if is_shared else 'not'} "
             "needed")


def running(target: str, prefix: Path) -> tuple[list, dict]:
    """What runs a program of a target with the shared library, and in what environment."""
    machine = LIBRARY_TARGETS[target]
    if not machine.emulator:
        return [], os.environ | {"LD_LIBRARY_PATH": str(prefix / "lib")}
    # For the emulated program alone: qemu itself is of this machine.
    return [machine.emulator, "-L", machine.libraries, "-E",
            f"LD_LIBRARY_PATH={prefix / 'lib'}"], dict(os.environ)


def cmake_options(target: str, language: str, compiler: str) -> list[str]:
    """What CMake has to be told about a target."""
    options = [f"-DCMAKE_{language}_COMPILER={compiler}"]
    if LIBRARY_TARGETS[target].emulator:
        options += ["-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=" + target,
                    "-DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=BOTH"]
    return options


def check_c(target: str, prefix: Path, pictures: Pictures, work: Path) -> None:
    """C by pkg-config, and by CMake static and shared."""
    machine = LIBRARY_TARGETS[target]
    runner, environment = running(target, prefix)
    program = compile_program(machine.compiler, EXAMPLES / "c" / "classify.c", work / "classify",
                              prefix)
    uses_shared(program, True)
    expect_classes(f"{target}: C, pkg-config", [*runner, program], pictures, env=environment)
    options = cmake_options(target, "C", machine.compiler)
    for is_shared in [False, True]:
        value = "ON" if is_shared else "OFF"
        program = cmake("c", work / f"c-{value}", prefix, f"-DBUILD_SHARED_LIBS={value}", *options)
        uses_shared(program, is_shared)
        expect_classes(f"{target}: C, CMake, shared {value}", [*runner, program], pictures,
                       env=environment)
    print(f"examples: {target}: C by pkg-config and CMake, static and shared", flush=True)


def check_cmake_refusals(prefix: Path, work: Path) -> None:
    """Another minor version, and a library of another word size, are not found."""
    script = work / "versions"
    script.mkdir()
    major, minor, patch = (int(part) for part in version().split("."))
    for wanted, bytes_, is_found in [
            (version(), 8, True), (f"{major}.{minor}", 8, True), ("", 8, True),
            (f"{major}.{minor}.{patch + 1}", 8, False), (f"{major}.{minor + 1}", 8, False),
            (f"{major + 1}.0", 8, False), (version(), 4, False)]:
        (script / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.10)\nproject(versions NONE)\n"
            f"set(CMAKE_SIZEOF_VOID_P {bytes_})\nfind_package(Spikelet {wanted} QUIET)\n"
            "message(STATUS \"found=${Spikelet_FOUND}\")\n", encoding="utf-8")
        text = output("cmake", "-S", script, "-B", script / "out",
                      f"-DCMAKE_PREFIX_PATH={prefix}", "-USpikelet_DIR")
        if f"found={int(is_found)}" not in text:
            stop(f"CMake: version '{wanted}' of {bytes_} bytes: needed found={is_found}\n{text}")


def check_cpp(target: str, prefix: Path, pictures: Pictures, work: Path) -> None:
    """C++ with a picture on standard input."""
    runner, environment = running(target, prefix)
    compiler = LIBRARY_TARGETS[target].cpp_compiler
    programs = [compile_program(compiler, EXAMPLES / "cpp" / "classify.cpp", work / "cpp", prefix),
                cmake("cpp", work / "cpp-cmake", prefix, *cmake_options(target, "CXX", compiler))]
    needed = pictures.scores()
    for path in programs:
        program = [*runner, path]
        for index, label in enumerate(pictures.classes):
            for form in ["pgm", "raw"]:
                with (pictures.folder / f"{index}.{form}").open("rb") as picture:
                    given = output(*program, pictures.model, stdin=picture, env=environment)
                if [int(word) for word in given.split()] != [label, *needed[index]]:
                    stop(f"{path}: picture {index} as {form}: {given}")
        empty = subprocess.DEVNULL
        options = {"env": environment, "stdin": empty}
        refused("C++", program, 2, "usage: classify MODEL < PICTURE", **options)
        refused("C++", [*program, "nowhere.spk"], 2, "nowhere.spk: cannot be opened", **options)
        refused("C++", [*program, pictures.folder / "broken.spk"], 2, "another size",
                **options)
        refused("C++", [*program, pictures.model], 2, "standard input: holds no picture", **options)
        cut = work / "cut.pgm"
        cut.write_bytes((pictures.folder / "0.pgm").read_bytes()[:-1])
        for path, text in [(cut, "is no whole PGM or PPM file"),
                           (pictures.folder / "small.raw", "(needed 784, given 783)")]:
            with path.open("rb") as picture:
                refused("C++", [*program, pictures.model], 2, text, env=environment, stdin=picture)
    print(f"examples: {target}: C++ by pkg-config and CMake, pictures on standard input",
          flush=True)


def check_scripts(name: str, command: list, code: int, pictures: Pictures, **options) -> None:
    """Python and Swift: class and scores of every picture, and what they refuse."""
    needed = pictures.scores()
    for index, label in enumerate(pictures.classes):
        given = output(*command, pictures.model, pictures.folder / f"{index}.raw", **options)
        if [int(word) for word in given.split()] != [label, *needed[index]]:
            stop(f"{name}: picture {index}: {given}")
    raw = pictures.folder / "0.raw"
    refused(name, command, code, "usage: classify", **options)
    refused(name, [*command, pictures.folder / "broken.spk", raw], code, "another size", **options)
    refused(name, [*command, pictures.model, pictures.folder / "small.raw"], code, "wrong size",
            **options)
    print(f"examples: {name}: ten pictures, class and scores", flush=True)


def check_swift(pictures: Pictures) -> None:
    """The package of examples/swift, with what it depends on."""
    scratch = BUILD / "examples-swift"
    command = ["swift", "build", "--package-path", EXAMPLES / "swift", "--scratch-path", scratch]
    output(*command)
    program = Path(output(*command, "--show-bin-path").strip()) / "classify"
    check_scripts("Swift", [program], 2, pictures)


def install_library(target: str, prefix: Path) -> None:
    """Installs a library and checks that it can be taken away again, whole."""
    tree = library_tree(build_library(target), target, "lib")
    install(tree, prefix, LISTS["library"])
    names = read_list(prefix / LISTS["library"])
    if remove(prefix, names) != len(names) or any(prefix.iterdir()):
        stop(f"{target}: uninstalling the library left something behind")
    install(library_tree(build_library(target), target, "lib"), prefix, LISTS["library"])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Targets."""
    parser.add_argument("targets", nargs="*", metavar="TARGET",
                        help=f"{', '.join(LIBRARY_TARGETS)}; all where none is given")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses unknown targets."""
    unknown = set(options.targets) - set(LIBRARY_TARGETS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")


def run(options: argparse.Namespace) -> None:
    """Checks every example."""
    targets = options.targets or list(LIBRARY_TARGETS)
    machines = [LIBRARY_TARGETS[target] for target in targets]
    need("cmake", "pkg-config", "readelf", "make",
         *(program for machine in machines for program in (machine.compiler, machine.emulator)
           if program), *(machine.cpp_compiler for machine in machines))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = Pictures.prepare(folder)
        for target in targets:
            work, prefix = folder / target, folder / target / "prefix"
            prefix.mkdir(parents=True)
            install_library(target, prefix)
            check_c(target, prefix, pictures, work)
            check_cpp(target, prefix, pictures, work)
            if target != "host":
                continue
            check_cmake_refusals(prefix, work)
            library = prefix / "lib" / f"libspikelet.so.{version()}"
            script = [sys.executable, EXAMPLES / "python" / "classify.py"]
            check_scripts("Python", script, 1, pictures,
                          env=os.environ | {"SPIKELET_LIBRARY": str(library)})
            check_swift(pictures)
