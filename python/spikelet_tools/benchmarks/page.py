"""docs/benchmarks.md and the lines of README.md, from the record and nothing else."""

from __future__ import annotations

from spikelet_tools.benchmarks import environment, rows
from spikelet_tools.benchmarks.contest import CONTESTS, Contest
from spikelet_tools.benchmarks.rows import OURS
from spikelet_tools.markdown import NONE, Section, grouped, head, percent, row
from spikelet_tools.paths import ROOT
from spikelet_tools.processes import stop

PAGE = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"
INTRODUCTION = ROOT / "Benchmarks" / "introduction.md"


def host_table(contest: Contest, record: dict) -> list[str]:
    """Accuracy, time, size and memory on the machine that measured."""
    figures = record["contests"][contest.name]
    counts = rows.judged(figures)
    best, fastest = rows.fastest(figures)
    lines = head("engine", *(f"right of {grouped(int(count))}" for count in counts), "p50", "p90",
                 "against fastest peer", "model", "memory")
    for key, title in rows.in_order(contest):
        times = figures["times"]["rows"][key]
        right = figures["accuracy"]["rows"][key]["correct"]
        shares = [percent(right[count] / int(count), rows.digits(count)) if count in right
                  else NONE for count in counts]
        p50 = times["bestP50Nanoseconds"]
        ratio = "**1**" if key == best else rows.ratio(p50, fastest)
        size = figures["accuracy"]["sizes"].get(key, {}).get("modelBytes")
        lines.append(row([title, *shares, rows.time(p50), rows.time(times["bestP90Nanoseconds"]),
                          ratio, rows.size(size) if size else NONE,
                          rows.memory(key, figures)]))
    return lines


def arm_table(contest: Contest, record: dict) -> list[str]:
    """Instructions on Arm."""
    counts = record["contests"][contest.name]["arm"]
    processors = list(next(iter(counts.values())))
    lines = head("engine", *(title for name in processors
                             for title in (f"{name}", "against LiteRT's best")))
    best = rows.best_on_arm(counts)
    for key, found in counts.items():
        cells = []
        for name in processors:
            cells.append(rows.millions(found[name]))
            first = key == best[name]
            cells.append("**1**" if first else rows.ratio(found[name], counts[best[name]][name]))
        lines.append(row([key, *cells]))
    return lines


def arena_table(contest: Contest, record: dict) -> list[str]:
    """What an inference writes, beside TFLite Micro."""
    figures = record["contests"][contest.name]
    lines = head("engine", "arena", "model")
    files = {"TFLite Micro float": "litert-float", "TFLite Micro int8": "litert-int8"}
    sizes = figures["accuracy"]["sizes"]
    for ours in contest.ours:
        found = sizes[ours.key]
        lines.append(row([ours.key, f"{found['arenaBytes']:,} B", f"{found['modelBytes']:,} B"]))
    for title, number in figures["micro"].items():
        lines.append(row([title, f"{number:,} B", f"{sizes[files[title]]['modelBytes']:,} B"]))
    return lines


def spiking_lines(contest: Contest, record: dict) -> list[str]:
    """Spikelet at the timesteps of the spiking peers, against them."""
    times = record["contests"][contest.name]["times"]["rows"]
    own = times[f"{OURS}T = 16"]["bestP50Nanoseconds"]
    peers = [peer for peer in contest.peers if peer.spiking]
    parts = [f"{times[peer.key]['bestP50Nanoseconds'] / own:,.0f} times faster than "
             f"{peer.title.partition(',')[0]}" for peer in peers]
    return ["", f"At T = 16 Spikelet is {' and '.join(parts)}."]


def verdicts(record: dict) -> list[str]:
    """Every deployment against the best dense engine: first what is lost, then what is won."""
    lost, won = [], []
    for contest in CONTESTS:
        figures = record["contests"][contest.name]
        for line, is_lost in rows.comparisons(contest, figures):
            (lost if is_lost else won).extend(rows.wrapped(f"* {line}", "  "))
    remark = rows.wrapped("Each deployment against the best of the dense engines in each respect; "
                          "ratios up to 1.05 are left out.")
    return ["## Where Spikelet loses", "", *remark, "", *lost,
            "", "## Where Spikelet wins", "", *won]


def provenance(record: dict) -> list[str]:
    """Where each part of the record comes from."""
    lines = head("part", "measured", "commit", "compiler", "options")
    for part, stamp in record["parts"].items():
        lines.append(row([part, stamp["date"], stamp["commit"], stamp["compiler"],
                          f"`{stamp['flags']}`"]))
    host = record["parts"]["times"]
    features = host["processor"]["features"]
    versions = ", ".join(f"{name} {version}" for name, version in host["versions"].items())
    having = ", ".join(features) or "none of AVX2, AVX-512 and VNNI"
    return [*lines, "",
            *rows.wrapped(
                f"Processor: {host['processor']['name']} with {having}. "
                + ("The int8 networks of the other engines use VNNI here; Spikelet's kernels have "
                   "AVX2 alone." if environment.has_vnni(features) else
                   "No engine has VNNI here. Without it the sums of ONNX Runtime's int8 networks "
                   "would saturate at 16 bits, so that their weights have seven bits, as its "
                   "documentation advises (`reduce_range`).")),
            "", *rows.wrapped(f"Versions: {versions}; on Arm ai-edge-litert "
                              f"{rows.arm_version()}.")]


def page(record: dict) -> str:
    """The whole page."""
    rounds = min(figures["times"]["rounds"] for figures in record["contests"].values())
    text = INTRODUCTION.read_text(encoding="utf-8")
    lines = [text.replace("{rounds}", str(rounds)).rstrip(), ""]
    for contest in CONTESTS:
        lines += [f"## {contest.title}", "",
                  *rows.wrapped(rows.description(contest, record["contests"][contest.name])),
                  "",
                  "### Accuracy and time", "", *host_table(contest, record),
                  *spiking_lines(contest, record),
                  "", "### Instructions on Arm", "", *arm_table(contest, record),
                  "", "### Arena", "", *arena_table(contest, record), ""]
    lines += [*verdicts(record), "", "## What was measured with", "", *provenance(record), ""]
    return "\n".join(lines)


def readme_lines(record: dict) -> list[str]:
    """The answer to "why not just an int8 network?"."""
    return ["", *rows.readme(record), ""]


def conclude(record: dict, check: bool) -> None:
    """Writes page and lines, or compares them."""
    missing = [contest.name for contest in CONTESTS if not {"accuracy", "times", "arm", "micro"}
               <= record["contests"].get(contest.name, {}).keys()]
    if missing:
        stop(f"Benchmarks/peers.json lacks parts of {', '.join(missing)}; scripts/tool benchmarks "
             "measures them", 2)
    section = Section("benchmarks", README)
    text, lines = page(record), readme_lines(record)
    if not check:
        PAGE.write_text(text, encoding="utf-8")
        section.write(lines)
        print("wrote docs/benchmarks.md and the lines of README.md")
        return
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        stop("docs/benchmarks.md is not what Benchmarks/peers.json says: "
             "scripts/tool benchmarks --page")
    section.conclude(lines, check=True, command="benchmarks --page")
