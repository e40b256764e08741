"""One neuron of a graph of NIR, run by the readers of the frameworks themselves.

Every reader takes the graph through its own `from_nir` and gives the spikes of each timestep. What
a reader needs to be told beside the file (the length of a timestep, the unit of time constants) it
gets as the documentation of the framework says.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

TAU, THRESHOLD, DT = 0.0025, 0.1, 1e-4
"""The neuron of NIR's paper: seconds, and a threshold for weights of 1."""
IF_THRESHOLD = 1.625

Spikes = list[list[int]]
"""For each stimulus the number of spikes at every timestep."""


@dataclass(frozen=True)
class Reader:
    """How a framework is asked, and which profile answers for it."""

    package: str
    profile: str
    run: Callable[[object, Sequence[str]], Spikes]
    kinds: tuple[str, ...] = ("LIF", "IF")
    tau: float = TAU
    """Of a LIF node, in the unit that the framework writes."""
    resistance: float = 1.0
    """Of an IF node."""
    threshold: float = THRESHOLD
    """Of a LIF node; that of an IF node is IF_THRESHOLD."""
    switches: dict[str, object] = field(default_factory=dict)
    """What the profile is told beside its name."""
    lag: int = 0
    """Timesteps from a spike to its output."""
    read_as: dict[str, str] = field(default_factory=dict)
    """What a reader makes of a node, where that is another node than the file's."""
    read_with: dict[str, object] = field(default_factory=dict)
    """The switches of such a node."""

    def told(self, kind: str) -> dict[str, object]:
        """The switches of a node beside the profile's."""
        return self.switches | (self.read_with if kind in self.read_as else {})


def graph(kind: str, reader: Reader):
    """The graph of one neuron behind a weight of 1: LIF, IF, or an IF with snnTorch's leak."""
    import nir
    import numpy as np

    one = np.ones(1)
    if kind == "LIF":
        neuron = nir.LIF(tau=one * reader.tau, r=one, v_leak=one * 0,
                         v_threshold=one * reader.threshold)
    elif kind == "leaking IF":
        neuron = nir.LIF(tau=one * 10 * DT, r=one * 10, v_leak=one * 0,
                         v_threshold=one * IF_THRESHOLD)
    else:
        neuron = nir.IF(r=one * reader.resistance, v_threshold=one * IF_THRESHOLD)
    nodes = {
        "input": nir.Input(input_type={"input": np.array([1])}),
        "fc": nir.Affine(weight=np.ones((1, 1), np.float32), bias=np.zeros(1, np.float32)),
        "neuron": neuron, "output": nir.Output(output_type={"output": np.array([1])})}
    names = list(nodes)
    return nir.NIRGraph(nodes=nodes, edges=list(zip(names, names[1:])))


@contextlib.contextmanager
def quiet():
    """What importers print and warn of is not ours to say."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def stepped(network, stimuli: Sequence[str]) -> Spikes:
    """A PyTorch module that takes one timestep and its state, and gives spikes and state."""
    import torch

    found = []
    for stimulus in stimuli:
        state, counts = None, []
        for bit in stimulus:
            x = torch.tensor([[float(bit)]])
            with torch.no_grad():
                given = network(x, state) if state is not None else network(x)
            spikes, state = given if isinstance(given, tuple) else (given, None)
            # snnTorch gives its potential beside the spikes.
            spikes = spikes[0] if isinstance(spikes, tuple) else spikes
            counts.append(int(round(float(spikes.reshape(-1)[0]))))
        found.append(counts)
    return found


def run_snntorch(graph, stimuli):
    """snnTorch: a timestep of 1e-4 is fixed in its reader."""
    from snntorch import import_nir

    with quiet():
        return stepped(import_nir.import_from_nir(graph), stimuli)


def run_norse(graph, stimuli):
    """Norse, told the timestep; it is 1e-3 without."""
    import norse.torch

    with quiet():
        return stepped(norse.torch.from_nir(graph, dt=DT), stimuli)


def run_spikingjelly(graph, stimuli):
    """SpikingJelly, told the timestep; its default is the same."""
    import nirtorch
    from spikingjelly.activation_based.nir_exchange import from_nir

    with quiet():
        try:
            network = from_nir.import_from_nir(graph, dt=DT)
        except TypeError:
            # Releases of nirtorch up to 2.0.2 do not know all arguments that it passes.
            network = nirtorch.nir_to_torch(graph, from_nir._NodeMapper(dt=DT).map_dict)
        return stepped(network, stimuli)


def run_sinabs(graph, stimuli):
    """sinabs: time constants are timesteps; a whole stimulus at once."""
    import sinabs.nir
    import torch

    found = []
    for stimulus in stimuli:
        with quiet(), torch.no_grad():
            network = sinabs.nir.from_nir(graph, batch_size=1)
            spikes = network(torch.tensor([[float(bit)] for bit in stimulus]))
        spikes = spikes[0] if isinstance(spikes, tuple) else spikes
        found.append([int(round(value)) for value in spikes.reshape(-1).tolist()])
    return found


def run_rockpool(graph, stimuli):
    """Rockpool: its reader looks for a `tau_mem` that a LIF node does not have, so that its layers
    are made here with the node's numbers."""
    # On import it looks for a package of a chip's with pip.
    os.environ.update(PIP_NO_INDEX="1", PIP_QUIET="3")
    import torch
    from rockpool.nn.modules import LIFNeuronTorch

    node = graph.nodes["neuron"]
    found = []
    for stimulus in stimuli:
        with quiet(), torch.no_grad():
            neuron = LIFNeuronTorch(
                shape=(1,), tau_mem=torch.tensor(node.tau).float(),
                threshold=torch.tensor(node.v_threshold).float(), bias=torch.zeros(1), dt=DT)
            spikes, _, _ = neuron(torch.tensor([[[float(bit)] for bit in stimulus]]))
        found.append([int(round(value)) for value in spikes.reshape(-1).tolist()])
    return found


def run_spyx(graph, stimuli):
    """Spyx: a timestep is told; a whole stimulus at once."""
    import jax.numpy
    import spyx.nir

    found = []
    for stimulus in stimuli:
        data = jax.numpy.array([float(bit) for bit in stimulus]).reshape(-1, 1, 1)
        with quiet():
            _, spikes = spyx.nir.from_nir(graph, data, dt=DT)
        found.append([int(round(float(value))) for value in spikes.reshape(-1)])
    return found


def run_nengo(graph, stimuli):
    """Nengo has no reader of its own; a LIF node is its LIF, whose threshold is 1, with the gain
    1/threshold, as NIR's paper has it."""
    import nengo
    import numpy as np

    node = graph.nodes["neuron"]
    rest = {"voltage": nengo.dists.Choice([0])}
    kind = nengo.LIF(tau_rc=float(node.tau[0]), tau_ref=0, initial_state=rest)
    found = []
    for stimulus in stimuli:
        state = kind.make_state(1, np.random.RandomState(0), dtype=np.float64)
        output, counts = np.zeros(1), []
        for bit in stimulus:
            current = np.array([float(bit)]) * node.r / node.v_threshold
            kind.step(DT, current, output, **state)
            counts.append(int(output[0] > 0))
        found.append(counts)
    return found


READERS = {
    # Its reader makes an IF node a Leaky of beta 0.9, a leak that no file has.
    "snntorch": Reader("snntorch", "snntorch", run_snntorch, read_as={"IF": "leaking IF"},
                       read_with={"reset": "subtract"}),
    "spikingjelly": Reader("spikingjelly", "spikingjelly", run_spikingjelly, resistance=1 / DT),
    "norse": Reader("norse", "norse", run_norse, switches={"dt": DT}),
    "sinabs": Reader("sinabs", "sinabs", run_sinabs, tau=TAU / DT, threshold=THRESHOLD * TAU / DT),
    "rockpool": Reader("rockpool", "rockpool", run_rockpool, kinds=("LIF",),
                       threshold=THRESHOLD * TAU / DT, switches={"dt": DT}),
    "spyx": Reader("spyx", "spyx", run_spyx, kinds=("LIF",),
                   threshold=THRESHOLD * TAU / DT, switches={"dt": DT}, lag=1),
    "nengo": Reader("nengo", "nengo", run_nengo, kinds=("LIF",), switches={"dt": DT}),
}
