"""What layers of snnTorch, SpikingJelly, Norse and sinabs mean, and what is refused.

The mapping is judged by small stand-ins with the names and the members of the real classes, so
that it is tested without the frameworks; where one is installed, the network of its example must
give the spikes of the framework.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
import sys
import tempfile
import types
import unittest
import unittest.mock
from pathlib import Path

from spikelet_tools import __main__ as main

NEEDED = ("torch", "onnx", "onnxruntime", "numpy", "ml_dtypes")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]

if MISSING:
    print(f"test_frameworks: {', '.join(MISSING)} missing, so the mapping is not tested: "
          "python3 -m pip install -e 'python[training]'", file=sys.stderr)
else:
    import onnx
    import torch
    from torch import nn

    from spikelet_tools.frameworks import norse, sinabs, snntorch, spikingjelly
    from spikelet_tools.frameworks.rules import MappingError, leak_multiplier
    from spikelet_tools.frameworks.simulation import simulate

    class SpikingNeuron(nn.Module):
        """snnTorch's base."""

    class Leaky(SpikingNeuron):
        """snnTorch's neuron, as far as it maps."""

        def __init__(self, beta=0.5, threshold=1.0, reset="subtract", **members):
            super().__init__()
            self.beta, self.threshold = torch.tensor(beta), torch.tensor(threshold)
            self.reset_mechanism, self.reset_delay, self.state_quant = reset, True, False
            self.inhibition, self.graded_spikes_factor = False, torch.tensor(1.0)
            for name, value in members.items():
                setattr(self, name, value)

        def forward(self, current, mem):
            fired = (mem > self.threshold).float()
            if self.reset_mechanism == "zero":
                mem = (1 - fired) * mem
                fired = 0 * fired
            if self.reset_mechanism == "none":
                fired = 0 * fired
            mem = self.beta * mem + current - fired * self.threshold
            return (mem > self.threshold).float(), mem

    class Synaptic(Leaky):
        """A neuron with a second state."""

    class Loop(nn.Module):
        """A class with a loop over four timesteps, as snnTorch's users write it."""

        def __init__(self, pool=None, **options):
            super().__init__()
            self.conv, self.fire = nn.Conv2d(1, 3, 3), Leaky(**options)
            self.pool, self.dense = pool or nn.AvgPool2d(2), nn.Linear(27, 4)
            self.last = Leaky(0.75, 0.5, **{k: v for k, v in options.items() if k == "reset"})
            with torch.no_grad():
                for parameter in self.parameters():
                    parameter.copy_((parameter * 32).round() / 16)

        def forward(self, x):
            a = b = torch.zeros(())
            spikes, potentials = [], []
            for _ in range(4):
                s, a = self.fire(self.conv(x), a)
                s, b = self.last(self.dense(torch.flatten(self.pool(s), 1)), b)
                spikes.append(s)
                potentials.append(b)
            return torch.stack(spikes), torch.stack(potentials)

    def node(kind, base, **members):
        """A stand-in for a layer of another framework."""
        made = type(kind, (type(base, (nn.Module,), {}),), {"forward": lambda self, x: x})()
        for name, value in members.items():
            object.__setattr__(made, name, value)
        return made


class CommandTests(unittest.TestCase):
    def test_unknown_frameworks_and_numbers_are_refused(self):
        for arguments, words in (
            (["nengo"], "there is no framework nengo"),
            (["norse", "--epochs", "0"], "--epochs is 0, needed 1 or more"),
        ):
            error = io.StringIO()
            with unittest.mock.patch.object(sys, "argv", ["tool", "frameworks-check", *arguments]):
                with contextlib.redirect_stderr(error), self.assertRaises(SystemExit):
                    main.main()
            self.assertIn(words, error.getvalue())


@unittest.skipIf(MISSING, f"{', '.join(MISSING)} missing: pip install -e 'python[training]'")
class MappingTests(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "network.onnx"
        self.pictures = (torch.rand(16, 1, 8, 8) * 8).round() / 8

    def rules(self) -> list[dict]:
        """The entries of the neurons of the file."""
        return [json.loads(entry.value) for entry in onnx.load(self.path).metadata_props
                if entry.key.startswith("spikelet.neurons.")]

    def problems(self, call) -> str:
        with self.assertRaises(MappingError) as caught:
            call()
        self.assertFalse(self.path.exists())
        return str(caught.exception)

    def test_every_reset_gives_the_spikes_of_a_loop(self):
        words = {"subtract": "subtract-after-leak", "zero": "zero", "none": "none"}
        for reset, word in words.items():
            network = Loop(reset=reset)
            snntorch.export(network, self.pictures[:1], self.path, 4)
            self.assertEqual({rule["reset"] for rule in self.rules()}, {word})
            wanted = network(self.pictures)[0].sum(0)
            self.assertTrue(bool((simulate(self.path, self.pictures).scores == wanted).all()))
            self.assertGreater(int(wanted.sum()), 0)

    def test_the_potential_at_the_end_may_be_the_score(self):
        network = Loop(reset="none")
        snntorch.export(network, self.pictures[:1], self.path, 4, scores="membrane")
        wanted = network(self.pictures)[1][-1]
        self.assertTrue(torch.allclose(simulate(self.path, self.pictures).scores, wanted.double()))
        network = Loop()
        text = self.problems_of_snntorch(network, scores="membrane")
        self.assertIn("is read by its potential, but resets (subtract)", text)
        with self.assertRaises(ValueError):
            snntorch.export(network, self.pictures[:1], self.path, 4, scores="mem")

    def problems_of_snntorch(self, network, **options) -> str:
        self.path.unlink(missing_ok=True)
        return self.problems(
            lambda: snntorch.export(network, self.pictures[:1], self.path, 4, **options))

    def test_what_does_not_map_is_named_all_at_once(self):
        network = Loop(graded_spikes_factor=torch.tensor(2.0), inhibition=True)
        network.last.beta = torch.tensor([0.5, 0.25, 0.5, 0.5])
        text = self.problems_of_snntorch(network)
        self.assertIn("3 problems", text)
        self.assertIn("'fire' (Leaky): has spikes of 2", text)
        self.assertIn("'fire' (Leaky): lets only one neuron fire", text)
        self.assertIn("'last' (Leaky): has 4 values of beta, needed one", text)
        for change, words in (
            ({"threshold": torch.tensor(-1.0)}, "has the threshold -1, needed more than 0"),
            ({"threshold": torch.rand(3, 6, 6) + 1}, "a threshold for every position"),
            ({"threshold": torch.rand(6) + 1}, "has 6 thresholds for 3 channels"),
            ({"beta": torch.tensor(0.0)}, "needed a leak of at least 2^-15"),
            ({"reset_delay": False}, "resets without a delay by subtraction"),
            ({"state_quant": True}, "rounds its potential"),
        ):
            network = Loop()
            network.fire.__dict__.update(change)
            text = self.problems_of_snntorch(network)
            self.assertIn(words, text)
            self.assertIn("'fire' (Leaky)", text)

    def test_layers_that_do_not_map_are_named(self):
        for layer, words in (
            (nn.ReLU(), "'1' (ReLU): has no counterpart"),
            (nn.MaxPool2d(2), "'1' (MaxPool2d): pools what has not fired yet"),
            (nn.AvgPool2d(2, divisor_override=3), "'1' (AvgPool2d): has a divisor of its own"),
            (nn.BatchNorm2d(3, track_running_stats=False), "keeps no running statistics"),
        ):
            network = nn.Sequential(nn.Conv2d(1, 3, 3), layer, nn.Flatten(), nn.LazyLinear(4))
            network(self.pictures)
            neurons = node("IFNode", "BaseNode", v_reset=None, v_threshold=1.0)
            network.append(neurons)
            self.assertIn(words, self.problems(lambda: spikingjelly.export(
                network, self.pictures[:1], self.path, 4)))
        text = self.problems(lambda: spikingjelly.export(
            nn.Sequential(nn.Flatten(), nn.Linear(64, 4)), self.pictures[:1], self.path, 4))
        self.assertIn("there are no neurons in it", text)
        text = self.problems(lambda: spikingjelly.export(
            network, self.pictures[:1], self.path, 0))
        self.assertIn("timesteps is 0, needed 1 to 65535", text)
        self.assertIn("use Leaky", self.problems_of_snntorch(
            nn.Sequential(nn.Flatten(), nn.Linear(64, 4), Synaptic1())))

    def mapped(self, framework, module):
        reasons: list[str] = []
        return framework.neurons(module, reasons), "; ".join(reasons)

    def test_spikingjelly(self):
        framework = spikingjelly.SpikingJelly()
        lif = {"tau": 2.0, "v_threshold": 1.0, "v_reset": 0.25}
        found, text = self.mapped(framework, node("LIFNode", "BaseNode", decay_input=True, **lif))
        self.assertEqual((text, found.leak, float(found.threshold)), ("", 0.5, 1.5))
        self.assertEqual((found.reset, found.strict), ("zero", False))
        found, _ = self.mapped(framework, node("LIFNode", "BaseNode", decay_input=False, **lif))
        self.assertEqual(float(found.threshold), 0.75)
        found, _ = self.mapped(
            framework, node("IFNode", "BaseNode", v_threshold=2.0, v_reset=None))
        self.assertEqual((found.leak, found.reset, float(found.threshold)), (1, "subtract", 2))
        _, text = self.mapped(framework, node("EIFNode", "BaseNode"))
        self.assertIn("use IFNode, LIFNode or ParametricLIFNode", text)

    def test_norse(self):
        framework = norse.Norse()

        def cell(kind, **changes):
            p = {"tau_mem_inv": torch.tensor(250.0), "tau_syn_inv": torch.tensor(1000.0),
                 "v_th": torch.tensor(1.0), "v_leak": torch.tensor(0.0),
                 "v_reset": torch.tensor(0.0)} | changes
            return node(kind, "SNNCell", p=types.SimpleNamespace(**p), dt=0.001)
        found, text = self.mapped(framework, cell("LIFBoxCell"))
        self.assertEqual((text, found.leak, float(found.threshold)), ("", 0.75, 4.0))
        self.assertEqual((found.reset, found.strict), ("zero", True))
        self.assertEqual(self.mapped(framework, cell("LIFCell"))[1], "")
        for changes, words in (
            ({"tau_syn_inv": torch.tensor(200.0)}, "a synaptic current that keeps 0.8"),
            ({"v_reset": torch.tensor(-1.0)}, "is reset to -1 and leaks toward 0"),
        ):
            self.assertIn(words, self.mapped(framework, cell("LIFCell", **changes))[1])
        self.assertIn("has no counterpart", self.mapped(framework, cell("LSNNCell"))[1])
        self.assertIsNone(self.mapped(framework, cell("LIBoxCell"))[0].threshold)

    def test_sinabs(self):
        framework = sinabs.Sinabs()
        single = type("SingleSpike", (), {})
        members = {"spike_threshold": torch.tensor(2.0), "min_v_mem": None, "spike_fn": single,
                   "reset_fn": type("MembraneSubtract", (), {"subtract_value": None})()}
        found, text = self.mapped(framework, node("IAF", "StatefulLayer", **members))
        self.assertEqual((text, found.reset, found.levels), ("", "subtract", 1))
        members |= {"spike_fn": type("MultiSpike", (), {}), "min_v_mem": -1.0}
        _, text = self.mapped(framework, node("IAF", "StatefulLayer", **members))
        self.assertIn("may spike any number of times", text)
        self.assertIn("min_v_mem", text)
        found, _ = self.mapped(sinabs.Sinabs(3), node("IAF", "StatefulLayer", **members))
        self.assertEqual(found.levels, 3)
        with self.assertRaises(ValueError):
            sinabs.export(nn.Flatten(), self.pictures, self.path, 4, spikes=9)

    def test_leaks_in_lowest_terms(self):
        self.assertEqual(leak_multiplier(0.75), (3, 2))
        self.assertEqual(leak_multiplier(1.0), (2, 1))
        self.assertEqual(leak_multiplier(0.9), (29491, 15))

    def test_examples_give_the_spikes_of_their_frameworks(self):
        tested = []
        for name in ("snntorch", "spikingjelly", "norse", "sinabs"):
            if importlib.util.find_spec(name) is None:
                print(f"test_frameworks: {name} is missing, so its example is not compared: "
                      "python3 -m pip install -e 'python[frameworks]'", file=sys.stderr)
                continue
            example = importlib.import_module(f"spikelet_tools.frameworks.examples.{name}")
            network = example.network().eval()
            example.export_to(network, self.path)
            pictures = torch.rand(24, 1, 28, 28)
            with torch.no_grad():
                wanted = example.scores(network, pictures).double()
            given = simulate(self.path, pictures).scores
            # A leaky read-out is in other units; leaks are rounded to 2^-15.
            self.assertGreaterEqual(
                int((given.argmax(1) == wanted.argmax(1)).sum()), 22, name)
            tested.append(name)
        self.assertEqual(len(tested), len(set(tested)))


if not MISSING:
    class Synaptic1(Synaptic):
        """A neuron with a second state that keeps its own potential."""

        def forward(self, current, mem=None):
            return super().forward(current, torch.zeros(()))


if __name__ == "__main__":
    unittest.main()
