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
EQUAL = "equal"


def wrapped(text: str, indent: str = "") -> list[str]:
    """A paragraph in lines, all but the first of them indented."""
    return textwrap.wrap(text, COLUMNS, subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False)


def time(nanoseconds: float) -> str:
    """A time with three digits."""
    number, unit = (nanoseconds / 1e3, "µs") if nanoseconds < 1e6 else (nanoseconds / 1e6, "ms")
    return f"{number:.1f} {unit}" if number < 100 else f"{number:.0f} {unit}"


def millions(instructions: float) -> str:
    """Instructions in millions."""
    return f"{instructions / 1e6:.2f} M" if instructions < 1e7 else f"{instructions / 1e6:.1f} M"


def size(number: int) -> str:
    """Bytes in thousands or millions."""
    if number < 1e4:
        return f"{number:,} B"
    return f"{number / 1e3:.0f} KB" if number < 1e6 else f"{number / 1e6:.1f} MB"


def ratio(own: float, other: float) -> str:
    """"2.1 × less" or "1.9 × more"."""
    factor = own / other
    if 1 / CLOSE <= factor <= CLOSE:
        return EQUAL
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
        return size(figures["accuracy"]["sizes"][key]["arenaBytes"])
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


def comparisons(contest: Contest, figures: dict) -> list[tuple[str, bool]]:
    """Every deployment against the best other engine, in every respect; true where it is lost.

    What is equal, or nearly so, is left out.
    """
    found: list[tuple[str, bool]] = []
    best, nanoseconds = fastest(figures)
    times, counts = figures["times"]["rows"], figures["arm"]
    sizes, right = figures["accuracy"]["sizes"], figures["accuracy"]["rows"]
    smallest = min(figures["micro"], key=lambda key: figures["micro"][key])
    all_pictures = judged(figures)[-1]

    def compare(what: str, own: float, other: float, unit, name: str) -> None:
        words = ratio(own, other)
        if words != EQUAL:
            found.append((f"{what} {unit(own)}, {name} {unit(other)}: {words}", own > other))

    for ours in contest.ours:
        place = f"{contest.title.partition(' on ')[0]}, {ours.title}:"
        compare(f"{place} time", times[ours.key]["bestP50Nanoseconds"], nanoseconds, time,
                title(contest, best))
        for name, peer in best_on_arm(counts).items():
            compare(f"{place} instructions on {name}", counts[ours.key][name], counts[peer][name],
                    millions, peer)
        compare(f"{place} arena", sizes[ours.key]["arenaBytes"], figures["micro"][smallest],
                lambda number: f"{number:,} B", smallest)
        own, other = (right[key]["correct"][all_pictures] for key in (ours.key, "litert-int8"))
        if own != other:
            shares = [percent(number / int(all_pictures)) for number in (own, other)]
            found.append((f"{place} accuracy {shares[0]}, LiteRT int8 {shares[1]}: "
                          f"{100 * (own - other) / int(all_pictures):+.2f} points", own < other))
    return found


def arm_version() -> str:
    """LiteRT's version on Arm."""
    text = (ROOT / "Benchmarks" / "requirements-arm64.txt").read_text(encoding="utf-8")
    return re.search(r"^ai-edge-litert==(\S+)$", text, re.MULTILINE)[1]


def readme(record: dict) -> list[str]:
    """Why not just an int8 network? Three lines."""
    small, large = (record["contests"][contest.name] for contest in CONTESTS)
    tiny, single, twice, many = (f"{OURS}{name}" for name in (
        "T = 1, 2 KB", "T = 1, 16 KB", "1 or 2 looks", "T = 16"))

    def arm(figures: dict, key: str) -> tuple[int, int]:
        counts = figures["arm"]
        return (counts[key]["cortex-a53"],
                counts[best_on_arm(counts)["cortex-a53"]]["cortex-a53"])

    def share(figures: dict, key: str) -> str:
        return percent(figures["accuracy"]["rows"][key]["correct"]["10000"] / 10_000)

    def fold(own: int, other: int) -> str:
        return f"{own / other:.1f} times more" if own > other else f"{other / own:.1f} times fewer"

    own, other = (millions(number) for number in arm(small, single))
    return [
        f"* LeNet-5, Cortex-A53: {own} instructions, LiteRT at best {other}; accuracy "
        f"{share(small, single)}, int8 {share(small, 'litert-int8')}.",
        f"* It can do with {small['accuracy']['sizes'][tiny]['arenaBytes']:,} bytes to write to; "
        f"TFLite Micro needs {small['micro']['TFLite Micro int8']:,} for the int8 network.",
        f"* AlexNet, two looks if in doubt: {fold(*arm(large, twice))}, {share(large, twice)}, "
        f"int8 {share(large, 'litert-int8')}; T = 16: {fold(*arm(large, many))}.",
    ]
