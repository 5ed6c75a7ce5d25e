"""A bar for each page on each framework, in the parts of its time; Flask's bars are all of one length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..chart import INK, STYLE
from ..report import ratio
from .report import TITLES

# All are read on white and on black.
COLOURS = {"framework": "#2f81c9", "templates": "#c9822f", "database": "#3c9a62", "application": "#8d6fc4"}
NAMES = {"flask": "Flask", "erlen": "Erlen"}
STEP = 2.6  # from page to page; the bars of both frameworks are 1 apart


def lengths(page: dict[str, Any], framework: str) -> list[float]:
    """Return the length of each part of a page's bar: Flask's whole bar has 100."""
    whole = 100 * page["microseconds"][framework] / page["microseconds"]["flask"]
    return [whole * page["parts"][framework][part] for part in TITLES]


def draw(result: dict[str, Any], path: Path) -> None:
    """Write the chart as SVG, without a background."""
    rows = sum(STEP * len(each["pages"]) + 1.6 for each in result["applications"])
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 0.9 + 0.19 * rows))
        FigureCanvasSVG(figure)
        height = figure.get_figheight()
        axes = figure.add_axes((0.29, 0.02 / height, 0.62, 1 - 0.84 / height))
        fill(axes, result, rows)
        title = "Where the time of a request goes, on Flask and on Erlen"
        figure.text(0.01, 1 - 0.26 / height, title, weight="bold", size=12)
        legend(figure, 1 - 0.56 / height)
        metadata = {"Date": None, "Creator": None, "Title": title}
        figure.savefig(path, format="svg", transparent=True, metadata=metadata)


def legend(figure: Figure, at: float) -> None:
    handles = [matplotlib.patches.Patch(color=COLOURS[part]) for part in TITLES]
    figure.legend(
        handles,
        list(TITLES.values()),
        loc="center left",
        bbox_to_anchor=(0.0, at),
        ncols=len(TITLES),
        frameon=False,
        fontsize=10,
        handlelength=1.0,
        columnspacing=1.4,
    )


def fill(axes: Axes, result: dict[str, Any], rows: float) -> None:
    at = 0.0
    for application in result["applications"]:
        axes.text(-45, at + 0.35, application["title"], weight="bold", va="center", clip_on=False)
        at += 1.6
        for page in application["pages"]:
            bars(axes, page, at)
            at += STEP
    axes.set_xlim(0, 112)
    axes.set_ylim(rows, -0.6)  # the first application on top
    axes.set_axis_off()


def bars(axes: Axes, page: dict[str, Any], at: float) -> None:
    """Draw both bars of a page, and what they say at their ends."""
    took = page["microseconds"]
    ends = {
        "flask": f"{took['flask'] / 1000:.2g} ms",
        "erlen": f"{ratio(took['flask'], took['erlen'])}×",
    }
    axes.text(-12.5, at + 0.5, page["title"], ha="right", va="center")
    for row, framework in enumerate(NAMES):
        left = 0.0
        for part, length in zip(TITLES, lengths(page, framework), strict=True):
            axes.barh(at + row, length, left=left, height=0.86, color=COLOURS[part])
            left += length
        axes.text(-1.2, at + row, NAMES[framework], ha="right", va="center", size=9)
        axes.text(left + 1.2, at + row, ends[framework], va="center", size=9, color=INK)
