"""Writes archives whose bytes depend on their contents alone: Debian packages, tar files, sums.

Times are those of $SOURCE_DATE_EPOCH or of the last commit, owners are 0, orders those of names,
and one thread compresses, because several cut the data by their number.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from spikelet_tools.packaging.tree import Tree
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import output, stop
from spikelet_tools.version import source_date, version

MAINTAINER = "The Spikelet authors <spikelet@localhost>"
# The GCC whose libstdc++ first has a GLIBCXX_3.4.<number>.
LIBSTDCXX = {28: "9", 29: "11", 30: "12", 31: "13.1", 32: "13.1", 33: "13.2", 34: "15"}


@dataclass(frozen=True)
class Package:
    """What a Debian package says of itself."""

    name: str
    architecture: str
    summary: str
    description: str
    depends: str = ""

    @property
    def file_name(self) -> str:
        """As Debian names it."""
        return f"{self.name}_{version()}_{self.architecture}.deb"


def dependencies(program: Path) -> str:
    """The C and C++ libraries that an executable for this machine needs, in their oldest fit."""
    symbols = output("objdump", "-T", program)

    def newest(prefix: str) -> tuple[int, ...]:
        found = re.findall(rf"\({prefix}_([0-9.]+)\)", symbols)
        return max((tuple(int(part) for part in text.split(".")) for text in found), default=())

    libc, standard = newest("GLIBC"), newest("GLIBCXX")
    needed = [f"libc6 (>= {'.'.join(map(str, libc))})"]
    if "libgcc_s" in output("readelf", "-d", program):
        needed.append("libgcc-s1 (>= 3.0)")
    if standard:
        fits = [gcc for number, gcc in LIBSTDCXX.items() if number >= (*standard, 0, 0)[2]]
        if not fits:
            stop(f"GLIBCXX {standard} is newer than what archives.py knows of; add it there")
        needed.append(f"libstdc++6 (>= {fits[0]})")
    return ", ".join(needed)


def packed_manuals(tree: Tree) -> Tree:
    """The tree with compressed man pages, as Debian wants them."""
    result = Tree()
    for path, entry in tree.entries.items():
        if path.startswith("share/man/") and entry.content is not None:
            packed = gzip.compress(entry.content, 9, mtime=0)
            result.add(f"{path}.gz", type(entry)(content=packed))
        else:
            result.add(path, entry)
    return result


def debian_tree(tree: Tree, package: Package) -> Tree:
    """The tree with what Debian has in every package, below usr/."""
    result = Tree()
    for path, entry in packed_manuals(tree).entries.items():
        result.add(f"usr/{path}", entry)
    folder = f"usr/share/doc/{package.name}"
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    result.add(f"{folder}/changelog.gz",
               type(entry)(content=gzip.compress(changes, 9, mtime=0)))
    result.text(f"{folder}/copyright", copyright_text(has_swift=package.name == "spikelet"))
    return result


def copyright_text(has_swift: bool) -> str:
    """Debian's copyright file."""
    text = ("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
            "Upstream-Name: Spikelet\n\n"
            "Files: *\nCopyright: the Spikelet authors\nLicense: Apache-2.0\n")
    if has_swift:
        text += ("\nFiles: usr/bin/spikelet\n"
                 "Copyright: the Spikelet authors; Apple Inc. and the Swift project authors; "
                 "Unicode, Inc.\n"
                 "License: Apache-2.0 with Runtime Library Exception, and Unicode-3.0\n"
                 "Comment: Swift's standard library and Foundation, with ICU, are linked in.\n")
    else:
        text += ("\nFiles: usr/bin/spikelet-board\n"
                 "Copyright: the Spikelet authors; Rich Felker and the musl authors\n"
                 "License: Apache-2.0, and Expat\n"
                 "Comment: musl is linked in.\n")
    return text + ("\nLicense: Apache-2.0\n On Debian systems, the licence is in "
                   "/usr/share/common-licenses/Apache-2.0.\n")


def control(package: Package, kilobytes: int) -> str:
    """Debian's control file."""
    lines = [f"Package: {package.name}", f"Version: {version()}",
             f"Architecture: {package.architecture}", f"Maintainer: {MAINTAINER}",
             f"Installed-Size: {kilobytes}"]
    if package.depends:
        lines.append(f"Depends: {package.depends}")
    lines += ["Section: science", "Priority: optional", f"Description: {package.summary}"]
    for line in package.description.strip().splitlines():
        lines.append(f" {line}" if line.strip() else " .")
    return "\n".join(lines) + "\n"


def set_times(folder: Path) -> None:
    """Gives every file, link and folder the time of archives."""
    when = source_date()
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (when, when), follow_symlinks=False)


def write_package(tree: Tree, package: Package, folder: Path, level: int, work: Path) -> Path:
    """Writes a .deb; `work` is an empty folder for the files in it."""
    names = debian_tree(tree, package).copy(work)
    sizes = [(work / name).lstat().st_size for name in names]
    sums = [f"{hashlib.md5((work / name).read_bytes()).hexdigest()}  {name}\n"
            for name in names if not (work / name).is_symlink()]
    information = Tree()
    information.text("DEBIAN/control", control(package, sum(-(-size // 1024) for size in sizes)))
    information.text("DEBIAN/md5sums", "".join(sums))
    libraries = [name for name in names if re.search(r"/lib\w+\.so\.\d", name)]
    if libraries:
        # The loader's cache is brought up to date by ldconfig.
        information.text("DEBIAN/triggers", "activate-noawait ldconfig\n")
    information.copy(work)
    set_times(work)
    place = folder / package.file_name
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(source_date())}
    run = subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--threads-max=1", "-Zxz", f"-z{level}", "--build",
         str(work), str(place)], env=environment, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        stop(f"dpkg-deb: {run.stderr.strip()}")
    return place


def write_tar(tree: Tree, name: str, folder: Path, level: int) -> Path:
    """Writes <name>.tar.xz, everything in it below <name>/."""
    place = folder / f"{name}.tar.xz"
    folders = sorted({str(parent) for path in tree.entries for parent in Path(path).parents})
    with lzma.open(place, "wb", preset=level) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for path in sorted([*folders, *tree.entries]):
                entry = tree.entries.get(path)
                member = tarfile.TarInfo(name if path == "." else f"{name}/{path}")
                member.mtime, member.mode = source_date(), 0o755
                content = b""
                if entry is None:
                    member.type = tarfile.DIRTYPE
                elif entry.target is not None:
                    member.type, member.linkname, member.mode = tarfile.SYMTYPE, entry.target, 0o777
                else:
                    content = entry.source.read_bytes() if entry.source else entry.content or b""
                    member.size, member.mode = len(content), 0o755 if entry.is_program else 0o644
                archive.addfile(member, io.BytesIO(content) if content else None)
    return place


def write_sums(paths: list[Path]) -> Path:
    """Writes SHA256SUMS beside the files, for sha256sum --check."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
             for path in sorted(paths, key=lambda path: path.name)]
    place = paths[0].parent / "SHA256SUMS"
    place.write_text("".join(lines), encoding="utf-8")
    return place
