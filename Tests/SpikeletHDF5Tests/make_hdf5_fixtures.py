#!/usr/bin/env python3
"""Writes the HDF5 files of these tests, and what they hold as JSON beside them. Needs h5py.

    python3 Tests/SpikeletHDF5Tests/make_hdf5_fixtures.py

The same small tree is written in every form that h5py has: old and new groups, superblocks 0, 2 and
3, contiguous, compact and chunked datasets, with and without filters.
"""
import json, os
import h5py
import numpy as np

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Fixtures")


def listed(value):
  """A dataset's shape and values as JSON has them."""
  value = np.asarray(value)
  kind = "strings" if value.dtype.kind in "OSU" else "reals" if value.dtype.kind == "f" else "integers"
  flat = value.reshape(-1).tolist()
  flat = [x.decode() if isinstance(x, bytes) else int(x) if kind == "integers" else x for x in flat]
  return {"shape": list(value.shape), kind: flat}


def tree(group):
  return {name: tree(item) if isinstance(item, h5py.Group) else listed(item[()])
          for name, item in group.items()}


def fill(file, **options):
  """Every type that is read, in groups inside groups."""
  rng = np.random.default_rng(3)
  file["version"] = "1.0.8"
  file["nothing"] = ""
  numbers = file.create_group("numbers")
  for name in ("int8", "uint8", "int16", "int32", "int64", "uint32", "float16", "float32", "float64",
               ">i4", ">f8"):
    values = (rng.normal(size=(3, 4)) * 40).astype(name)
    numbers.create_dataset(name.strip(">") + ("be" if ">" in name else ""), data=values, **options)
  numbers["scalar"] = np.float64(2.5)
  numbers["flag"] = np.array([True, False, True])
  numbers["extremes"] = np.array([np.inf, -np.inf, 0.0, 5e-324])
  texts = file.create_group("inside/of/groups")
  texts["edges"] = np.array([("a", "b"), ("b", "größer")], dtype=h5py.string_dtype())
  texts["fixed"] = np.array([b"abc", b"de", b""], dtype="S5")
  weights = rng.normal(size=(5, 3, 7, 2)).astype(np.float32)
  file.create_dataset("weights", data=weights, **options)


def write(name, libver="earliest", links=0, **options):
  path = os.path.join(FIXTURES, name + ".h5")
  with h5py.File(path, "w", libver=libver) as file:
    fill(file, **options)
    for i in range(links):
      file.create_group(f"many/a-rather-long-name-of-number-{i:04}")
    expected = tree(file)
  # JSON has no infinity.
  text = json.dumps(expected, sort_keys=True).replace("-Infinity", '"-inf"').replace("Infinity", '"inf"')
  with open(os.path.join(FIXTURES, name + ".json"), "w") as file:
    file.write(text + "\n")


def refused(name, make):
  with h5py.File(os.path.join(FIXTURES, "refused-" + name + ".h5"), "w") as file:
    make(file)


def main():
  os.makedirs(FIXTURES, exist_ok=True)
  write("earliest")
  write("earliest-gzip", compression="gzip")
  write("earliest-shuffle", compression="gzip", shuffle=True)
  write("earliest-chunks", chunks=True)
  write("v110", libver=("v110", "v110"))
  write("latest", libver="latest")
  write("latest-gzip", libver="latest", compression="gzip", shuffle=True)
  write("many", links=70)
  write("many-latest", libver="latest", links=70)
  # Several chunks that do not divide the extents.
  for libver in ("earliest", "latest"):
    path = os.path.join(FIXTURES, f"edges-{libver}.h5")
    values = np.arange(7 * 10 * 3, dtype=np.int32).reshape(7, 10, 3)
    with h5py.File(path, "w", libver=libver) as file:
      file.create_dataset("plain", data=values, chunks=(3, 4, 2))
      file.create_dataset("packed", data=values, chunks=(3, 4, 2), compression="gzip", shuffle=True)
      file.create_dataset("one", data=values, chunks=(7, 10, 3), compression="gzip")
      file.create_dataset("line", data=np.arange(1000), chunks=(7,), compression="gzip")
      with open(path[:-3] + ".json", "w") as text:
        text.write(json.dumps(tree(file), sort_keys=True) + "\n")
  refused("lzf", lambda f: f.create_dataset("x", data=np.zeros(8), compression="lzf"))
  refused("fletcher32", lambda f: f.create_dataset("x", data=np.zeros(8), fletcher32=True))
  refused("compound", lambda f: f.create_dataset("x", data=np.zeros(2, dtype=[("a", "f4")])))
  refused("complex", lambda f: f.create_dataset("x", data=np.zeros(2, dtype="c8")))
  refused("unwritten", lambda f: f.create_dataset("x", shape=(4,), dtype="f4"))
  refused("sequence", lambda f: f.create_dataset("x", (2,), dtype=h5py.vlen_dtype("i4")))
  refused("empty", lambda f: f.create_dataset("x", data=h5py.Empty("f4")))
  def soft(f):
    f["y"] = 1
    f["x"] = h5py.SoftLink("/y")
  refused("soft", soft)
  def cycle(f):
    f.create_group("a/b")
    f["a/b/a"] = f["a"]
  refused("cycle", cycle)


main()
