"""Classifies a picture:  classify.py MODEL PICTURE   (raw bytes: channel, row, column)

Prints the class and every class's score. Loads libspikelet.so where the loader looks for it, or
the file that $SPIKELET_LIBRARY names."""
import ctypes
import os
import sys

library = ctypes.CDLL(os.environ.get("SPIKELET_LIBRARY", "libspikelet.so.0.1"))
library.spikelet_error_string.restype = ctypes.c_char_p
library.spikelet_arena_size.restype = library.spikelet_state_size.restype = ctypes.c_size_t


def check(error):
    if error != 0:
        sys.exit(f"{sys.argv[1]}: {library.spikelet_error_string(error).decode()}")


if len(sys.argv) != 3:
    sys.exit("usage: classify.py MODEL PICTURE")
model, pixels = (open(path, "rb").read() for path in sys.argv[1:])
engine = ctypes.create_string_buffer(library.spikelet_state_size())
check(library.spikelet_open(engine, model, ctypes.c_size_t(len(model))))

size = library.spikelet_arena_size(engine)
memory = ctypes.create_string_buffer(size + 16)
arena = ctypes.c_void_p(-(-ctypes.addressof(memory) // 16) * 16)  # a multiple of 16
check(library.spikelet_attach(engine, arena, ctypes.c_size_t(size)))

prediction, scores = ctypes.c_int32(), (ctypes.c_int32 * library.spikelet_class_count(engine))()
check(library.spikelet_run(engine, pixels, ctypes.c_size_t(len(pixels)), 0, 0,
                           ctypes.byref(prediction), None))
check(library.spikelet_scores(engine, scores, ctypes.c_size_t(len(scores))))
print(prediction.value, *scores)
