"""A bar chart of one result: how many times as fast as Flask each case is.

`python -m bench.chart [RESULT] [SVG]` draws the published result anew. The same result gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .kinds import REQUESTS
from .overview import Group
from .report import ratio

# Both are read on white and on black: a contrast of 4 or more on either.
INK = "#727b86"
BAR = "#2f81c9"
GROUPS = (BAR, "#3c9a62", "#c9822f")
STYLE = {
    "svg.hashsalt": "erlen",  # else names in the file are random
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 11,
    "text.color": INK,
    "text.parse_math": False,
}


def bars(result: dict[str, Any]) -> list[tuple[str, float]]:
    """Return title and ratio of each case that both Erlen and Flask answered."""
    times = [(case["title"], case["microseconds"]) for case in result["cases"]]
    return [
        (title, each["flask"] / each["erlen"]) for title, each in times if {"flask", "erlen"} <= each.keys()
    ]


def draw(result: dict[str, Any], path: Path) -> None:
    """Write the chart as SVG, without a background."""
    found = bars(result)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 0.65 + 0.32 * len(found)))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.29, 0.02, 0.64, 1 - 0.55 / figure.get_figheight()))
        fill(axes, found)
        flask = result.get("versions", {}).get("flask", "")
        title = f"Erlen: how many times as fast as Flask {flask}".rstrip()
        figure.text(0.01, 1 - 0.28 / figure.get_figheight(), title, weight="bold", size=12)
        metadata = {"Date": None, "Creator": None, "Title": title}
        figure.savefig(path, format="svg", transparent=True, metadata=metadata)


def fill(axes: Axes, found: list[tuple[str, float]]) -> None:
    titles = [title for title, _ in found]
    values = [value for _, value in found]
    drawn = axes.barh(range(len(found)), values, height=0.66, color=BAR)
    axes.bar_label(drawn, [f"{ratio(value, 1.0)}×" for value in values], padding=4)
    axes.set_yticks(range(len(found)), titles, color=INK)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_ylim(len(found) - 0.4, -0.9)  # the first case on top
    axes.axvline(1, color=INK, linewidth=1, linestyle=(0, (3, 2)))
    axes.text(1.5, -0.62, "Flask = 1", size=9)
    for side in axes.spines.values():
        side.set_visible(False)


def draw_groups(groups: Sequence[Group], title: str, path: Path) -> None:
    """Write a chart of several results as SVG: a heading for each group, and its bars."""
    rows = sum(len(found) + 1.3 for _, found in groups)
    with matplotlib.rc_context({**STYLE, "font.size": 10}):
        figure = Figure(figsize=(8, 0.5 + 0.245 * rows))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.36, 0.02, 0.57, 1 - 0.5 / figure.get_figheight()))
        at = 0.0
        for (heading, found), colour in zip(groups, GROUPS, strict=False):
            fill_group(axes, at, heading, found, colour)
            at += len(found) + 1.3
        axes.set_ylim(rows - 0.6, -0.6)  # the first group on top
        axes.set_axis_off()
        figure.text(0.01, 1 - 0.28 / figure.get_figheight(), title, weight="bold", size=12)
        metadata = {"Date": None, "Creator": None, "Title": title}
        figure.savefig(path, format="svg", transparent=True, metadata=metadata)


def fill_group(axes: Axes, at: float, heading: str, found: list[tuple[str, float]], colour: str) -> None:
    """Draw a heading and its bars from a place on the axis downwards."""
    rows = [at + number for number in range(1, len(found) + 1)]
    beside = {"transform": axes.get_yaxis_transform(), "va": "center"}
    axes.text(-0.62, at, heading, weight="bold", **beside)
    drawn = axes.barh(rows, [value for _, value in found], height=0.66, color=colour)
    axes.bar_label(drawn, [f"{ratio(value, 1.0)}×" for _, value in found], padding=4)
    for row, (name, _) in zip(rows, found, strict=True):
        axes.text(-0.015, row, name, ha="right", **beside)
    axes.vlines(1, at + 0.5, rows[-1] + 0.5, color=INK, linewidth=1, linestyle=(0, (3, 2)))


def main(arguments: list[str]) -> int:
    source = Path(arguments[0]) if arguments else REQUESTS.published
    target = Path(arguments[1]) if len(arguments) > 1 else source.with_suffix(".svg")
    draw(json.loads(source.read_text()), target)
    print(f"Written to {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
