#!/usr/bin/env python3
"""Writes the graphs of NIR that these tests import. Needs nir, h5py.

    python3 Tests/SpikeletImportTests/make_nir_fixtures.py

Each is a small graph, most of them in the shapes that NIR's own tests use, with its verdict in
verdicts.json: the nodes that it becomes, or a part of the refusal. Graphs with a trace also have
what they spike, as nir_rules.py says.
"""
import json, math, os
import numpy as np
import nir
from nir_rules import FOLDER, cases, traces

VERDICTS = {}
rng = np.random.default_rng(11)


def vector(value, count=1):
  return np.full(count, value, dtype=np.float64)


def lif(count, tau=0.0025, r=1.0, v_leak=0.0, v_threshold=0.1, v_reset=0.0):
  return nir.LIF(tau=vector(tau, count), r=vector(r, count), v_leak=vector(v_leak, count),
                 v_threshold=vector(v_threshold, count), v_reset=vector(v_reset, count))


def cuba(count, tau_syn=5e-4, tau_mem=0.001, r=10.0, v_threshold=1.0, w_in=5.0):
  return nir.CubaLIF(tau_syn=vector(tau_syn, count), tau_mem=vector(tau_mem, count),
                     r=vector(r, count), v_leak=vector(0, count),
                     v_threshold=vector(v_threshold, count), w_in=vector(w_in, count))


def affine(outputs, inputs, scale=1.0):
  return nir.Affine(weight=(rng.normal(size=(outputs, inputs)) * scale).astype(np.float32),
                    bias=(rng.normal(size=outputs) * 0.1 * scale).astype(np.float32))


def linear(outputs, inputs):
  return nir.Linear(weight=rng.normal(size=(outputs, inputs)).astype(np.float32))


def graph(nodes, edges, inputs, outputs, **options):
  nodes = {"input": nir.Input(input_type={"input": np.array(inputs)}), **nodes,
           "output": nir.Output(output_type={"output": np.array(outputs)})}
  return nir.NIRGraph(nodes=nodes, edges=edges, type_check=False, **options)


def chain(inputs, outputs, **nodes):
  names = ["input", *nodes, "output"]
  return graph(nodes, list(zip(names, names[1:])), inputs, outputs)


def listed(value):
  """A node of `to_dict` as JSON has it."""
  if isinstance(value, dict):
    return {key: listed(item) for key, item in value.items()}
  if isinstance(value, np.ndarray):
    return listed(value.tolist())
  if isinstance(value, (list, tuple)):
    return [listed(item) for item in value]
  if isinstance(value, (np.floating, float)):
    return float(value) if math.isfinite(value) else str(float(value))
  return int(value) if isinstance(value, np.integer) else value


def write(name, made, verdict, semantics=None, is_json=False):
  path = os.path.join(FOLDER, name)
  if is_json:
    with open(path + ".nir.json", "w") as file:
      json.dump({"version": nir.version, "node": listed(made.to_dict())}, file)
  else:
    # Both forms of datasets; packed ones are the package's default, and larger here.
    packed = name in ("lif", "conv-sum", "nested", "residual")
    nir.write(path + ".nir", made, compression="gzip" if packed else None)
  entry = {"file": name + (".nir.json" if is_json else ".nir")}
  entry["refused" if isinstance(verdict, str) else "nodes"] = verdict
  if semantics:
    entry["semantics"] = semantics
  VERDICTS[name] = entry


def layers():
  """Nodes that become something."""
  write("lif", chain([1], [1], fc=nir.Linear(weight=np.ones((1, 1))), lif=lif(1)),
        ["input", "dense", "threshold"])
  write("lif-json", chain([1], [1], fc=nir.Linear(weight=np.ones((1, 1))), lif=lif(1)),
        ["input", "dense", "threshold"], is_json=True)
  write("if", chain([2], [3], fc=affine(3, 2), fire=nir.IF(
    r=np.ones(3), v_threshold=np.array([1.0, 2.0, 0.5]))), ["input", "dense", "threshold"])
  write("li", chain([4], [3], a=affine(5, 4), lif=lif(5), b=affine(3, 5), li=nir.LI(
    tau=vector(0.01, 3), r=vector(1, 3), v_leak=vector(0, 3))),
        ["input", "dense", "threshold", "dense"])
  write("i", chain([4], [3], a=affine(5, 4), lif=lif(5), b=affine(3, 5), i=nir.I(
    r=np.array([1.0, 2.0, 1.0]))), ["input", "dense", "threshold", "dense", "batchNormalization"])
  write("threshold", chain([3], [3], fc=affine(3, 3), fire=nir.Threshold(
    threshold=np.array([0.5, -0.5, 0.0]))),
        ["input", "dense", "batchNormalization", "threshold"])
  write("li-threshold", chain([3], [2], fc=affine(2, 3), li=nir.LI(
    tau=vector(0.01, 2), r=vector(2, 2), v_leak=vector(0, 2)), fire=nir.Threshold(
      threshold=vector(0.05, 2))), ["input", "dense", "threshold"])
  write("scale", chain([3], [2], scale=nir.Scale(scale=np.array([1.0, 0.5, 2.0])), fc=affine(2, 3),
                       lif=lif(2)), ["input", "batchNormalization", "dense", "threshold"])
  write("cuba-instant", chain([3], [2], fc=affine(2, 3), lif=nir.CubaLIF(
    tau_syn=vector(1e-4, 2), tau_mem=vector(0.002, 2), r=vector(1, 2), v_leak=vector(0, 2),
    v_threshold=vector(0.05, 2), w_in=2.0)), ["input", "dense", "threshold"])
  write("cuba-current", chain([3], [2], fc=nir.Linear(weight=np.ones((2, 3))), lif=nir.CubaLIF(
    tau_syn=vector(0.002, 2), tau_mem=vector(1e-4, 2), r=vector(1, 2), v_leak=vector(0, 2),
    v_threshold=vector(0.05, 2), w_in=2.0)), ["input", "dense", "threshold"])
  conv = nir.Conv2d(input_shape=(8, 8), weight=rng.normal(size=(4, 2, 3, 3)).astype(np.float32),
                    stride=2, padding=1, dilation=1, groups=1, bias=np.zeros(4, dtype=np.float32))
  fire = lambda shape: nir.IF(r=np.ones(shape), v_threshold=np.ones(shape))
  write("conv-sum", chain(
    [2, 8, 8], [3], conv=conv, fire=fire((4, 4, 4)),
    pool=nir.SumPool2d(kernel_size=np.array([2, 2]), stride=np.array([2, 2]),
                       padding=np.array([0, 0])),
    flat=nir.Flatten(input_type={"input": np.array([4, 2, 2])}, start_dim=0, end_dim=-1),
    fc=affine(3, 16), out=fire((3,))),
        ["input", "convolution", "threshold", "averagePool", "batchNormalization", "flatten",
         "dense", "threshold"], {"profile": "sinabs", "spikes": "1"})
  write("conv-average", chain(
    [2, 6, 6], [3],
    conv=nir.Conv2d(input_shape=(6, 6), weight=rng.normal(size=(4, 1, 3, 2)), stride=(1, 1),
                    padding="same", dilation=(1, 2), groups=2, bias=np.ones(4) * 0.1),
    fire=fire((4, 6, 6)),
    pool=nir.AvgPool2d(kernel_size=np.array([3, 3]), stride=np.array([3, 3]),
                       padding=np.array([0, 0])),
    flat=nir.Flatten(input_type={"input": np.array([4, 2, 2])}, start_dim=1, end_dim=-1),
    fc=linear(3, 16), out=fire((3,))),
        ["input", "convolution", "threshold", "averagePool", "flatten", "dense", "threshold"],
        {"profile": "norse"})
  write("conv1d", chain(
    [3, 10], [2],
    conv=nir.Conv1d(input_shape=10, weight=rng.normal(size=(4, 3, 3)), stride=2, padding=1,
                    dilation=1, groups=1, bias=np.zeros(4)),
    fire=nir.LIF(*[np.full((4, 5), x) for x in (0.01, 1.0, 0.0, 0.05)]),
    flat=nir.Flatten(input_type={"input": np.array([4, 5])}, start_dim=0, end_dim=-1),
    fc=affine(2, 20)), ["input", "convolution", "threshold", "flatten", "dense"])


def graphs():
  """Shapes of graphs."""
  write("branches", graph(
    {"a": affine(4, 3), "lif1": lif(4), "b": affine(4, 3), "lif2": lif(4), "c": affine(2, 4),
     "d": affine(2, 4), "lif3": lif(2)},
    [("input", "a"), ("a", "lif1"), ("input", "b"), ("b", "lif2"), ("lif1", "c"), ("lif2", "d"),
     ("c", "lif3"), ("d", "lif3"), ("lif3", "output")], [3], [2]),
        ["input", "dense", "dense", "threshold", "threshold", "dense", "dense", "add", "threshold"])
  write("residual", graph(
    {"a": affine(4, 3), "lif1": lif(4), "b": affine(4, 4), "lif2": lif(4), "c": affine(2, 4)},
    [("input", "a"), ("a", "lif1"), ("lif1", "b"), ("lif1", "lif2"), ("b", "lif2"), ("lif2", "c"),
     ("c", "output")], [3], [2]),
        ["input", "dense", "threshold", "dense", "add", "threshold", "dense"])
  inside = nir.NIRGraph(
    nodes={"in": nir.Input(input_type={"input": np.array([3])}), "fc": affine(4, 3), "lif": lif(4),
           "out": nir.Output(output_type={"output": np.array([4])})},
    edges=[("in", "fc"), ("fc", "lif"), ("lif", "out")])
  write("nested", graph({"block": inside, "fc": affine(2, 4), "lif": lif(2)},
                        [("input", "block"), ("block", "fc"), ("fc", "lif"), ("lif", "output")],
                        [3], [2]),
        ["input", "dense", "threshold", "dense", "threshold"])
  write("doubled-edge", graph({"fc": affine(2, 3), "lif": lif(2)},
                              [("input", "fc"), ("fc", "lif"), ("fc", "lif"), ("lif", "output")],
                              [3], [2]), ["input", "dense", "threshold"])
  unused = graph({"fc": affine(2, 3), "lif": lif(2), "left": nir.Delay(delay=vector(1, 2))},
                 [("input", "fc"), ("fc", "lif"), ("lif", "output"), ("lif", "left")], [3], [2])
  write("unused", unused, ["input", "dense", "threshold"])
  write("recurrent-diagonal", graph(
    {"fc": affine(3, 3), "lif": lif(3), "back": nir.Linear(weight=np.diag([0.5, -0.25, 0.75]))},
    [("input", "fc"), ("fc", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "output")],
    [3], [3]), ["input", "dense", "threshold"], {"profile": "snntorch", "reset": "subtract"})
  write("named-output", graph(
    {"fc": affine(2, 3), "lif": lif(2),
     "second": nir.Output(output_type={"output": np.array([2])})},
    [("input", "fc"), ("fc", "lif"), ("lif", "output"), ("fc", "second")], [3], [2]),
        "the graph has 2 outputs: 'output', 'second'")
  edges = [("input", "fc"), ("fc", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "output")]
  write("recurrent", graph({"fc": affine(3, 3), "lif": lif(3), "back": linear(3, 3)}, edges,
                           [3], [3]), ["input", "dense", "delayed", "dense", "add", "threshold"])
  write("recurrent-raising", graph(
    {"fc": affine(1, 1), "lif": lif(1), "back": nir.Linear(weight=np.array([[9.0]]))}, edges,
    [1], [1]), ["input", "dense", "delayed", "dense", "add", "threshold"],
        {"profile": "snntorch", "reset": "subtract"})
  # Two layers, the second of which leads back to the first and, as it is, to itself.
  write("recurrent-two", graph(
    {"a": affine(4, 3), "lif1": cuba(4), "b": affine(2, 4), "lif2": cuba(2), "back": linear(4, 2)},
    [("input", "a"), ("a", "lif1"), ("lif1", "b"), ("b", "lif2"), ("lif2", "back"),
     ("back", "lif1"), ("lif2", "lif2"), ("lif2", "output")], [3], [2]),
        ["input", "dense", "delayed", "dense", "add", "threshold", "dense", "add", "threshold"])
  # The network of the Braille letters in NIR's paper, smaller.
  write("braille", graph(
    {"fc1": affine(8, 4, 0.5), "lif1": cuba(8), "rec": affine(8, 8, 0.3), "fc2": affine(3, 8, 0.5),
     "lif2": cuba(3)},
    [("input", "fc1"), ("fc1", "lif1"), ("lif1", "rec"), ("rec", "lif1"), ("lif1", "fc2"),
     ("fc2", "lif2"), ("lif2", "output")], [4], [3]),
        ["input", "dense", "delayed", "dense", "add", "threshold", "dense", "threshold"],
        {"profile": "snntorch"})
  write("cuba", chain([2], [2], fc=affine(2, 2), lif=cuba(2)), ["input", "dense", "threshold"])
  write("cuba-li", chain([4], [2], a=affine(3, 4), lif=cuba(3), b=affine(2, 3), li=nir.CubaLI(
    tau_syn=vector(5e-4, 2), tau_mem=vector(0.002, 2), r=np.array([1.0, 2.0]),
    v_leak=vector(0, 2))),
        ["input", "dense", "threshold", "dense", "batchNormalization"])
  write("cuba-threshold", chain([3], [2], fc=affine(2, 3), li=nir.CubaLI(
    tau_syn=vector(5e-4, 2), tau_mem=vector(0.001, 2), r=vector(10, 2), v_leak=vector(0, 2),
    w_in=vector(5, 2)), fire=nir.Threshold(threshold=vector(1, 2))),
        ["input", "dense", "threshold"])
  write("infinite-tau", chain([2], [2], fc=affine(2, 2), lif=lif(2, tau=math.inf, r=math.inf)),
        ["input", "dense", "threshold"])


def refused():
  """What is refused, and why: as JSON, which is smaller."""
  def write(*arguments):
    globals()["write"](*arguments, is_json=True)
  full = {"fc": affine(3, 3), "lif": lif(3), "back": linear(3, 3)}
  edges = [("input", "fc"), ("fc", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "output")]
  write("recurrent-silent", graph(
    {"fc": affine(3, 3), "li": nir.LI(tau=vector(0.01, 3), r=vector(1, 3), v_leak=vector(0, 3)),
     "back": linear(3, 3), "lif": lif(3)},
    [("input", "fc"), ("fc", "li"), ("li", "back"), ("back", "li"), ("li", "lif"),
     ("lif", "output")], [3], [3]), "without neurons that fire on the way")
  write("recurrent-later", graph(full, edges, [3], [3]), "the engine can after one",
        {"profile": "nir", "recurrentDelay": "2"})
  write("recurrent-shape", graph({**full, "lif": lif(1), "back": linear(3, 2)}, edges, [3], [3]),
        "has weights for 2 inputs, and gets 3")
  write("cuba-synapses", chain([2], [2], fc=affine(2, 2), lif=nir.CubaLIF(
    tau_syn=np.array([0.005, 0.003]), tau_mem=vector(0.002, 2), r=vector(1, 2),
    v_leak=vector(0, 2), v_threshold=vector(1, 2))), "has different time constants (tau_syn")
  write("cuba-short", chain([2], [2], fc=affine(2, 2), lif=cuba(2, tau_syn=2e-5)),
        "has the time constant tau_syn 2e-05, less than a timestep")
  write("cuba-endless", chain([2], [2], fc=affine(2, 2), lif=cuba(2, tau_syn=math.inf)),
        "has an infinite tau_syn")
  write("cuba-weight", chain([2], [2], fc=affine(2, 2), lif=cuba(2, w_in=-1.0)),
        "has the weight w_in -1.0")
  write("cuba-lava", chain([2], [2], fc=nir.Linear(weight=np.ones((2, 2))), lif=cuba(2)),
        "Lava's fixed point is not read with", {"profile": "lava-fixed"})
  write("cuba-li-rests", chain([2], [2], fc=affine(2, 2), li=nir.CubaLI(
    tau_syn=vector(0.005, 2), tau_mem=vector(0.002, 2), r=vector(1, 2),
    v_leak=np.array([0.0, 0.1]))), "leaks toward different values of v_leak")
  write("delay", chain([2], [2], fc=affine(2, 2), delay=nir.Delay(delay=vector(0.01, 2)),
                       lif=lif(2)),
        "the engine has no delays")
  late = nir.CubaLIF(tau_syn=vector(0.005, 2), tau_mem=vector(1e-4, 2), r=vector(1, 2),
                     v_leak=vector(0, 2), v_threshold=vector(1, 2))
  write("cuba-late", chain([2], [2], fc=nir.Linear(weight=np.ones((2, 2))), lif=late),
        "is to be reset after that",
        {"profile": "nir", "resetTime": "after-leak"})
  write("li-inside", chain([2], [2], a=affine(2, 2), li=nir.LI(
    tau=vector(0.01, 2), r=vector(1, 2), v_leak=vector(0, 2)), b=affine(2, 2), lif=lif(2)),
        "which never fires")
  for name, value, what in [("nan", math.nan, "holds nan"),
                            ("zero", 0.0, "the time constant tau 0.0"),
                            ("negative", -1.0, "the time constant tau -1.0"),
                            ("short", 1e-5, "less than a timestep of 0.0001")]:
    write("tau-" + name, chain([2], [2], fc=affine(2, 2), lif=lif(2, tau=value)), what)
  different = lif(2)
  different.tau = np.array([0.01, 0.02])
  write("tau-different", chain([2], [2], fc=affine(2, 2), lif=different),
        "has different time constants")
  write("r-zero", chain([2], [2], fc=affine(2, 2), lif=lif(2, r=0.0)), "has the resistance 0.0")
  write("r-nan", chain([2], [2], fc=affine(2, 2), lif=lif(2, r=math.nan)), "holds nan")
  write("threshold-infinite", chain([2], [2], fc=affine(2, 2), lif=lif(2, v_threshold=math.inf)),
        "a threshold that is infinite")
  write("threshold-negative", chain([2], [2], fc=affine(2, 2), lif=lif(2, v_threshold=-1.0)),
        "has the threshold -1.0, not above")
  bad = affine(2, 2)
  bad.weight[0, 1] = math.nan
  write("weight-nan", chain([2], [2], fc=bad, lif=lif(2)), "holds nan")
  write("no-input", graph({"lif": lif(2)}, [("lif", "output")], [2], [2]), "nothing leads to it")
  write("unknown-name", graph({"lif": lif(2)}, [("input", "lif"), ("lif1", "output")], [2], [2]),
        "no node is called so")
  write("wrong-shape", chain([5], [2], fc=affine(2, 3), lif=lif(2)),
        "has weights for 3 inputs, and gets 5")
  write("within-channel", chain(
    [1, 2, 2], [1], fire=nir.IF(r=np.ones((1, 2, 2)), v_threshold=np.array([[[1.0, 2], [1, 1]]])),
    flat=nir.Flatten(input_type={"input": np.array([1, 2, 2])}, start_dim=0), fc=affine(1, 4)),
        "different values of v_threshold within a channel")
  write("map-output", chain([1, 2, 2], [1, 2, 2], fire=nir.IF(
    r=np.ones((1, 2, 2)), v_threshold=np.ones((1, 2, 2)))), "needed a vector of scores")
  for name, kind in (("maxpool", "MaxPool2d"), ("relu", "ReLU")):
    made = listed(chain([2], [2], fc=affine(2, 2), lif=lif(2)).to_dict())
    made["nodes"]["odd"] = {"type": kind}
    made["edges"] = [["input", "fc"], ["fc", "odd"], ["odd", "lif"], ["lif", "output"]]
    with open(os.path.join(FOLDER, name + ".nir.json"), "w") as file:
      json.dump(made, file)
    VERDICTS[name] = {"file": name + ".nir.json",
                      "refused": "is no type of node that can be imported"}


def main():
  os.makedirs(FOLDER, exist_ok=True)
  layers()
  graphs()
  refused()
  traces()
  cases()
  with open(os.path.join(FOLDER, "verdicts.json"), "w") as file:
    json.dump(VERDICTS, file, indent=1)


if __name__ == "__main__":
  main()
