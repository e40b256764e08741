"""The list of deployments, and what stands in other files by their names."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import tempfile
import unittest
from pathlib import Path

from spikelet_tools.deployments import all_deployments, exists, find, names, network_name
from spikelet_tools.paths import CONFIGS, EXPECTED_ACCURACY, GOLDEN, ROOT


class DeploymentTests(unittest.TestCase):
    def test_each_is_named_as_its_folder_and_has_its_files(self):
        self.assertGreater(len(all_deployments()), 30)
        for deployment in all_deployments():
            with self.subTest(deployment.name):
                document = deployment.document
                self.assertEqual(document["name"], deployment.name)
                self.assertTrue(deployment.network.is_file())
                self.assertTrue(exists(deployment.owner))
                if deployment.is_converted:
                    self.assertTrue((deployment.folder / document["calibration"]).is_file())
                if deployment.has_exit:
                    self.assertIn("criteria", deployment.exit_calibration)
                board = CONFIGS / "boards" / f"{document['board']}.json"
                self.assertTrue(board.is_file())

    def test_every_folder_is_one(self):
        folders = {path.name for path in CONFIGS.iterdir() if path.is_dir()} - {"boards"}
        self.assertEqual(folders, set(names()))

    def test_nothing_lies_in_a_folder_that_no_deployment_uses(self):
        used = set()
        for deployment in all_deployments():
            document = deployment.document
            files = ["deployment.json", document["network"], document.get("calibration"),
                     document["firingRates"], document.get("exit", {}).get("calibration")]
            used |= {(deployment.folder / file).resolve() for file in files if file}
        found = {path.resolve() for name in names() for path in (CONFIGS / name).iterdir()}
        self.assertEqual(found, used)

    def test_an_unknown_name_lists_the_known_ones(self):
        error = io.StringIO()
        with contextlib.redirect_stderr(error), self.assertRaises(SystemExit) as caught:
            find("lenet6")
        self.assertEqual(caught.exception.code, 2)
        self.assertIn("lenet5-avg, ", error.getvalue())

    def test_a_variant_elsewhere_finds_the_same_files(self):
        deployment = find("lenet5-avg-exit")
        with tempfile.TemporaryDirectory() as folder:
            path = deployment.write_variant(Path(folder), {"timesteps": 3}, without=("exit",))
            document = json.loads(path.read_text())
            self.assertEqual(document["timesteps"], 3)
            self.assertNotIn("exit", document)
            self.assertEqual((path.parent / document["network"]).resolve(), deployment.network)
            # Firing rates go with the timesteps that they were counted in.
            self.assertNotIn("firingRates", document)
            path = deployment.write_variant(Path(folder), {"budgets": {}})
            rates = path.parent / json.loads(path.read_text())["firingRates"]
            self.assertEqual(rates.resolve(), deployment.folder / "firing-rates.json")

    def test_networks_are_called_by_their_deployment(self):
        self.assertEqual(network_name(CONFIGS / "lenet5-avg" / "network.onnx"), "lenet5-avg")
        self.assertEqual(network_name(Path("tuned.onnx")), "tuned")


class NamesElsewhereTests(unittest.TestCase):
    def test_expected_accuracy_and_golden_vectors(self):
        known = set(names())
        self.assertLessEqual(set(json.loads(EXPECTED_ACCURACY.read_text())), known)
        for manifest in sorted(GOLDEN.glob("*/manifest.json")):
            path = manifest.parent / json.loads(manifest.read_text())["configuration"]
            self.assertEqual(path.resolve(), find(manifest.parent.name).folder / "deployment.json")

    def test_lists_in_checks_and_tables(self):
        lists = {"checks.boards": ["NETWORKS", "TRAINED"], "checks.c_library": ["NAMES"],
                 "checks.instructions": ["NETWORKS"], "tables.exit_table": ["TYPES"],
                 "tables.footprint": ["NAMES"],
                 "checks.accuracy_limits": ["AT_FOUR_TIMESTEPS", "EXIT_TIMESTEPS", "SINGLE"]}
        for module, attributes in lists.items():
            content = importlib.import_module(f"spikelet_tools.{module}")
            for attribute in attributes:
                self.assertLessEqual(set(getattr(content, attribute)), set(names()), module)

    def test_the_root_is_the_repository(self):
        self.assertTrue((ROOT / "Package.swift").is_file())
