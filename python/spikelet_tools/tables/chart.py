"""Line charts as SVG: accuracy over timesteps, legible on light and dark pages."""

from __future__ import annotations

from html import escape
from math import log2
from pathlib import Path

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 220, 24, 44
COLORS = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2",
          "#7f7f7f", "#bcbd22", "#393b79", "#637939"]
STYLE = ("text{font:12px sans-serif;fill:#222}.grid{stroke:#bbb;stroke-width:.5}"
         "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#555}}")


def accuracy_chart(title: str, series: dict[str, dict[int, float]], floor: float) -> str:
    """Accuracies (0 to 1) over timesteps on a scale of powers of two, from `floor` up."""
    steps = sorted({t for points in series.values() for t in points})
    first, last = log2(steps[0]), log2(steps[-1])
    top = max(max(points.values()) for points in series.values())

    def x(t: int) -> float:
        return LEFT + (log2(t) - first) / max(last - first, 1e-9) * (WIDTH - LEFT - RIGHT)

    def y(accuracy: float) -> float:
        share = (max(accuracy, floor) - floor) / (top - floor)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
             f"<title>{escape(title)}</title><style>{STYLE}</style>"]
    for t in steps:
        parts.append(f'<line class="grid" x1="{x(t):.1f}" y1="{TOP}" x2="{x(t):.1f}" '
                     f'y2="{HEIGHT - BOTTOM}"/><text x="{x(t):.1f}" y="{HEIGHT - BOTTOM + 18}" '
                     f'text-anchor="middle">{t}</text>')
    for line in range(6):
        value = floor + (top - floor) * line / 5
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y(value):.1f}" x2="{WIDTH - RIGHT}" '
                     f'y2="{y(value):.1f}"/><text x="{LEFT - 6}" y="{y(value) + 4:.1f}" '
                     f'text-anchor="end">{100 * value:.0f} %</text>')
    for index, (name, points) in enumerate(series.items()):
        color = COLORS[index % len(COLORS)]
        dash = ' stroke-dasharray="5 3"' if index >= len(COLORS) // 2 else ""
        path = " ".join(f"{x(t):.1f},{y(a):.1f}" for t, a in sorted(points.items()))
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="2"{dash} '
                     f'points="{path}"/>')
        place = TOP + 14 + 18 * index
        parts.append(f'<line x1="{WIDTH - RIGHT + 12}" y1="{place - 4}" x2="{WIDTH - RIGHT + 34}" '
                     f'y2="{place - 4}" stroke="{color}" stroke-width="2"{dash}/>'
                     f'<text x="{WIDTH - RIGHT + 40}" y="{place}">{escape(name)}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" '
                 f'text-anchor="middle">timesteps</text></svg>')
    return "\n".join(parts) + "\n"


def write_chart(path: Path, title: str, series: dict[str, dict[int, float]], floor: float) -> None:
    """Writes a chart as a file."""
    path.write_text(accuracy_chart(title, series, floor), encoding="utf-8")
