"""The table of pages, for the terminal and for Markdown: beside Flask, and what must be reached."""

from __future__ import annotations

from typing import Any

from .. import report
from ..floors import PAGES
from ..report import NAMES, markdown_table, surroundings, text_table

NOTE = """\
Microseconds of one request inside the application: the smallest of many rounds, the driver's share taken out,
200 further rules registered. × Flask says how many times Erlen's time Flask takes. At least: what is to be
reached."""


def table(result: dict[str, Any]) -> list[list[str]]:
    """Return the heading and the rows as text, with the floor of each case."""
    heading, *rows = report.table(result, {name: NAMES[name] for name in ("erlen", "flask")})
    names = [case["name"] for case in result["cases"]]
    floors = [f"{PAGES[name]:.3g}" if name in PAGES else "–" for name in names]
    return [[*heading, "at least"], *([*row, floor] for row, floor in zip(rows, floors, strict=True))]


def as_text(result: dict[str, Any]) -> str:
    return "\n".join([text_table(table(result)), "", NOTE, surroundings(result)])


def as_markdown(result: dict[str, Any]) -> str:
    return f"{markdown_table(table(result))}\n\n{NOTE}\n{surroundings(result)}"
