"""The tables of whole applications, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..floors import was_busy
from ..report import markdown_table, microseconds, ratio, surroundings, text_table
from ..served.report import DISTURBED

NAMES = {
    "erlen": "Erlen",
    "flask": "Flask",
    "ihatemoney": "I Hate Money",
    "granian": "granian",
    "werkzeug": "Werkzeug",
    "jinja2": "Jinja",
    "sqlalchemy": "SQLAlchemy",
}
TITLES = {
    "framework": "framework",
    "templates": "templates",
    "database": "database",
    "application": "application, extensions",
}
NOTE = """\
Requests that granian answers in a second of processor time, with one worker on one core, asked by wrk from
another core over {connections} connections: the median of {rounds} rounds, in which Flask and Erlen
alternate, each {turns} times for {seconds} s. × Flask: the median of the ratios in each round. Inside:
microseconds of the processor for one request without a server, the smallest of {inside} rounds."""
PARTS_NOTE = """\
Microseconds of one request inside the application, by part, as {sampled} s of samples divide the time of the
first table. Framework: Flask or Erlen, with Werkzeug and ItsDangerous. Database: SQLite and SQLAlchemy."""


def pages(result: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Go through the pages, each with its application's title."""
    for application in result["applications"]:
        for page in application["pages"]:
            yield application["title"], page


def table(result: dict[str, Any]) -> list[list[str]]:
    """Return the heading and the rows as text: served, and inside."""
    heading = ["application", "page", "Flask, requests/s", "Erlen, requests/s", "× Flask"]
    heading += ["Flask inside, µs", "Erlen inside, µs", "× Flask inside"]
    rows = [heading]
    for application, page in pages(result):
        rates = [f"{page['served'][name]['requests_per_cpu_second']:.0f}" for name in ("flask", "erlen")]
        took = page["microseconds"]
        inside = [microseconds(took[name]) for name in ("flask", "erlen")]
        served, within = ratio(page["times_flask"], 1.0), ratio(took["flask"], took["erlen"])
        rows.append([application, page["title"], *rates, served, *inside, within])
    return rows


def parts_table(result: dict[str, Any]) -> list[list[str]]:
    """Return the heading and the rows as text: the parts of the time, Flask's and Erlen's."""
    heading = ["application", "page"]
    heading += [
        f"{title}: Flask" if not number else "Erlen" for title in TITLES.values() for number in (0, 1)
    ]
    rows = [heading]
    for application, page in pages(result):
        cells = [
            f"{page['microseconds'][name] * page['parts'][name][part]:.0f}"
            for part in TITLES
            for name in ("flask", "erlen")
        ]
        rows.append([application, page["title"], *cells])
    return rows


def as_text(result: dict[str, Any]) -> str:
    tables = [text_table(table(result), words=2), text_table(parts_table(result), words=2)]
    return "\n\n".join([*tables, notes(result)])


def as_markdown(result: dict[str, Any]) -> str:
    tables = [markdown_table(table(result), words=2), markdown_table(parts_table(result), words=2)]
    return "\n\n".join([*tables, notes(result)])


def notes(result: dict[str, Any]) -> str:
    told = [NOTE.format(**result["effort"]), PARTS_NOTE.format(**result["effort"])]
    if not all(was_busy(figures) for _, page in pages(result) for figures in page["served"].values()):
        told.append(DISTURBED)
    return "\n".join([*told, surroundings(result, NAMES)])
