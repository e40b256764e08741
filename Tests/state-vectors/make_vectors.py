#!/usr/bin/env python3
"""Writes golden vectors of small networks with more states than potentials. Needs numpy.

    python3 Tests/state-vectors/make_vectors.py

Each is a graph of the importer's tests with a few random pictures; `.build/release/spikelet golden`
computes the vectors, in the interpreter's numbers.
"""
import json, os, subprocess, tempfile
import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))
# A synaptic current, spikes that come back, both, and both between two layers; their classes.
NETWORKS = {"cuba-li": (4, 2), "recurrent": (3, 3), "braille": (4, 3), "recurrent-two": (3, 2)}


def main():
  for name, (inputs, classes) in NETWORKS.items():
    path = os.path.join(FOLDER, name + ".json")
    with open(path, "w") as file:
      json.dump({"name": name, "network": f"../SpikeletImportTests/NIRFixtures/{name}.nir",
                 "timesteps": 12, "nir": {"profile": "snntorch"},
                 "input": {"mode": "rate"}}, file, indent=1)
    with tempfile.TemporaryDirectory() as data:
      for index in range(2 * classes):
        pixels = np.random.default_rng(index).integers(100, 256, inputs).astype(np.uint8)
        place = os.path.join(data, f"{index % classes}")
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"{index}.pgm"), "wb") as file:
          file.write(b"P5\n%d 1\n255\n" % inputs + pixels.tobytes())
      subprocess.run(
        [os.environ.get("SPIKELET", os.path.join(ROOT, ".build/release/spikelet")), "golden", path,
         "-o", os.path.join(FOLDER, name), "--data", data, "--count", "4", "--timesteps", "12"],
        check=True)


if __name__ == "__main__":
  main()
