"""Writes an ONNX network again with weights of 8 bits, and says what that changes.

Every float32 constant with at least two dimensions becomes int8 with one scale an output channel
and a DequantizeLinear after it, so that the graph computes in float32 as before.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two files."""
    parser.add_argument("network", type=Path, help="the ONNX file to read")
    parser.add_argument("--output", type=Path, required=True, help="the ONNX file to write")


def pack(proto: onnx.ModelProto) -> float:
    """Replaces the weights; the largest change, as a share of its channel's largest weight."""
    constants, nodes, change = [], [], 0.0
    for tensor in proto.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.ndim < 2 or array.dtype != np.float32:
            constants.append(tensor)
            continue
        largest = np.abs(array).reshape(len(array), -1).max(axis=1)
        scale = (np.where(largest > 0, largest, 1) / 127).astype(np.float32)
        shaped = scale.reshape(-1, *[1] * (array.ndim - 1))
        integers = np.clip(np.round(array / shaped), -127, 127).astype(np.int8)
        change = max(change, float((np.abs(integers * shaped - array) / (127 * shaped)).max()))
        parts = {f"{tensor.name}.int8": integers, f"{tensor.name}.scale": scale,
                 f"{tensor.name}.zero": np.zeros(len(array), np.int8)}
        constants += [numpy_helper.from_array(value, name) for name, value in parts.items()]
        nodes.append(helper.make_node("DequantizeLinear", list(parts), [tensor.name],
                                      f"{tensor.name}.dequantize", axis=0))
    nodes += proto.graph.node
    del proto.graph.node[:], proto.graph.initializer[:]
    proto.graph.node.extend(nodes)
    proto.graph.initializer.extend(constants)
    onnx.checker.check_model(proto, full_check=True)
    return change


def run(options: argparse.Namespace) -> None:
    """Reads, packs and writes."""
    proto = onnx.load(options.network)
    change = pack(proto)
    onnx.save(proto, options.output)
    print(f"{options.output}: {options.output.stat().st_size:,} bytes, weights changed by at most "
          f"{change:.1e} of their channel's largest")
