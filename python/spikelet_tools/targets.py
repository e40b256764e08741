"""The machines that Spikelet is built for, and what runs their executables here."""

from __future__ import annotations

import json
from dataclasses import dataclass

from spikelet_tools.paths import ROOT


@dataclass(frozen=True)
class Target:
    """A machine; its compilers' options stand in its toolset in SDKs/ and nowhere else."""

    name: str
    triple: str
    compiler: str
    emulator: str
    processor: str

    @property
    def emulator_of_static(self) -> str:
        """The emulator that is itself static; it takes no plugins."""
        return f"{self.emulator}-static"

    @property
    def machine_options(self) -> list[str]:
        """What a C compiler needs to know of the machine, such as -march=armv7-a."""
        path = ROOT / "SDKs" / "spikelet.artifactbundle" / self.name / "toolset.json"
        toolset = json.loads(path.read_text(encoding="utf-8"))
        options = toolset["cCompiler"]["extraCLIOptions"]
        return [option for option in options if option.startswith("-m")]


BOARDS = {
    target.name: target
    for target in [
        Target("aarch64", "aarch64-linux-gnu", "aarch64-linux-gnu-gcc", "qemu-aarch64",
               "cortex-a53"),
        Target("armv7", "armv7-linux-gnueabi", "arm-linux-gnueabi-gcc", "qemu-arm", "cortex-a7"),
    ]
}
"""The targets of boards, by name."""

COUNTED = BOARDS | {
    "x86-64": Target("x86-64", "x86_64-linux-gnu", "gcc", "qemu-x86_64", "max"),
}
"""The targets whose instructions are estimated, by name: boards and this kind of host."""


@dataclass(frozen=True)
class LibraryTarget:
    """A machine and calling convention that the C library is built for."""

    triple: str
    bits: int
    compiler: str
    emulator: str | None
    debian: str
    "The architecture's name in Debian."

    @property
    def cpp_compiler(self) -> str:
        """The C++ compiler that goes with the C compiler."""
        return self.compiler.removesuffix("gcc") + "g++"

    @property
    def libraries(self) -> str:
        """Where the cross compiler's C library lies, for the emulator."""
        return f"/usr/{self.triple}"


LIBRARY_TARGETS = {
    "host": LibraryTarget("x86_64-linux-gnu", 64, "gcc", None, "amd64"),
    "aarch64": LibraryTarget("aarch64-linux-gnu", 64, "aarch64-linux-gnu-gcc", "qemu-aarch64",
                             "arm64"),
    "armv7": LibraryTarget("arm-linux-gnueabi", 32, "arm-linux-gnueabi-gcc", "qemu-arm", "armel"),
    "armv7hf": LibraryTarget("arm-linux-gnueabihf", 32, "arm-linux-gnueabihf-gcc", "qemu-arm",
                             "armhf"),
}
"""The targets of the C library, by the name that scripts/build-c-library knows."""
