"""Integrate-and-fire neurons and max pools of spikes, and what checks them.

The neurons' potentials are in units of the threshold: a current divided by λ, threshold 1.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import metadata
from typing import Protocol

import torch
from torch import Tensor

from spikelet_tools.training.onnx_graph import Window


class Neurons(Protocol):
    """Neurons of one layer, for one batch."""

    def __call__(self, current: Tensor) -> Tensor:
        """One timestep: the spikes, 0 or 1, in the type of `current`."""


MakeNeurons = Callable[[str, float], Neurons]
"""Makes neurons from a reset ("soft" or "hard") and the potential they start at."""


class PlainNeurons:
    """U += current; spike where U ≥ 1; then U −= 1 (soft) or U = 0 (hard)."""

    def __init__(self, reset: str, initial: float) -> None:
        self._hard = _is_hard(reset)
        self._initial = initial
        self._potential: Tensor | None = None

    def __call__(self, current: Tensor) -> Tensor:
        before = self._initial if self._potential is None else self._potential
        potential = before + current
        fires = potential >= 1
        after = torch.zeros_like(potential) if self._hard else potential - 1
        self._potential = torch.where(fires, after, potential)
        return fires.to(current.dtype)


class SpikingJellyNeurons:
    """SpikingJelly's IFNode: v_reset None is the soft reset, 0 the hard one."""

    def __init__(self, reset: str, initial: float) -> None:
        # Imported here, so that plain torch can do without it; its remark on Triton is no news.
        logging.getLogger("torch._library.triton").setLevel(logging.ERROR)
        from spikingjelly.activation_based.neuron import IFNode

        self._node = IFNode(v_threshold=1.0, v_reset=0.0 if _is_hard(reset) else None)
        self._initial = initial
        self._started = False

    def __call__(self, current: Tensor) -> Tensor:
        if not self._started:
            self._node.v = torch.full_like(current, self._initial)
            self._started = True
        return self._node(current)


def _is_hard(reset: str) -> bool:
    if reset not in ("soft", "hard"):
        raise ValueError(f"a reset of the kind {reset!r} is not simulated")
    return reset == "hard"


IMPLEMENTATIONS: dict[str, MakeNeurons] = {
    "spikingjelly": SpikingJellyNeurons,
    "torch": PlainNeurons,
}
DESCRIPTIONS = {
    "spikingjelly": "SpikingJelly IFNode(v_threshold=1.0), currents divided by lambda",
    "torch": "plain torch, currents divided by lambda",
}


def library_versions(implementation: str) -> dict[str, str]:
    """The versions of what the neurons come from, beside torch."""
    return {} if implementation == "torch" else {implementation: metadata.version(implementation)}


class SpikePool:
    """Max pooling of one layer's spikes, for one batch.

    "countMaximum": a window fires when the largest spike count among its inputs rises.
    "gated": it passes the spike of the input with the largest count, this step's spike
    included, the first of equals in row-major order.
    """

    def __init__(self, rule: str, window: Window) -> None:
        if rule not in ("countMaximum", "gated"):
            raise ValueError(f"the max pooling rule {rule!r} is not simulated")
        self._gated = rule == "gated"
        self._window = window
        self._counts: Tensor | None = None
        self._largest: Tensor | None = None

    def __call__(self, spikes: Tensor) -> Tensor:
        """One timestep: the pooled spikes."""
        self._counts = spikes if self._counts is None else self._counts + spikes
        if self._gated:
            first = self._window.patches(self._counts, -1).argmax(-1, keepdim=True)
            return self._window.patches(spikes, 0).gather(-1, first).squeeze(-1)
        largest = self._window.maxima(self._counts, -1)
        before = torch.zeros_like(largest) if self._largest is None else self._largest
        self._largest = largest
        return largest - before


def check_neurons(implementation: str, timesteps: int = 64) -> dict[str, int]:
    """Asserts that an implementation fires as the plain one; counts the spikes compared.

    Two kinds of currents: normal ones, and multiples of 1/8, with which potentials meet the
    threshold exactly, again and again.
    """
    generator = torch.Generator().manual_seed(1)
    normal = torch.randn(timesteps, 4, 3, 5, 7, generator=generator, dtype=torch.float64)
    kinds = {"normal": normal * 0.7 + 0.2, "eighths": (normal * 4).round() / 8}
    spikes: dict[str, int] = {}
    for reset in ("soft", "hard"):
        for kind, currents in kinds.items():
            expected = _run(PlainNeurons(reset, 0.5), currents)
            found = _run(IMPLEMENTATIONS[implementation](reset, 0.5), currents)
            by_hand = _loop(reset, currents)
            if not torch.equal(expected, found) or not torch.equal(expected, by_hand):
                raise AssertionError(f"{implementation} differs: {reset} reset, {kind} currents")
            spikes[f"{reset} reset, {kind} currents"] = int(expected.sum())
    return spikes


def _run(step: Callable[[Tensor], Tensor], sequence: Tensor) -> Tensor:
    return torch.stack([step(x) for x in sequence])


def _loop(reset: str, currents: Tensor) -> Tensor:
    """The same neurons in plain Python, one number at a time."""
    columns = []
    for column in currents.flatten(1).T.tolist():
        potential, spikes = 0.5, []
        for current in column:
            potential += current
            spikes.append(1.0 if potential >= 1 else 0.0)
            if potential >= 1:
                potential = potential - 1 if reset == "soft" else 0.0
        columns.append(spikes)
    return torch.tensor(columns, dtype=currents.dtype).T.reshape(currents.shape)


def check_pools(timesteps: int = 24) -> int:
    """Asserts that both rules pool as their definitions say; counts the windows compared."""
    generator = torch.Generator().manual_seed(2)
    spikes = (torch.rand(timesteps, 2, 3, 5, 5, generator=generator) < 0.4).double()
    compared = 0
    for window in (Window((2, 2), (2, 2), (0, 0, 0, 0)), Window((3, 2), (2, 1), (1, 1, 1, 0))):
        for rule in ("countMaximum", "gated"):
            found = _run(SpikePool(rule, window), spikes)
            if not torch.equal(found, _pool_by_definition(rule, window, spikes)):
                raise AssertionError(f"max pooling of the kind {rule} differs")
            compared += found.numel()
    return compared


def _pool_by_definition(rule: str, window: Window, spikes: Tensor) -> Tensor:
    counts = window.patches(spikes.flatten(0, 1), -1).unflatten(0, spikes.shape[:2])
    inside = counts[0] >= 0
    result = torch.zeros(counts.shape[:-1], dtype=spikes.dtype)
    for place in torch.cartesian_prod(*(torch.arange(n) for n in inside.shape[:-1])).tolist():
        image, channel, y, x = place
        series = counts[:, image, channel, y, x][:, inside[image, channel, y, x]].tolist()
        result[:, image, channel, y, x] = torch.tensor(_pool_one(rule, series))
    return result


def _pool_one(rule: str, series: list[list[float]]) -> list[float]:
    totals, fired = [0.0] * len(series[0]), []
    for spikes in series:
        before = max(totals)
        totals = [total + spike for total, spike in zip(totals, spikes)]
        gate = totals.index(max(totals))
        fired.append(spikes[gate] if rule == "gated" else max(totals) - before)
    return fired
