"""A chart of the matrix: how much of what was tried is as on Flask. The same records give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from bench.chart import BAR, INK, STYLE

from .pages import Bar, bars
from .records import Record

LOST = "#c2701c"
"""As the other colours, it is read on white and on black."""
TITLE = "What was tried with extensions, and is on Erlen as on Flask"


def draw(records: Sequence[Record], path: Path) -> None:
    """Write the chart as SVG, without a background."""
    found = bars(records)
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": "erlen-matrix"}):
        figure = Figure(figsize=(8, 0.65 + 0.36 * len(found)))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.29, 0.02, 0.5, 1 - 0.55 / figure.get_figheight()))
        fill(axes, found)
        figure.text(0.01, 1 - 0.28 / figure.get_figheight(), TITLE, weight="bold", size=12)
        metadata = {"Date": None, "Creator": None, "Title": TITLE}
        figure.savefig(path, format="svg", transparent=True, metadata=metadata)


def fill(axes: Axes, found: Sequence[Bar]) -> None:
    places = range(len(found))
    right = [100 * good / every if every else 0 for _, good, every in found]
    axes.barh(places, right, height=0.6, color=BAR)
    axes.barh(places, [100 - share for share in right], left=right, height=0.6, color=LOST)
    for place, (_, good, every) in enumerate(found):
        axes.text(102, place, f"{good:,} of {every:,}", va="center")
    axes.set_yticks(places, [title for title, _, _ in found], color=INK)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_xlim(0, 100)
    axes.set_ylim(len(found) - 0.4, -0.6)  # the first on top
    for side in axes.spines.values():
        side.set_visible(False)
