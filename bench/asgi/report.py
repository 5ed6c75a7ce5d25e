"""The tables of ASGI, for the terminal and for Markdown."""

from __future__ import annotations

from typing import Any

from .. import report
from ..report import markdown_table, surroundings, text_table

NAMES = {
    "erlen": "Erlen",
    "blacksheep": "BlackSheep",
    "falcon": "Falcon",
    "quart": "Quart",
    "starlette": "Starlette",
    "starlette_first": "Starlette, first",
    "bare_asgi": "bare",
}
NOTE = """\
Microseconds of one request to a coroutine view: the smallest of many rounds, the driver's share taken out,
200 further rules registered before. × says how many times Erlen's time the other one takes.
Starlette, first: the same application with the rules that are asked for before the 200 others.
bare: an ASGI function without a framework."""
PLAIN_NOTE = """\
Plain views, in threads: the medians of {rounds} rounds in which both alternate, and the median of the ratios
in each round. One at a time: microseconds of one request, the driver's share taken out. Clients: requests per
second, all clients on one event loop. Starlette tries the rule that is asked for first."""


def plain_table(result: dict[str, Any]) -> list[list[str]]:
    """Return the heading and the rows as text: what plain views cost, and how many are answered."""
    names = [name for name in NAMES if any(name in case["microseconds"] for case in result["plain"])]
    heading = ["plain views", *(NAMES[name] for name in names), "Erlen / Starlette"]
    return [heading, *(plain_row(case, names) for case in result["plain"])]


def plain_row(case: dict[str, Any], names: list[str]) -> list[str]:
    times, of_starlette = case["microseconds"], case["of_starlette"]
    if case["clients"] == 1:
        cells = [report.microseconds(times[name]) for name in names]
        return [f"{case['title']}, µs", *cells, "–" if of_starlette is None else f"{of_starlette:.2f}"]
    rates = [f"{1e6 / times[name]:.0f}" if times[name] else "–" for name in names]
    return [f"{case['title']}, requests/s", *rates, f"{1 / of_starlette:.2f}" if of_starlette else "–"]


def tables(result: dict[str, Any]) -> list[list[list[str]]]:
    """Return those of the two tables that have rows."""
    found = [report.table(result, NAMES)] if result["cases"] else []
    return [*found, plain_table(result)] if result["plain"] else found


def as_text(result: dict[str, Any]) -> str:
    return "\n\n".join([*map(text_table, tables(result)), notes(result)])


def as_markdown(result: dict[str, Any]) -> str:
    return "\n\n".join([*map(markdown_table, tables(result)), notes(result)])


def notes(result: dict[str, Any]) -> str:
    told = [NOTE] if result["cases"] else []
    if result["plain"]:
        told.append(PLAIN_NOTE.format(**result["plain_effort"]))
    return "\n".join([*told, surroundings(result, NAMES | {"anyio": "AnyIO"})])
