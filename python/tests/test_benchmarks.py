"""The comparison with other engines: its record, its page, and what it refuses."""

from __future__ import annotations

import argparse
import contextlib
import copy
import importlib.util
import io
import json
import tempfile
import unittest
from importlib import metadata
from pathlib import Path
from unittest import mock

from spikelet_tools.benchmarks import (
    arm,
    command,
    environment,
    host,
    micro,
    page,
    preparation,
    rows,
)
from spikelet_tools.benchmarks.contest import CONTESTS, DENSE, PEERS
from spikelet_tools.checks.instruction_counting import picture_count, pictures, steps
from spikelet_tools.deployments import exists

NUMPY = importlib.util.find_spec("numpy") is not None
ONNX = NUMPY and importlib.util.find_spec("onnx") is not None


def refused(call, *arguments) -> tuple[int, str]:
    """The exit code and the message of what must end."""
    error = io.StringIO()
    with contextlib.redirect_stderr(error), contextlib.redirect_stdout(io.StringIO()):
        try:
            call(*arguments)
        except SystemExit as end:
            return end.code, error.getvalue()
    raise AssertionError("nothing was refused")


class RecordTests(unittest.TestCase):
    def setUp(self):
        self.record = json.loads(command.RECORD.read_text(encoding="utf-8"))

    def test_every_engine_has_every_figure(self):
        for contest in CONTESTS:
            figures = self.record["contests"][contest.name]
            self.assertGreaterEqual(figures["times"]["rounds"], command.FEWEST_ROUNDS)
            for entry in [*contest.ours, *contest.peers]:
                with self.subTest(entry.key):
                    times = figures["times"]["rows"][entry.key]
                    self.assertEqual(len(times["rounds"]), figures["times"]["rounds"])
                    least = min(one["p50Nanoseconds"] for one in times["rounds"])
                    self.assertEqual(times["bestP50Nanoseconds"], least)
                    correct = figures["accuracy"]["rows"][entry.key]["correct"]
                    self.assertIn(str(contest.judged), correct)
            for ours in contest.ours:
                self.assertTrue(exists(ours.deployment))
                self.assertEqual(set(figures["arm"][ours.key]), set(arm.PROCESSORS))
            self.assertEqual(set(figures["micro"]), set(micro.FILES))

    def test_the_page_and_the_readme_are_the_records(self):
        with contextlib.redirect_stdout(io.StringIO()):
            page.conclude(self.record, check=True)

    def test_a_page_that_differs_is_refused(self):
        changed = copy.deepcopy(self.record)
        row = changed["contests"]["lenet5"]["times"]["rows"]["litert-int8"]
        row["bestP50Nanoseconds"] *= 3
        code, message = refused(page.conclude, changed, True)
        self.assertEqual(code, 1)
        self.assertIn("scripts/tool benchmarks --page", message)
        with tempfile.TemporaryDirectory() as folder:
            with mock.patch.object(page, "PAGE", Path(folder) / "benchmarks.md"):
                self.assertEqual(refused(page.conclude, self.record, True)[0], 1)

    def test_lines_of_a_readme_that_differ_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            readme = Path(folder) / "README.md"
            readme.write_text("<!-- benchmarks: begin -->\nelse\n<!-- benchmarks: end -->\n")
            with mock.patch.object(page, "README", readme):
                self.assertEqual(refused(page.conclude, self.record, True)[0], 1)

    def test_a_record_without_a_part_is_refused(self):
        del self.record["contests"]["alexnet"]["arm"]
        code, message = refused(page.conclude, self.record, True)
        self.assertEqual(code, 2)
        self.assertIn("alexnet", message)

    def test_the_page_is_narrow_and_says_where_it_loses(self):
        lines = page.page(self.record).splitlines()
        self.assertEqual([line for line in lines if len(line) > 100], [])
        lost = lines.index("## Where Spikelet loses")
        self.assertLess(lost, lines.index("## Where Spikelet wins"))
        self.assertEqual(len(page.readme_lines(self.record)), 5)
        self.assertLessEqual(max(map(len, page.readme_lines(self.record))), 100)

    def test_what_gets_worse_moves_to_the_losses(self):
        contest, figures = CONTESTS[0], self.record["contests"]["lenet5"]
        key = contest.ours[0].key
        for factor, expected in [(100, True), (0.0001, False)]:
            figures["arm"][key]["cortex-a53"] = factor * 700_000
            figures["times"]["rows"][key]["bestP50Nanoseconds"] = factor * 17_000
            found = [lost for line, lost in rows.comparisons(contest, figures)
                     if contest.ours[0].title + ": time" in line
                     or contest.ours[0].title + ": instructions on cortex-a53" in line]
            self.assertEqual(found, [expected, expected])


class RunTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.record = Path(folder.name) / "peers.json"
        self.root = Path(folder.name)

    def run_with(self, *words: str) -> None:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        with mock.patch.multiple(command, RECORD=self.record, ROOT=self.root):
            command.run(parser.parse_args(words))

    def test_a_record_that_is_missing_is_named_with_what_makes_it(self):
        for mode in ("--page", "--check"):
            code, message = refused(self.run_with, mode)
            self.assertEqual(code, 2)
            self.assertIn("peers.json is missing: scripts/tool benchmarks", message)

    def test_a_part_is_measured_into_the_record_that_is_there(self):
        before = {"parts": {"times": {"commit": "a"}}, "contests": {"lenet5": {"times": {"x": 1}}}}
        self.record.write_text(json.dumps(before))
        found = {contest.name: {"TFLite Micro int8": 7} for contest in CONTESTS}
        with contextlib.ExitStack() as stack:
            for place, name, value in [(environment, "check_packages", None),
                                       (environment, "stamp", {"commit": "b"}),
                                       (preparation, "prepare", self.root),
                                       (command, "measure", found)]:
                stack.enter_context(mock.patch.object(place, name, return_value=value))
            out = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            self.run_with("--only", "micro")
        after = json.loads(self.record.read_text())
        self.assertEqual(after["parts"], {"times": {"commit": "a"}, "micro": {"commit": "b"}})
        self.assertEqual(after["contests"]["lenet5"],
                         {"times": {"x": 1}, "micro": {"TFLite Micro int8": 7}})
        self.assertIn("needs accuracy, arm", out.getvalue())


class TimeTests(unittest.TestCase):
    def test_interruptions_are_left_out_of_long_calls(self):
        short = {"p50Nanoseconds": 900, "p90Nanoseconds": 950, "p50ProcessorNanoseconds": 800,
                 "p90ProcessorNanoseconds": 850}
        self.assertEqual(host.settled(short), {"p50Nanoseconds": 900, "p90Nanoseconds": 950})
        long = {name: number * 10_000 for name, number in short.items()}
        self.assertEqual(host.settled(long),
                         {"p50Nanoseconds": 8_000_000, "p90Nanoseconds": 8_500_000})
        own = {"p50Nanoseconds": 9_000_000, "p90Nanoseconds": 9_500_000,
               "p50ProcessorNanoseconds": 8_000_000}
        self.assertEqual(host.settled(own),
                         {"p50Nanoseconds": 8_000_000, "p90Nanoseconds": 9_500_000})

    def test_further_inferences_give_the_processors_time(self):
        contest, calls = CONTESTS[1], []

        def bench(_, ours, data, repeats):
            calls.append(repeats)
            return {"p50Nanoseconds": 20_000_000}, 0.5 + repeats * contest.timed * 0.01

        with mock.patch.object(host, "bench", bench):
            figures = host.timed(contest, contest.ours[0], Path())
        self.assertEqual(figures["p50ProcessorNanoseconds"], 10_000_000)
        self.assertEqual(calls, [contest.repeats, contest.repeats + 6])


class WordTests(unittest.TestCase):
    def test_figures_in_words(self):
        self.assertEqual([rows.time(17_250), rows.time(123_456), rows.time(1_234_567)],
                         ["17.2 µs", "123 µs", "1.2 ms"])
        self.assertEqual([rows.millions(166_293), rows.millions(27_867_129)],
                         ["0.17 M", "27.9 M"])
        self.assertEqual([rows.size(1952), rows.size(67_544), rows.size(6_492_636)],
                         ["1,952 B", "68 KB", "6.5 MB"])
        self.assertEqual([rows.ratio(10, 20), rows.ratio(20, 10), rows.ratio(10, 10.2)],
                         ["2.0 × less", "2.0 × more", "equal"])

    def test_the_arena_is_read_from_what_is_printed(self):
        text = "[RecordingMicroAllocator] Arena allocation total 10256 bytes\n"
        self.assertEqual(micro.arena(text), 10256)
        self.assertEqual(refused(micro.arena, "Failed to allocate")[0], 1)

    def test_names(self):
        self.assertLessEqual(set(DENSE), {peer.name for peer in PEERS})
        for contest in CONTESTS:
            files = {preparation.model(contest, ours) for ours in contest.ours}
            self.assertEqual(len(files), len(contest.ours))
            # qemu splits options at commas and equals signs.
            self.assertFalse(any(set(",= ") & set(file.name) for file in files))


class RequirementTests(unittest.TestCase):
    def test_packages_that_are_missing_or_others_are_named_with_what_installs_them(self):
        def version(name):
            if name == "snntorch":
                raise metadata.PackageNotFoundError(name)
            return {"torch": "2.13.0+cpu", "onnx": "1.0.0"}.get(
                name, environment.required().get(name))

        with mock.patch.object(metadata, "version", version):
            code, message = refused(environment.check_packages)
        self.assertEqual(code, 2)
        self.assertIn("snntorch: needed 1.0.0, installed none", message)
        self.assertIn("onnx: needed 1.23.2, installed 1.0.0", message)
        self.assertNotIn("torch: needed 2.13.0", message)
        self.assertIn("pip install -r Benchmarks/requirements.txt", message)

    def test_an_arm64_python_that_is_missing_is_named_with_what_installs_it(self):
        with tempfile.TemporaryDirectory() as folder:
            with mock.patch.object(arm, "PYTHON_ROOT", Path(folder)):
                code, message = refused(arm.check_tools)
        self.assertEqual(code, 2)
        self.assertIn("Benchmarks/install-arm64", message)

    def test_too_few_rounds_and_unknown_parts_are_refused(self):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        options = parser.parse_args(["--rounds", "4"])
        self.assertEqual(refused(command.check_arguments, parser, options)[0], 2)
        self.assertEqual(refused(parser.parse_args, ["--only", "speed"])[0], 2)
        self.assertEqual(refused(parser.parse_args, ["--page", "--check"])[0], 2)


class CountingTests(unittest.TestCase):
    def test_networks_are_counted_on_their_own_pictures_and_timesteps(self):
        self.assertEqual([steps(name) for name in ("lenet5-avg", "lenet5-avg-exit",
                                                   "lenet5-iir-mnist@2048", "alexnet-cifar10",
                                                   "alexnet-cifar10-t1")], [8, 16, 1, 16, 1])
        self.assertEqual([picture_count(pictures(name)) for name in
                          ("lenet5-avg", "lenet5-iir-mnist", "alexnet-cifar10-t1")], [10, 10, 3])


@unittest.skipUnless(ONNX, "needs numpy and onnx")
class NetworkTests(unittest.TestCase):
    def test_a_normalized_network_has_the_currents_of_the_other_in_thresholds(self):
        import numpy as np

        from spikelet_tools.benchmarks.networks import Layer, load, normalized, save

        random = np.random.default_rng(1)
        layers = [Layer(random.normal(size=(3, 2, 1, 1)), random.normal(size=3), rectified=True),
                  Layer(random.normal(size=(4, 12)), random.normal(size=4), rectified=True),
                  Layer(random.normal(size=(2, 4)), random.normal(size=2))]
        limits = [np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0, 7.0])]

        def currents(chain, x):
            found = [np.einsum("oi,ihw->ohw", chain[0].weight[:, :, 0, 0], x)
                     + chain[0].bias[:, None, None]]
            for layer in chain[1:]:
                found.append(layer.weight @ np.maximum(found[-1], 0).ravel() + layer.bias)
            return found

        x = random.normal(size=(2, 2, 2))
        plain, scaled = currents(layers, x), currents(normalized(layers, limits), x)
        np.testing.assert_allclose(plain[0], scaled[0] * limits[0][:, None, None])
        np.testing.assert_allclose(plain[1], scaled[1] * limits[1])
        np.testing.assert_allclose(plain[2], scaled[2])
        with tempfile.TemporaryDirectory() as folder:
            save(layers, Path(folder) / "layers.npz")
            loaded = load(Path(folder) / "layers.npz")
        self.assertEqual([layer.rectified for layer in loaded], [True, True, False])
        np.testing.assert_allclose(loaded[1].weight, layers[1].weight, rtol=1e-6)

    def test_the_bundled_networks_are_chains_and_others_are_refused(self):
        from spikelet_tools.benchmarks.networks import read_chain
        from spikelet_tools.deployments import find

        for contest in CONTESTS:
            layers = read_chain(find(contest.converted).network)
            self.assertEqual(sum(layer.rectified for layer in layers), len(layers) - 1)
        with self.assertRaisesRegex(ValueError, "Greater is not part"):
            read_chain(find(CONTESTS[0].single).network)

    def test_the_float_file_computes_what_the_deployment_does(self):
        if importlib.util.find_spec("onnxruntime") is None:
            self.skipTest("needs onnxruntime")
        import numpy as np
        import onnxruntime

        from spikelet_tools.benchmarks.networks import read_chain, write_onnx
        from spikelet_tools.deployments import find

        # The second has bounds.
        for contest, shape in zip(CONTESTS, [(1, 28, 28), (3, 32, 32)]):
            source = find(contest.converted).network
            x = np.random.default_rng(2).random((1, *shape), np.float32)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "float.onnx"
                write_onnx(read_chain(source), shape, path)
                scores = [
                    onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
                    .run(None, {"image": x})[0] for file in (source, path)]
            np.testing.assert_allclose(scores[0], scores[1], rtol=1e-4, atol=1e-4)


if __name__ == "__main__":
    unittest.main()
