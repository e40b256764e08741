"""What one neuron spikes, as the equations of NIR and the update rules of the frameworks say.

Double precision, and nothing of Spikelet: make_nir_fixtures.py writes it beside the graphs.
"""
import json, math, os
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "NIRFixtures")

# ------------------------------------------------------------------------------------------------
# What a neuron spikes, rule by rule.

RULES = {
  # name: (integration, gain, reset, when it is reset, comparison, NIR profile and switches)
  "norse": ("euler", "euler", "zero", "same", ">", {"profile": "norse", "dt": "1e-4"}),
  "snntorch": ("euler", "euler", "zero", "same", ">", {"profile": "snntorch"}),
  "spikingjelly": ("euler", "euler", "zero", "same", ">=", {"profile": "spikingjelly"}),
  "sinabs": ("exponential", "euler", "subtract", "same", ">=",
             {"profile": "sinabs", "dt": "1e-4", "current": "resistance", "spikes": "1"}),
  "rockpool": ("exponential", "euler", "subtract", "same", ">=",
               {"profile": "rockpool", "dt": "1e-4", "current": "resistance", "spikes": "1"}),
  "spyx": ("euler", "euler", "subtract", "next", ">",
           {"profile": "spyx", "dt": "1e-4", "current": "resistance"}),
  "lava-float": ("euler", "euler", "zero", "same", ">", {"profile": "lava"}),
  "lava-fixed": ("fixed", "fixed", "zero", "same", ">", {"profile": "lava-fixed"}),
  "nengo": ("exponential", "exact", "zero", "same", ">", {"profile": "nengo", "dt": "1e-4"}),
  "spinnaker2": ("exponential", "exact", "zero", "same", ">", {"profile": "spinnaker2"}),
  "nir": ("euler", "euler", "zero", "same", ">", {"profile": "nir"}),
}


def simulate(rule, inputs, weight=1.0, tau=0.0025, r=1.0, threshold=0.1, dt=1e-4):
  """The timesteps at which one LIF neuron spikes, from 0: the update rule, and nothing else. And
  how near a potential comes to the threshold without being on it, as a share of it."""
  nearest = 1.0
  integration, gain, reset, when, comparison, _ = RULES[rule]
  spikes = []
  if integration == "fixed":
    # Lava's LIF on a CPU in fixed point: decays of 12 bits, potentials shifted by 6.
    decay = int(dt / tau * 4095)
    w, limit = int(weight * dt / tau * 256) << 6, (int(threshold * 131071) >> 9) << 6
    v = 0
    for t, x in enumerate(inputs):
      v = int(math.copysign(abs(v) * (4096 - decay) >> 12, v)) + w * int(x)
      if v > limit:
        spikes.append(t)
        v = 0
    return spikes, nearest
  beta = 1 - dt / tau if integration == "euler" else math.exp(-dt / tau)
  g = r * dt / tau if gain == "euler" else r * (1 - beta)
  v, owed = 0.0, 0.0
  for t, x in enumerate(inputs):
    v = beta * v + g * weight * x - owed
    owed = 0.0
    nearest = min(nearest, abs(v / threshold - 1))
    if v > threshold if comparison == ">" else v >= threshold:
      spikes.append(t)
      if when == "next":
        owed = threshold
      else:
        v = 0.0 if reset == "zero" else v - threshold
  return spikes, nearest


def traces():
  """Stimuli of our own, and what every rule makes of them.

  The engine's leak has 15 bits. A stimulus with which some potential comes within 1/5000 of its
  threshold could spike otherwise for that alone, and the next one is drawn."""
  stimuli = []
  for density in (0.05, 0.1, 0.2, 0.6):
    for seed in range(1000):
      bits = (np.random.default_rng([int(density * 100), seed]).random(1000) < density).astype(int)
      if all(simulate(rule, bits)[1] > 2e-4 for rule in RULES):
        break
    stimuli.append(bits.tolist())
  result = {"stimuli": ["".join(map(str, bits)) for bits in stimuli], "rules": {}}
  for rule, (*_, semantics) in RULES.items():
    result["rules"][rule] = {"semantics": semantics,
                             "spikes": [simulate(rule, bits)[0] for bits in stimuli]}
  with open(os.path.join(FOLDER, "traces.json"), "w") as file:
    json.dump(result, file)
  return result


# ------------------------------------------------------------------------------------------------
# Every switch, one after the other.

DEFAULTS = dict(integration="euler", current="resistance", ifCurrent="r*dt", reset="v_reset",
                resetTime="before-leak", compare="above", start="zero", lowest="none", spikes=1)


def neuron(inputs, switches, dt=1e-4, tau=None, r=1.0, v_leak=0.0, v_threshold=0.1, v_reset=0.0,
           back=0.0, bias=0.0, tau_syn=None, w_in=1.0):
  """The spikes of one neuron at each timestep, in the potentials of the file, and the nearest
  miss."""
  o = {**DEFAULTS, **switches}
  if tau in (None, math.inf):
    tau = None
    share, rest = 0.0, 0.0
    g = {"r*dt": r * dt, "r": r, "whole": 1.0}[o["ifCurrent"]]
  else:
    share, rest = dt / tau if o["integration"] == "euler" else 1 - math.exp(-dt / tau), v_leak
    g = {"resistance": r * dt / tau, "exact": r * share, "unit": share, "whole": 1.0}[o["current"]]
    if tau_syn not in (None, dt) and tau != dt and o["current"] == "unit":
      g *= r  # Of neurons with a current, r is its weight.
  target = {"v_reset": v_reset, "zero": 0.0}.get(o["reset"])
  v = {"zero": 0.0, "v_leak": rest, "v_reset": v_reset}[o["start"]]
  fired, result, nearest, current = 0, [], 1.0, 0.0
  if tau_syn is not None:
    lost = dt / tau_syn if o["integration"] == "euler" else 1 - math.exp(-dt / tau_syn)
    taken = {"resistance": dt / tau_syn, "exact": lost, "unit": lost, "whole": 1.0}[o["current"]]
  for x in inputs:
    v = v + share * (rest - v)
    if o["resetTime"] == "after-leak" and fired:
      v = target if target is not None else v - fired * v_threshold
    x = x + bias + back * fired
    if tau_syn is not None:
      # The current that the membrane reads is that of this timestep.
      current = current - lost * current + taken * w_in * x
      x = current
    v += g * x
    count = 0
    for level in range(1, o["spikes"] + 1):
      limit = level * v_threshold
      # On the threshold itself is no miss where every number is a sum of powers of two.
      if tau is not None or v != limit:
        nearest = min(nearest, abs(v - limit) / v_threshold)
      count += v > limit if o["compare"] == "above" else v >= limit
    fired = count
    if o["resetTime"] == "before-leak" and fired and o["reset"] != "none":
      v = target if target is not None else v - fired * v_threshold
    if o["lowest"] == "-threshold" and tau is None:
      v = max(v, -v_threshold)
    result.append(int(fired))
  return result, nearest


def cases():
  """Graphs of one neuron with two inputs, a switch or a parameter at a time."""
  lif, made = dict(tau=0.002), []
  two = dict(tau=0.001, tau_syn=5e-4, w_in=2.0, v_threshold=0.14)
  options = [
    ({}, lif), ({"reset": "zero"}, dict(lif, v_reset=0.02)), ({}, dict(lif, v_reset=0.02)),
    ({}, dict(lif, v_reset=-0.03)), ({"reset": "none"}, lif), ({"reset": "subtract"}, lif),
    ({"reset": "subtract", "resetTime": "after-leak"}, lif),
    ({"reset": "zero", "resetTime": "after-leak"}, lif),
    ({"compare": "reached"}, lif), ({"integration": "exponential"}, lif),
    ({"integration": "exponential", "current": "exact"}, lif),
    ({"current": "unit"}, dict(lif, r=3.0, v_threshold=0.08)),
    ({"current": "whole"}, dict(lif, v_threshold=1.7)),
    ({}, dict(lif, v_leak=0.04)), ({"start": "v_leak"}, dict(lif, v_leak=0.04)),
    ({"start": "v_reset"}, dict(lif, v_leak=0.04, v_reset=-0.05)),
    ({"start": "v_leak"}, dict(lif, v_leak=-0.06, v_reset=0.01)),
    ({"reset": "subtract"}, dict(lif, v_leak=0.03)),
    ({"reset": "subtract", "resetTime": "after-leak"}, dict(lif, v_leak=0.03)),
    ({"reset": "subtract", "start": "v_leak"}, dict(lif, v_leak=-0.03, r=0.5, v_threshold=0.05)),
    ({"reset": "subtract", "spikes": 3}, dict(lif, v_threshold=0.03)),
    ({"reset": "subtract", "spikes": 3, "resetTime": "after-leak", "compare": "reached"},
     dict(lif, v_threshold=0.03)),
    ({"reset": "subtract"}, dict(lif, back=0.6)), ({"reset": "subtract"}, dict(lif, back=-0.4)),
    ({"reset": "subtract", "resetTime": "after-leak"}, dict(lif, back=0.5)),
    ({}, dict(lif, back=0.7)), ({}, dict(lif, back=-0.9)), ({"reset": "zero"}, dict(lif, back=1.2)),
    ({"reset": "subtract"}, dict(lif, bias=0.3)), ({}, dict(lif, bias=0.3, v_leak=0.02)),
    ({}, dict(tau=1e-4, tau_syn=0.003, w_in=3.0, v_threshold=0.8)),
    ({"reset": "subtract", "compare": "reached"},
     dict(tau=1e-4, tau_syn=0.002, w_in=2.0, r=1.5, v_leak=0.02, v_threshold=0.85)),
    ({"start": "v_reset"},
     dict(tau=1e-4, tau_syn=0.001, r=4.0, v_leak=-0.1, v_reset=0.3, v_threshold=1.0)),
    ({}, dict(tau=0.002, tau_syn=1e-4, w_in=1.5)),
    # A current and a potential that both last.
    ({}, two), ({"reset": "subtract"}, two), ({"reset": "none", "compare": "reached"}, two),
    ({"reset": "subtract", "resetTime": "after-leak"}, dict(two, r=2.0, v_threshold=0.3)),
    ({"integration": "exponential", "current": "exact"}, two),
    ({"current": "unit"}, dict(two, r=1.5, v_threshold=0.2)),
    ({"current": "whole", "reset": "subtract"}, dict(two, v_threshold=7.0)),
    ({"reset": "zero"}, dict(two, bias=0.2, v_threshold=0.4)),
    ({}, dict(two, v_leak=0.03, v_reset=-0.02)),
    ({"start": "v_reset"}, dict(two, v_leak=-0.02, v_reset=0.04)),
    ({"reset": "subtract", "spikes": 3}, dict(two, v_threshold=0.06)),
    ({"ifCurrent": "r", "reset": "subtract"},
     dict(tau=math.inf, tau_syn=6e-4, w_in=2.0, r=0.3, v_threshold=0.5)),
    # Spikes that come back a timestep later: into the current, and where no reset can hold them.
    ({}, dict(two, back=1.5)), ({"reset": "subtract"}, dict(two, back=-2.0)),
    ({"reset": "zero"}, dict(two, back=0.8, bias=0.1)),
    ({"reset": "subtract"}, dict(lif, back=4.0)), ({"reset": "none"}, dict(lif, back=-1.5)),
    ({"ifCurrent": "whole", "reset": "subtract"}, dict(v_threshold=2.6, back=3.1)),
    ({"ifCurrent": "r"}, dict(v_threshold=3.3)),
    ({}, dict(r=1e4, v_threshold=3.3, v_reset=0.7)),
    ({"ifCurrent": "whole", "reset": "subtract"}, dict(v_threshold=2.6, r=7.0)),
    ({"ifCurrent": "whole", "reset": "subtract", "lowest": "-threshold"}, dict(v_threshold=2.6)),
    ({"ifCurrent": "whole", "reset": "v_reset", "lowest": "-threshold"},
     dict(v_threshold=2.6, v_reset=0.5)),
    ({"ifCurrent": "whole", "reset": "subtract", "lowest": "-threshold", "spikes": 4,
      "compare": "reached"}, dict(v_threshold=0.47)),
    ({"ifCurrent": "whole", "reset": "subtract"}, dict(v_threshold=2.6, back=1.1)),
    ({"ifCurrent": "whole"}, dict(v_threshold=2.6, back=-0.8)),
    ({"ifCurrent": "whole", "reset": "subtract"}, dict(v_threshold=2.5)),
    ({"ifCurrent": "whole", "reset": "subtract", "compare": "reached"}, dict(v_threshold=2.5)),
    ({"ifCurrent": "whole", "compare": "reached"}, dict(v_threshold=2.5, v_reset=0.25)),
    ({"ifCurrent": "whole", "start": "v_reset"}, dict(v_threshold=2.6, v_reset=-1.2)),
  ]
  for switches, parameters in options:
    node = {"type": "LIF" if "tau" in parameters else "IF", "r": [parameters.get("r", 1.0)],
            "v_threshold": [parameters.get("v_threshold", 0.1)],
            "v_reset": [parameters.get("v_reset", 0.0)]}
    if "tau" in parameters:
      node.update(tau=[parameters["tau"]], v_leak=[parameters.get("v_leak", 0.0)])
    if "tau_syn" in parameters:
      node.update(type="CubaLIF", tau_mem=node.pop("tau"), tau_syn=[parameters["tau_syn"]],
                  w_in=[parameters.get("w_in", 1.0)])
      if node["tau_mem"] == [math.inf]:
        node["tau_mem"] = ["inf"]
    nodes = {"input": {"type": "Input", "shape": [2]},
             "fc": {"type": "Affine", "weight": [[1.0, -0.5]],
                    "bias": [parameters.get("bias", 0.0)]},
             "n": node, "output": {"type": "Output", "shape": [1]}}
    edges = [["input", "fc"], ["fc", "n"], ["n", "output"]]
    if "back" in parameters:
      nodes["back"] = {"type": "Linear", "weight": [[parameters["back"]]]}
      edges += [["n", "back"], ["back", "n"]]
    for seed in range(1000):
      up, down = (np.random.default_rng([seed, k]).random(300) < p
                  for k, p in enumerate((0.4, 0.25)))
      spikes, nearest = neuron(up * 1.0 - 0.5 * down, switches, **parameters)
      if nearest > 5e-4 and sum(spikes) > 5:
        break
    else:
      raise SystemExit(f"no stimulus for {switches} {parameters}")
    made.append({"semantics": {key: str(value) for key, value in switches.items()},
                 "graph": {"type": "NIRGraph", "nodes": nodes, "edges": edges},
                 "up": "".join(map(str, up.astype(int))),
                 "down": "".join(map(str, down.astype(int))),
                 "spikes": "".join(map(str, spikes))})
  with open(os.path.join(FOLDER, "cases.json"), "w") as file:
    json.dump(made, file)
