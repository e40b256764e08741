"""Writes an ONNX network again with weights of 16 bits, half as large, and says what that changes.

Every float32 constant with at least two dimensions becomes float16 with a Cast behind it, so that
the graph computes in float32 as before.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two files."""
    parser.add_argument("network", type=Path, help="the ONNX file to read")
    parser.add_argument("--output", type=Path, required=True, help="the ONNX file to write")


def halve(proto: onnx.ModelProto) -> float:
    """Replaces the weights; the largest change, as a share of its tensor's largest weight."""
    constants, casts, change = [], [], 0.0
    for tensor in proto.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.ndim < 2 or array.dtype != np.float32:
            constants.append(tensor)
            continue
        half = array.astype(np.float16)
        if not np.isfinite(half).all():
            raise SystemExit(f"{tensor.name}: has weights beyond 65,504")
        error = np.abs(half.astype(np.float32) - array).max()
        change = max(change, float(error / max(np.abs(array).max(), 1e-30)))
        name = f"{tensor.name}.half"
        constants.append(numpy_helper.from_array(half, name))
        casts.append(helper.make_node("Cast", [name], [tensor.name], name, to=TensorProto.FLOAT))
    nodes = [*casts, *proto.graph.node]
    del proto.graph.node[:], proto.graph.initializer[:]
    proto.graph.node.extend(nodes)
    proto.graph.initializer.extend(constants)
    onnx.checker.check_model(proto, full_check=True)
    return change


def run(options: argparse.Namespace) -> None:
    """Reads, halves and writes."""
    proto = onnx.load(options.network)
    change = halve(proto)
    onnx.save(proto, options.output)
    print(f"{options.output}: {options.output.stat().st_size:,} bytes, weights changed by at most "
          f"{change:.1e} of their layer's largest")
