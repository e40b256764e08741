"""The figures of docs/benchmarks.md in words: units, ratios, comparisons."""

from __future__ import annotations

import re
import textwrap

from spikelet_tools.benchmarks.contest import CONTESTS, DENSE, Contest
from spikelet_tools.markdown import percent
from spikelet_tools.paths import ROOT

OURS = "Spikelet, "
COLUMNS = 100
CLOSE = 1.05
"""Ratios up to this are called equal."""


def wrapped(text: str) -> list[str]:
    """A paragraph in lines."""
    return textwrap.wrap(text, COLUMNS, break_long_words=False, break_on_hyphens=False)


def time(nanoseconds: float) -> str:
    """A time with three digits."""
    if nanoseconds < 1e6:
        return f"{nanoseconds / 1e3:.3g} µs" if nanoseconds < 1e5 else f"{nanoseconds / 1e3:,.0f} µs"
    return f"{nanoseconds / 1e6:.3g} ms"


def millions(instructions: float) -> str:
    """Instructions in millions."""
    return f"{instructions / 1e6:.2f} M" if instructions < 1e7 else f"{instructions / 1e6:.1f} M"


def kilobytes(number: int) -> str:
    """Bytes in thousands."""
    return f"{number / 1000:,.0f} KB"


def ratio(own: float, other: float) -> str:
    """"2.1 × less" or "1.9 × more"."""
    factor = own / other
    if 1 / CLOSE <= factor <= CLOSE:
        return "equal"
    return f"{factor:.1f} × more" if factor > 1 else f"{1 / factor:.1f} × less"


def in_order(contest: Contest) -> list[tuple[str, str]]:
    """Every row's name in the record, and in tables."""
    return ([(ours.key, f"**{ours.key}**") for ours in contest.ours]
            + [(peer.key, peer.title) for peer in contest.peers])


def title(contest: Contest, key: str) -> str:
    """What a peer of this name is called in tables."""
    return next(peer.title for peer in contest.peers if peer.key == key)


def judged(figures: dict) -> list[str]:
    """The numbers of pictures that accuracy was measured on, fewest first."""
    counts = {count for one in figures["accuracy"]["rows"].values() for count in one["correct"]}
    return sorted(counts, key=int)


def digits(count: str) -> int:
    """Digits of an accuracy that the number of pictures carries."""
    return 1 if int(count) < 10_000 else 2


def fastest(figures: dict) -> tuple[str, float]:
    """The dense engine with the least time, and its time."""
    times = figures["times"]["rows"]
    best = min(DENSE, key=lambda key: times[key]["bestP50Nanoseconds"])
    return best, times[best]["bestP50Nanoseconds"]


def memory(key: str, figures: dict) -> str:
    """The arena, or what a peer's process holds more than Python."""
    times = figures["times"]["rows"][key]
    if key.startswith(OURS):
        return f"{figures['accuracy']['sizes'][key]['arenaBytes']:,} B"
    return f"{(times['peakMemoryBytes'] - times['memoryBeforeBytes']) / 1e6:.0f} MB"


def best_on_arm(counts: dict) -> dict[str, str]:
    """LiteRT's row with the fewest instructions on each processor."""
    peers = [key for key in counts if not key.startswith(OURS)]
    processors = counts[peers[0]]
    return {name: min(peers, key=lambda key: counts[key][name]) for name in processors}


def description(contest: Contest, figures: dict) -> str:
    """What stands at the head of a contest."""
    times = figures["times"]["rows"]
    parts = []
    for ours in contest.ours:
        steps = times[ours.key]["meanTimesteps"]
        parts.append(f"{ours.title}: `firmware-configs/{ours.deployment}`"
                     + (f" with an arena of at most {ours.arena_bytes:,} bytes"
                        if ours.arena_bytes else "")
                     + (f", {steps:.2f} timesteps on average" if steps != int(steps) else ""))
    return (f"{'; '.join(parts)}. Timed on the first {contest.timed} test pictures, instructions "
            f"counted on the first {contest.counted}.")


def accuracy_gap(contest: Contest, figures: dict, key: str) -> str:
    """An accuracy, and how far it is from LiteRT's int8 network."""
    count = judged(figures)[-1]
    rows = figures["accuracy"]["rows"]
    own, other = (rows[name]["correct"][count] / int(count) for name in (key, "litert-int8"))
    gap = 100 * (own - other)
    beside = f"{abs(gap):.2f} points {'above' if gap > 0 else 'below'}" if gap else "level with"
    return f"{percent(own)}, {beside} LiteRT int8"


def _compared(what: str, own: float, other: float, unit, name: str) -> tuple[str, bool] | None:
    """A comparison in words, and whether it is lost; none where both are equal."""
    factor = own / other
    if 1 / CLOSE <= factor <= CLOSE:
        return f"{what}: {unit(own)}, as {name} ({unit(other)})", factor > 1
    word = "more" if factor > 1 else "less"
    size = factor if factor > 1 else 1 / factor
    return f"{what}: {size:.1f} times {word}, {unit(own)} to {unit(other)} of {name}", factor > 1


def comparisons(contest: Contest, figures: dict) -> list[tuple[str, bool]]:
    """Every deployment against the best other engine, in every respect; true where it is lost."""
    found = []
    best, nanoseconds = fastest(figures)
    times, counts = figures["times"]["rows"], figures["arm"]
    arm = best_on_arm(counts)
    smallest = min(figures["micro"], key=lambda key: figures["micro"][key])
    for ours in contest.ours:
        place = f"{contest.title}, {ours.title}"
        found.append(_compared(f"{place}, time here", times[ours.key]["bestP50Nanoseconds"],
                               nanoseconds, time, title(contest, best)))
        for name, peer in arm.items():
            found.append(_compared(f"{place}, instructions on {name}", counts[ours.key][name],
                                   counts[peer][name], millions, peer))
        found.append(_compared(
            f"{place}, arena", figures["accuracy"]["sizes"][ours.key]["arenaBytes"],
            figures["micro"][smallest], lambda number: f"{number:,} B", smallest))
        text = accuracy_gap(contest, figures, ours.key)
        found.append((f"{place}, accuracy: {text}", "below" in text))
    return found


def arm_version() -> str:
    """LiteRT's version on Arm."""
    text = (ROOT / "Benchmarks" / "requirements-arm64.txt").read_text(encoding="utf-8")
    return re.search(r"^ai-edge-litert==(\S+)$", text, re.MULTILINE)[1]


def readme(record: dict) -> list[str]:
    """Why not just an int8 network? Three lines."""
    small, large = (record["contests"][contest.name] for contest in CONTESTS)
    single, tiny, many = (f"{OURS}{name}" for name in ("T = 1, 16 KB", "T = 1, 2 KB", "T = 16"))

    def arm(figures: dict, key: str) -> tuple[int, int]:
        counts = figures["arm"]
        return (counts[key]["cortex-a53"],
                counts[best_on_arm(counts)["cortex-a53"]]["cortex-a53"])

    def share(key: str) -> str:
        return percent(small["accuracy"]["rows"][key]["correct"]["10000"] / 10_000)

    own, other = arm(small, single)
    converted, dense = arm(large, many)
    return [
        f"* LeNet-5 on a Cortex-A53: {millions(own)} instructions, LiteRT at best {millions(other)};"
        f" {share(single)} accuracy, int8 {share('litert-int8')}.",
        f"* It writes {small['accuracy']['sizes'][tiny]['arenaBytes']:,} bytes; the int8 network in "
        f"TFLite Micro {small['micro']['TFLite Micro, int8']:,}.",
        f"* AlexNet converted, 16 timesteps: {ratio(converted, dense)} than LiteRT's best. "
        "[Wins and losses](docs/benchmarks.md).",
    ]
