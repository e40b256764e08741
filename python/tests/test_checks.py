"""What checks decide with, on figures made up here."""

from __future__ import annotations

import json
import unittest

from spikelet_tools.checks import accuracy_limits, elf
from spikelet_tools.checks.accuracy import in_recorded_order
from spikelet_tools.checks.instruction_counting import by_group, group
from spikelet_tools.checks.instructions import RECORD, differences
from spikelet_tools.checks.mutations import MUTATIONS
from spikelet_tools.deployments import all_deployments, find
from spikelet_tools.paths import EXPECTED_ACCURACY, ROOT
from spikelet_tools.tables.exit_table import first
from spikelet_tools.tables.footprint import agrees
from spikelet_tools.targets import BOARDS


class AccuracyTests(unittest.TestCase):
    def setUp(self):
        recorded = json.loads(EXPECTED_ACCURACY.read_text())
        kinds = {"converted": {}, "exits": {}, "single": {}, "looks": {}, "events": {}}
        for name, figures in recorded.items():
            one = find(name)
            kind = "single" if one.is_single else "exits" if one.has_exit else "converted"
            kind = "looks" if one.looks_twice else "events" if one.reads_events else kind
            kinds[kind][name] = figures
        self.converted, self.exits, self.single, self.looks, self.events = kinds.values()

    def test_the_recorded_figures_are_within_the_limits(self):
        self.assertEqual((len(self.converted), len(self.exits)), (9, 5))
        self.assertEqual(accuracy_limits.converted_failures(self.converted), [])
        self.assertEqual(accuracy_limits.exit_failures(self.exits), [])
        self.assertEqual(accuracy_limits.single_failures(self.single), [])
        self.assertEqual(accuracy_limits.look_failures(self.looks), [])
        self.assertEqual(accuracy_limits.event_failures(self.events), [])

    def test_what_is_worse_is_named(self):
        figures = self.converted["lenet5-avg"]
        figures["timesteps"]["4"]["correct"] = 9889
        figures["modelBytes"] = 80_001
        self.exits["lenet5-max-exit"]["meanTimesteps"] = 4.1
        self.single["lenet5-dt-mnist"]["correct"] -= 50
        self.single["vgg4-mnist"]["arenaBytes"] = 16385
        converted = accuracy_limits.converted_failures(self.converted)
        self.assertEqual(len(converted), 3)
        self.assertTrue(all(line.startswith("lenet5-avg") for line in converted))
        self.assertEqual(accuracy_limits.exit_failures(self.exits),
                         ["lenet5-max-exit: 4.10 timesteps, allowed 4"])
        self.assertEqual(len(accuracy_limits.single_failures(self.single)), 2)
        self.looks["alexnet-cifar10-looks"].update(correct=9049, meanTimesteps=2.01)
        self.assertEqual(len(accuracy_limits.look_failures(self.looks)), 2)
        self.events["nmnist-snn"]["correct"] = 94
        self.assertEqual(len(accuracy_limits.event_failures(self.events)), 2)

    def test_every_deployment_that_is_measured_is_recorded(self):
        recorded = (set(self.converted) | set(self.exits) | set(self.single) | set(self.looks)
                    | set(self.events))
        measured = {one.name for one in all_deployments()
                    if one.is_converted or one.is_single or one.looks_twice or one.reads_events}
        self.assertEqual(recorded, measured)

    def test_rows_keep_the_recorded_order_and_new_ones_come_last(self):
        found = in_recorded_order(all_deployments()[:3], {all_deployments()[2].name: {}})
        self.assertEqual(found[0], all_deployments()[2])


class InstructionTests(unittest.TestCase):
    def test_a_group_may_leave_its_count_by_half_a_percent_of_the_total(self):
        expected = {"total": 1000, "neurons": 10}
        self.assertEqual(list(differences("x", expected, {"total": 1030, "neurons": 15}, 0.03)), [])
        found = list(differences("x", expected, {"total": 1031, "neurons": 16}, 0.03))
        self.assertEqual(len(found), 2)
        self.assertIn("+60.0 %", found[0])

    def test_functions_are_grouped_and_the_workload_is_left_out(self):
        self.assertEqual(group("generic specialized static Neurons.fire(x:)"), "neurons")
        self.assertEqual(group("memcpy"), "memory")
        self.assertIsNone(group("printf"))
        self.assertEqual(by_group({"main": 5, "memcpy": 2, "printf": 1}), {"memory": 2, "other": 1})

    def test_the_record_has_every_target(self):
        places = json.loads(RECORD.read_text())["counts"]
        self.assertEqual({place.partition(",")[0] for place in places}, set(BOARDS))


class SourceTests(unittest.TestCase):
    def test_every_mutation_finds_its_line(self):
        for mutation in MUTATIONS:
            with self.subTest(mutation.title):
                text = mutation.path(ROOT).read_text(encoding="utf-8")
                self.assertNotEqual(mutation.apply(text), text)
                self.assertTrue(find(mutation.vectors).golden.is_dir())

    def test_the_machines_options_stand_in_the_toolsets(self):
        self.assertEqual(BOARDS["aarch64"].machine_options, ["-mcpu=cortex-a53"])
        self.assertIn("-march=armv7-a", BOARDS["armv7"].machine_options)


class TableTests(unittest.TestCase):
    def test_footprint_rows_of_the_program_have_slack_and_others_none(self):
        self.assertTrue(agrees("| text | 66,100 |", "| text | 66,900 |"))
        self.assertFalse(agrees("| text | 66,100 |", "| text | 69,900 |"))
        self.assertFalse(agrees("| weights | 62,592 |", "| weights | 62,593 |"))
        self.assertFalse(agrees("| text | 66,100 |", "| data | 66,100 |"))

    def test_the_first_as_accurate(self):
        points = [{"accuracy": 0.5}, {"accuracy": 0.9}, {"accuracy": 0.95}]
        self.assertEqual(first(points, 0.9), 2)
        self.assertIsNone(first(points, 0.99))

    def test_symbols_are_counted_by_part(self):
        self.assertEqual(elf.part("$s15SpikeletRuntime7NeuronsV4fireyyF"), "neurons and leak")
        self.assertEqual(elf.part("something"), "other")
