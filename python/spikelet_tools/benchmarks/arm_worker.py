"""Runs LiteRT so that its instructions can be counted; for the arm64 Python in qemu.

`python3.11 arm_worker.py SITE MODEL INVOCATIONS KERNELS`: KERNELS is "xnnpack" or "built-in".
"""

import sys

sys.path.insert(0, sys.argv[1])

import numpy as np  # noqa: E402
from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: E402

RESOLVERS = {"xnnpack": OpResolverType.AUTO,
             "built-in": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES}


def main() -> None:
    """Invokes a model as often as the arguments say, on a gray picture."""
    model, invocations, kernels = sys.argv[2], int(sys.argv[3]), sys.argv[4]
    interpreter = Interpreter(model_path=model, num_threads=1,
                              experimental_op_resolver_type=RESOLVERS[kernels])
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    value = 0 if entry["dtype"] == np.int8 else 0.5
    interpreter.set_tensor(entry["index"], np.full(entry["shape"], value, entry["dtype"]))
    for _ in range(invocations):
        interpreter.invoke()


main()
