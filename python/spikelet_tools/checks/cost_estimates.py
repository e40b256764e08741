"""Holds the estimates of `spikelet inspect --explain` to counted instructions."""

from __future__ import annotations

import json
from pathlib import Path

from spikelet_tools.checks.instruction_counting import (
    ALL,
    build_plugin,
    by_group,
    count_model,
    picture_count,
    pictures,
)
from spikelet_tools.cost.samples import Sample
from spikelet_tools.deployments import find
from spikelet_tools.processes import spikelet, stop
from spikelet_tools.targets import BOARDS

LIMIT = 0.1
"""How far an estimate may be from the count."""

# Every neuron fires and no pixel is blank: what the proven worst case is held to.
WORST = [
    Sample("all-fire-gather", channels=3, size=14, outputs=64, padding=1, mode="direct",
           before=True, thresholds=2, threshold=-1e6, prefer="gather"),
    Sample("all-fire-scatter", channels=3, size=14, outputs=24, mode="direct", before=True,
           thresholds=2, threshold=-1e6, arena=4000),
    Sample("all-fire-gray", channels=1, size=28, outputs=6, kernel=5, mode="direct",
           thresholds=2, threshold=-1e6, prefer="gray lines", arena=4000),
]


def explain(model: Path, data: Path, shape: str, target: str) -> dict:
    """The explanation of a model or deployment at the firing rates of some pictures."""
    return json.loads(spikelet("inspect", model, "--explain", "--data", data, "--shape", shape,
                               "--target", target, "--json", "-"))


def picture_shape(path: Path, channels: int) -> str:
    """The shape of the pictures of an IDX file whose channels lie below each other."""
    with path.open("rb") as file:
        head = file.read(16)
    height, width = (int.from_bytes(head[at:at + 4], "big") for at in (8, 12))
    return f"{channels}x{height // channels}x{width}"


class Comparison:
    """Estimates beside counts, and those that are too far apart."""

    def __init__(self, target: str):
        self.target = target
        self.failures: list[str] = []
        print(f"\n{target}: instructions a picture: estimated at what fires on these pictures, "
              "counted, and\nestimated at the deployment's own firing rates\n")

    def add(self, name: str, estimate: float, counted: float, own: float | None = None) -> None:
        """Compares one; `own` is the estimate for training pictures."""
        error = (estimate - counted) / counted
        line = f"{name:<28}{estimate:>14,.0f}{counted:>14,.0f}{100 * error:>+8.1f} %"
        if own is not None:
            line += f"{own:>14,.0f}{100 * (own - counted) / counted:>+8.1f} %"
        print(line)
        if abs(error) > LIMIT:
            self.failures.append(line)

    def finish(self) -> None:
        """Ends where an estimate is too far from its count."""
        if self.failures:
            stop(f"\n{self.target}: estimates may be {100 * LIMIT:g} % from the count\n"
                 + "\n".join(self.failures)
                 + "\nnew prices: scripts/tool cost-model --update")


def check_estimates(target: str, counts: dict[str, dict], work: Path) -> None:
    """Every network that was counted, at what fires on its pictures, and some where all fires."""
    comparison = Comparison(target)
    for network, phases in counts.items():
        deployment = find(network)
        data = pictures(network)
        channels = 3 if "cifar" in deployment.document["dataset"] else 1
        explanation = explain(deployment.folder, data, picture_shape(data, channels), target)
        counted = sum(by_group(phases[ALL]).values()) / picture_count(data)
        own = json.loads(spikelet("inspect", deployment.folder, "--explain", "--target", target,
                                  "--json", "-"))
        comparison.add(network, explanation["typical"]["instructions"], counted,
                       own["typical"]["instructions"])
    plugin = build_plugin(work, BOARDS[target].emulator)
    for sample in WORST:
        folder = work / f"{target}-{sample.name}"
        folder.mkdir()
        model, data = folder / f"{sample.name}.spk", folder / "white.idx"
        spikelet("build", sample.write(folder), "-o", model, "--prefer-kernel", sample.prefer)
        sample.write_pictures(data, 256)
        explanation = explain(model, data, sample.picture_shape, target)
        phases = count_model(BOARDS[target], model, data, 1, plugin, folder, runs=1)
        comparison.add(f"{sample.name} (worst)", explanation["worst"]["instructions"],
                       sum(by_group(phases[ALL]).values()) / picture_count(data))
    comparison.finish()
