"""The table of served applications, for the terminal and for Markdown."""

from __future__ import annotations

from typing import Any

from ..floors import was_busy
from ..report import markdown_table, surroundings, text_table

NAMES = {
    "bare": "bare",
    "bare_asgi": "bare (ASGI)",
    "erlen": "Erlen",
    "erlen_asgi": "Erlen (ASGI)",
    "flask": "Flask",
    "starlette": "Starlette",
    "fastapi": "FastAPI",
    "litestar": "Litestar",
    "blacksheep": "BlackSheep",
    "by_granian": "Erlen, by granian itself",
    "by_erlen": "Erlen, by erlen serve",
    "granian": "granian",
    "gunicorn": "gunicorn",
    "pyuwsgi": "uWSGI",
    "uvicorn": "uvicorn",
}
NOTE = """\
Requests per second that one worker on one core answers with "Hello, World!", asked by wrk from another core:
the median of {rounds} rounds, in which the applications of a server alternate, each {turns} times for
{seconds} s. Of bare: the median share, in the same round, of what a function without a framework reaches on
the same server. 99 % of the answers came within p99 milliseconds. Busy: how much of its core the server
used; near 100 % nobody else did, and wrk did not hold it back. Switches: from thread to thread, for each
request."""
SERVE_NOTE = """\
As above: the median of {rounds} rounds, in which the two alternate, each {turns} times for {seconds} s.
Of granian: the median share, in the same round, of what granian's own command reaches with the same
settings."""

DISTURBED = "**This run was disturbed**: where a server was less than 90 % busy, somebody else used its core."


def table(result: dict[str, Any]) -> list[list[str]]:
    """Return the heading and the rows as text."""
    heading = [
        "server",
        "connections",
        "application",
        "requests/s",
        "of bare",
        "of Erlen on granian",
        "p99 ms",
        "busy",
        "switches",
    ]
    erlen = rate(result, "granian", "erlen")
    rows = []
    for server in result["servers"]:
        for app, figures in server["apps"].items():
            rows.append([server["title"], str(server["connections"]), *row(NAMES[app], figures, erlen)])
    return [heading, *rows]


def row(app: str, figures: dict[str, Any], erlen: float | None) -> list[str]:
    each = figures["requests_per_second"]
    return [
        app,
        f"{each:.0f}",
        percent(figures["share_of_bare"]),
        percent(each / erlen if erlen else None),
        f"{figures['p99_milliseconds']:.1f}",
        percent(figures["server_busy"]),
        f"{figures['switches_per_request']:.2f}",
    ]


def rate(result: dict[str, Any], server: str, app: str) -> float | None:
    """Return the requests per second of an application on a server, if they were measured."""
    for each in result["servers"]:
        if each["name"] == server and app in each["apps"]:
            return float(each["apps"][app]["requests_per_second"])
    return None


def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def serve_as_text(result: dict[str, Any]) -> str:
    return f"{text_table(serve_table(result), words=3)}\n\n{notes(result, SERVE_NOTE)}"


def serve_as_markdown(result: dict[str, Any]) -> str:
    return f"{markdown_table(serve_table(result), words=3)}\n\n{notes(result, SERVE_NOTE)}"


def serve_table(result: dict[str, Any]) -> list[list[str]]:
    """Return the heading and the rows of `erlen serve` beside granian."""
    renamed = {"of bare": "of granian"}
    heading, *rows = table(result)
    left_out = heading.index("of Erlen on granian")
    return [
        [renamed.get(cell, cell) for number, cell in enumerate(line) if number != left_out]
        for line in (heading, *rows)
    ]


def as_text(result: dict[str, Any]) -> str:
    return f"{text_table(table(result), words=3)}\n\n{notes(result)}"


def as_markdown(result: dict[str, Any]) -> str:
    return f"{markdown_table(table(result), words=3)}\n\n{notes(result)}"


def notes(result: dict[str, Any], note: str = NOTE) -> str:
    rounds = result["servers"][0].get("rounds") or result["effort"]["rounds"]
    told = [note.format(**(result["effort"] | {"rounds": rounds})), surroundings(result, NAMES)]
    if not all(was_busy(figures) for server in result["servers"] for figures in server["apps"].values()):
        told.insert(1, DISTURBED)
    return "\n".join(told)
