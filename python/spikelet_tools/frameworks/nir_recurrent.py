"""Reads a recurrent network of NIR with frameworks and with Spikelet, and compares their spikes.

The network has the layers of the Braille letters in NIR's paper: 12 inputs, 38 neurons with a
synaptic current and weights from each to each, 7 more of them, with random weights. Each framework
that is installed makes its neurons of the graph's nodes with its own reader, and the equations in
double precision stand beside them. The engine runs the same graph in whole numbers, read with the
framework's profile. Fails where a spike of any neuron differs at any timestep.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass, field

from spikelet_tools.frameworks.nir_engine import traced
from spikelet_tools.frameworks.nir_readers import DT, quiet
from spikelet_tools.processes import stop

INPUTS, HIDDEN, OUTPUTS, TIMESTEPS, STIMULI = 12, 38, 7, 100, 4
TAU_SYN, TAU_MEM = 3e-4, 1e-3
NEAR = 2e-3
"""How near a potential of a stimulus may come to its threshold, as a share of it."""


@functools.cache
def graph():
    """The network, its input a row of sensors."""
    import nir
    import numpy as np

    random = np.random.default_rng(0)

    def affine(outputs: int, inputs: int, scale: float):
        return nir.Affine(weight=(random.normal(size=(outputs, inputs)) * scale).astype(np.float32),
                          bias=(random.normal(size=outputs) * 0.03).astype(np.float32))

    def neurons(count: int):
        one = np.ones(count)
        return nir.CubaLIF(tau_syn=TAU_SYN * one, tau_mem=TAU_MEM * one, r=TAU_MEM / DT * one,
                           v_leak=0 * one, v_threshold=one, v_reset=0 * one,
                           w_in=TAU_SYN / DT * one)

    shape = np.array([1, INPUTS, 1])
    return nir.NIRGraph(
        nodes={"input": nir.Input(input_type={"input": shape}),
               "flat": nir.Flatten(input_type={"input": shape}, start_dim=0, end_dim=-1),
               "fc1": affine(HIDDEN, INPUTS, 0.35), "lif1": neurons(HIDDEN),
               "rec": affine(HIDDEN, HIDDEN, 0.12), "fc2": affine(OUTPUTS, HIDDEN, 0.2),
               "lif2": neurons(OUTPUTS),
               "output": nir.Output(output_type={"output": np.array([OUTPUTS])})},
        edges=[("input", "flat"), ("flat", "fc1"), ("fc1", "lif1"), ("lif1", "rec"),
               ("rec", "lif1"), ("lif1", "fc2"), ("fc2", "lif2"), ("lif2", "output")],
        type_check=False)


Step = Callable[[object, object], object]
"""Spikes of a layer from what it takes in, a state kept inside."""


class Equations:
    """A layer after the equations, in double precision."""

    def __init__(self, node, rule: str):
        import numpy as np

        self.alpha, self.beta = 1 - DT / node.tau_syn, 1 - DT / node.tau_mem
        self.gain = node.w_in * DT / node.tau_syn, node.r * DT / node.tau_mem
        self.threshold, self.rule, self.nearest = node.v_threshold, rule, 1.0
        self.current = self.potential = self.owed = np.zeros(len(node.r))

    def __call__(self, x):
        import numpy as np

        self.current = self.alpha * self.current + self.gain[0] * x
        self.potential = self.beta * self.potential + self.gain[1] * self.current - self.owed
        self.nearest = min(self.nearest, float(np.min(abs(self.potential / self.threshold - 1))))
        reached = self.potential >= self.threshold
        fired = (reached if self.rule == "reached" else self.potential > self.threshold) * 1.0
        if self.rule == "subtract-later":
            self.owed = fired * self.threshold
        else:
            self.potential = self.potential * (1 - fired)
        return fired


def equations_of(rule: str):
    """Layers of the equations with a reset and a comparison."""
    return lambda node: Equations(node, rule)


def steps_of(module, state: list) -> Step:
    """A framework's module that takes its state, and returns it behind the spikes."""
    import torch

    def step(x):
        spikes, *state[:] = module(torch.tensor(x).float().reshape(1, -1), *state)
        return spikes.reshape(-1).numpy()
    return step


def snntorch_layer(node):
    """What snnTorch's reader makes of a node; it is told to keep no state itself."""
    import torch
    from snntorch import import_nir

    with quiet():
        module = import_nir._nir_to_snntorch_module(node, init_hidden=False)
    return steps_of(module, [torch.zeros(1, len(node.r)), torch.zeros(1, len(node.r))])


def snntorch_subtract_layer(node):
    """snnTorch's neuron as it is made by hand: the threshold is subtracted one timestep later."""
    import snntorch
    import torch

    module = snntorch.Synaptic(
        alpha=float(1 - DT / node.tau_syn[0]), beta=float(1 - DT / node.tau_mem[0]),
        threshold=float(node.v_threshold[0]), reset_mechanism="subtract")
    return steps_of(module, [torch.zeros(1, len(node.r)), torch.zeros(1, len(node.r))])


def norse_layer(node):
    """What Norse's reader makes of a node."""
    from norse.torch.utils import import_nir

    return steps_of(import_nir._import_norse_module(node, dt=DT), [None])


def spikingjelly_layer(node):
    """What SpikingJelly's reader makes of a node."""
    from spikingjelly.activation_based.nir_exchange import from_nir

    return steps_of(from_nir._NodeMapper(dt=DT).map_cuba_lif(node), [None])


@dataclass(frozen=True)
class Framework:
    """How a framework's neurons are made, and which profile answers for it."""

    package: str
    profile: str
    layer: Callable[[object], Step]
    rule: str = "above"
    """Of the equations."""
    switches: dict[str, object] = field(default_factory=dict)


FRAMEWORKS = {
    "equations": Framework("numpy", "nir", equations_of("above")),
    "snntorch": Framework("snntorch", "snntorch", snntorch_layer),
    "snntorch-subtract": Framework(
        "snntorch", "snntorch", snntorch_subtract_layer, "subtract-later",
        {"reset": "subtract", "resetTime": "after-leak"}),
    "norse": Framework("norse", "norse", norse_layer, switches={"dt": DT}),
    "spikingjelly": Framework("spikingjelly", "spikingjelly", spikingjelly_layer, "reached"),
}


def run_network(network, layer: Callable[[object], Step], stimulus):
    """Spikes of both layers, a row a timestep; and the layers. What leads back arrives one timestep
    later, as executors of these graphs have it."""
    import numpy as np

    nodes = network.nodes
    first, second = layer(nodes["lif1"]), layer(nodes["lif2"])

    def weighted(name: str, x):
        return nodes[name].weight.astype(np.float64) @ x + nodes[name].bias
    hidden, rows = np.zeros(HIDDEN), []
    for x in stimulus:
        hidden = first(weighted("fc1", x) + weighted("rec", hidden))
        rows.append(np.concatenate([hidden, second(weighted("fc2", hidden))]))
    return np.array(rows).round().astype(int), (first, second)


@functools.cache
def stimuli_of(rule: str) -> list:
    """Random spikes with which no potential of the equations comes near its threshold."""
    import numpy as np

    found = []
    for seed in range(20_000):
        stimulus = (np.random.default_rng(seed).random((TIMESTEPS, INPUTS)) < 0.15) * 1.0
        _, layers = run_network(graph(), equations_of(rule), stimulus)
        if min(layer.nearest for layer in layers) > NEAR:
            found.append(stimulus)
            if len(found) == STIMULI:
                return found
    stop("no stimulus keeps its distance from the thresholds")


def engine(network, stimuli: list, framework: Framework) -> list:
    """The spikes that the engine makes of the same graph, of all layers that fire."""
    import numpy as np

    found = traced(network, [np.argwhere(stimulus).tolist() for stimulus in stimuli], TIMESTEPS,
                   INPUTS, {"profile": framework.profile, **framework.switches})
    return [np.array([[spike for layer in layers for spike in layer] for layers in rows])
            for rows in found]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which frameworks."""
    parser.add_argument("names", nargs="*", metavar="FRAMEWORK",
                        help=f"{', '.join(FRAMEWORKS)}; all that are installed without one")


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Only frameworks that there are."""
    for name in options.names:
        if name not in FRAMEWORKS:
            parser.error(f"there is no framework {name}; known are {', '.join(FRAMEWORKS)}")


def run(options: argparse.Namespace) -> None:
    """One framework after the other."""
    import numpy as np
    import torch

    network, missing, different = graph(), [], []
    print(f"{INPUTS} inputs, {HIDDEN} recurrent neurons, {OUTPUTS} neurons, {STIMULI} stimuli of "
          f"{TIMESTEPS} timesteps")
    print(f"{'neurons':<24} {'spikes':>6}  as the engine with its profile")
    for name in options.names or FRAMEWORKS:
        framework = FRAMEWORKS[name]
        try:
            version = importlib.metadata.version(framework.package)
        except importlib.metadata.PackageNotFoundError:
            missing.append(framework.package)
            continue
        stimuli = stimuli_of(framework.rule)
        with torch.no_grad():
            theirs = [run_network(network, framework.layer, one)[0] for one in stimuli]
        verdict = "equal"
        for number, (given, own) in enumerate(zip(theirs, engine(network, stimuli, framework))):
            places = np.argwhere(given != own)
            if len(places):
                t, neuron = places[0]
                verdict = (f"stimulus {number}, timestep {t}, neuron {neuron}: {given[t, neuron]} "
                           f"spikes, the engine {own[t, neuron]}; {len(places)} differ")
                different.append(f"{name}: {verdict}")
                break
        notes = [f"{key} {value}" for key, value in framework.switches.items()]
        print(f"{name + ' ' + version:<24} {sum(map(np.sum, theirs)):>6}  "
              f"{verdict}{' (' + ', '.join(notes) + ')' if notes else ''}", flush=True)
    if missing:
        print(f"not installed: {', '.join(sorted(set(missing)))}")
        if options.names:
            stop("python3 -m pip install nir torch " + " ".join(sorted(set(missing))), 2)
    if different:
        stop("\n".join(different))
