"""Pictures in the forms that spikelet-board reads, and what it says of those that are wrong."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spikelet_tools.checks.board_errors import Checker

INTENDED = "; check that this is the intended file"


def idx(magic: int, *dimensions: int, payload: bytes) -> bytes:
    """An IDX file: its header, and whatever follows."""
    return struct.pack(f">{1 + len(dimensions)}I", magic, *dimensions) + payload


def npy(shape: str, payload: bytes, kind: str = "|u1", order: str = "False") -> bytes:
    """A NumPy array, as numpy.save writes it."""
    header = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    header += b" " * ((-len(header) - 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + payload


def check_forms(check: Checker) -> None:
    """NumPy arrays, PGM and PPM pictures, IDX of 4 dimensions and standard input."""
    model = check.model
    array = "is no NumPy array of unsigned bytes in C order"
    portable = "needs PGM or PPM (P5, P6) with a maximum of 255: image "
    ends = "ends before it is complete: image "

    def refused(text: str, content: bytes, piped: str | None = None) -> None:
        path = check.write("form", content)
        check.expect(f"{path}: {text}", model, path)
        check.expect(f"-: {piped or text}", model, "-", input=content)

    refused(array, npy("(1, 28, 28)", bytes(6272), kind="<f8"))
    refused(array, npy("(1, 28, 28)", bytes(784), order="True"))
    refused(array, npy("(784,)", bytes(784)))
    refused(array, npy("(1, 1, 1, 28, 28)", bytes(784)))
    refused(array, npy("(1, 28, 28)", b"")[:50])
    refused("has pictures of 1×28×27, needed 1×28×28", npy("(1, 28, 27)", bytes(756)))
    refused("has pictures of 1×1×783, needed 1×28×28", npy("(1, 783)", bytes(783)))
    refused("has pictures of 28×28×3, needed 1×28×28", npy("(1, 28, 28, 3)", bytes(2352)))
    refused(f"header gives 0 as number of images, needed 1 to 10000000{INTENDED}",
            npy("(0, 28, 28)", b""))
    refused("truncated: 911 bytes, its header needs exactly 912; copy the file again",
            npy("(1, 28, 28)", bytes(783)), f"{ends}0 has 783 of 784 bytes")
    colours = "has pictures of 3×28×28, needed 1×28×28"
    refused(colours, idx(0x804, 1, 3, 28, 28, payload=bytes(2352)))
    refused(colours, b"P6\n28 28\n255\n" + bytes(2352))
    refused("has pictures of 1×27×28, needed 1×28×28", b"P5 28 27 255\n" + bytes(756))
    refused(f"{portable}0", b"P5 28 28 65535\n" + bytes(1568))
    refused(f"{portable}0", b"P5 x 28 255\n")
    good = b"P5\n# one\n28 28\n255\n" + bytes(784)
    refused(f"{ends}0 has 783 of 784 bytes", good[:-1])
    check.expect(f"-: {ends}0 has 783 of 784 bytes", model, "-", input=bytes(783))
    check.expect(f"{model}: has no class names; set classNames in its configuration", "--names",
                 model, check.write("form", bytes(784)))
