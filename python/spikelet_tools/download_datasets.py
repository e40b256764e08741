"""Fetches the data sets that spikelet reads, and verifies each file by its SHA-256.

They go to $SPIKELET_DATASETS, or ~/.cache/spikelet/datasets where that is not set:

  mnist/*.gz            the four IDX files, gzip        11.6 MB
  fashion-mnist/*.gz    the four IDX files, gzip        30.9 MB
  cifar10/*.bin         the six batches, binary version 184 MB (an archive of 170 MB)

A file that is there with the right checksum is left alone, one with a wrong checksum is replaced.
Needs Python 3.9 and nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import pathlib
import tarfile
import tempfile
import urllib.request

from spikelet_tools import datasets
from spikelet_tools.processes import stop

MIRRORS = {
    "mnist": [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
    "fashion-mnist": [
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    "cifar10": [
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    ],
}

SHA256 = {
    "mnist": {
        "train-images-idx3-ubyte.gz":
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz":
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz":
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz":
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte.gz":
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz":
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz":
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz":
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    "cifar10": {
        "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
        "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
        "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
        "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
        "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
        "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    },
}


class Failure(Exception):
    """One address that did not give the file asked for."""


def sha256(path: pathlib.Path) -> str:
    """A file's SHA-256."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def is_verified(path: pathlib.Path, wanted: str) -> bool:
    """Whether a file is there with this checksum."""
    return path.is_file() and sha256(path) == wanted


def fetch(url: str, target) -> None:
    """Writes what `url` gives to the open file `target`."""
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            for block in iter(lambda: response.read(1 << 20), b""):
                target.write(block)
    except (OSError, http.client.HTTPException) as error:
        raise Failure(f"{url}: {error}") from error
    target.flush()
    target.seek(0)


def install(source, path: pathlib.Path, wanted: str, origin: str) -> None:
    """Writes `source` to `path` once its checksum is verified: never a partial or a wrong file."""
    partial = path.with_name(path.name + ".part")
    try:
        with open(partial, "wb") as file:
            for block in iter(lambda: source.read(1 << 20), b""):
                file.write(block)
        given = sha256(partial)
        if given != wanted:
            raise Failure(f"{origin}: {path.name} has sha256 {given}, needed {wanted}")
        os.replace(partial, path)
    finally:
        if partial.exists():
            partial.unlink()
    print(f"{path}: fetched and verified", flush=True)


def fetch_file(name: str, folder: pathlib.Path, file: str) -> list[str]:
    """Fetches one file from the first mirror that has it."""
    failures = []
    for mirror in MIRRORS[name]:
        try:
            with tempfile.TemporaryFile() as download:
                fetch(mirror + file, download)
                install(download, folder / file, SHA256[name][file], mirror + file)
            return []
        except Failure as failure:
            failures.append(str(failure))
    return failures


def fetch_archive(name: str, folder: pathlib.Path, files: list[str]) -> list[str]:
    """Fetches the archive, and takes the files wanted out of it by their names alone."""
    failures = []
    for url in MIRRORS[name]:
        missing = set(files)
        try:
            with tempfile.TemporaryFile() as download:
                fetch(url, download)
                with tarfile.open(fileobj=download, mode="r:gz") as archive:
                    for member in archive:
                        file = pathlib.PurePosixPath(member.name).name
                        if member.isfile() and file in missing:
                            install(
                                archive.extractfile(member), folder / file, SHA256[name][file], url)
                            missing.remove(file)
            if not missing:
                return []
            failures.append(f"{url}: the archive lacks {', '.join(sorted(missing))}")
        except Failure as failure:
            failures.append(str(failure))
        except (tarfile.TarError, EOFError, OSError) as error:
            failures.append(f"{url}: not a readable archive: {error}")
    return failures


def download(name: str, root: pathlib.Path) -> list[str]:
    """Makes one data set complete; returns what failed."""
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    wanted = []
    for file, digest in SHA256[name].items():
        path = folder / file
        if is_verified(path, digest):
            print(f"{path}: already there and verified", flush=True)
        else:
            if path.exists():
                print(f"{path}: wrong sha256, fetching it again", flush=True)
            wanted.append(file)
    if not wanted:
        return []
    if name == "cifar10":
        return fetch_archive(name, folder, wanted)
    return [failure for file in wanted for failure in fetch_file(name, folder, file)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data and names."""
    datasets.add_argument(parser)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"{', '.join(SHA256)}; all where none is given")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses unknown data sets."""
    unknown = [name for name in options.names if name not in SHA256]
    if unknown:
        parser.error(f"unknown data set: {', '.join(unknown)}; choose from {', '.join(SHA256)}")


def run(options: argparse.Namespace) -> None:
    """Makes the data sets complete."""
    root, failures = options.data, []
    try:
        for name in options.names or SHA256:
            failures += download(name, root)
    except OSError as error:
        stop(f"cannot write to {root}: {error}")
    if failures:
        lines = "\n  ".join(failures)
        stop(f"not all files could be fetched:\n  {lines}\n"
             f"Fetch them by other means and put them into {root}/NAME; run this again to verify.")
