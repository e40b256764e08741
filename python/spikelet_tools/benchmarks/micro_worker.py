"""Runs a network once in TFLite Micro, which prints what its arena holds.

`python -m spikelet_tools.benchmarks.micro_worker MODEL ARENA_BYTES`
"""

from __future__ import annotations

import sys

import numpy as np
from tflite_micro.python.tflite_micro import runtime


def main() -> None:
    """One inference on zeros."""
    interpreter = runtime.Interpreter.from_file(sys.argv[1], arena_size=int(sys.argv[2]))
    entry = interpreter.get_input_details(0)
    interpreter.set_input(np.zeros(entry["shape"], entry["dtype"]), 0)
    interpreter.invoke()
    interpreter.print_allocations()


if __name__ == "__main__":
    main()
