"""The table of what servers lose, for the terminal and for Markdown."""

from __future__ import annotations

from typing import Any

from ..report import markdown_table, surroundings, text_table

NAMES = {
    "erlen": "Erlen",
    "granian": "granian",
    "gunicorn": "gunicorn",
    "uvicorn": "uvicorn",
    "hypercorn": "hypercorn",
    "pyuwsgi": "uWSGI",
}
NOTE = """\
Requests that got no answer of the application, of those that began meanwhile. {rate} requests per second, a
tenth of them slow (0.5 s), half on kept connections, half on new ones; two workers, an application that
imports in 0.5 s and more; {reloads} reloads. Closed: kept connections that the server closed while they
were idle in a reload. Time of a reload: until the last request began that old code answered, the median.
Slowest: the slowest quick request in a reload. Broken: a reload to code that does not import. Killed: a
worker, by SIGKILL. Stopped: SIGTERM; a request counts whose connection was taken. **ends**: the server did
not serve any longer. One run."""
HEADING = [
    "server",
    "lost in reloads",
    "closed",
    "time of a reload, s",
    "slowest, s",
    "lost: broken",
    "lost: killed",
    "lost: stopped",
]
LATE = 0.25
"""Seconds by which the client may be late: more, and it waited for the machine, not for the server."""


def table(result: dict[str, Any]) -> list[list[str]]:
    """Return the heading and the rows as text."""
    return [HEADING, *(row(server["title"], server["runs"]) for server in result["trials"])]


def row(title: str, runs: dict[str, Any]) -> list[str]:
    reload = runs["reload"]
    return [
        title,
        share(reload),
        str(reload["closed_while_idle"]),
        f"{median(reload['seconds']):.1f}" if reload["loaded"] else "not loaded",
        f"{reload['slowest_quick']:.2f}",
        share(runs["broken"]),
        share(runs["kill"]) + ("" if runs["kill"]["replaced"] or runs["kill"]["ended"] else ", not replaced"),
        str(runs["stop"]["taken_not_answered"]) + ("" if runs["stop"]["ended"] else ", runs on"),
    ]


def share(run: dict[str, Any]) -> str:
    ended = ", **ends**" if run.get("ended") else ""
    return f"{run['lost']} of {run['requests']}{ended}"


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def as_text(result: dict[str, Any]) -> str:
    return f"{text_table(table(result))}\n\n{notes(result)}"


def as_markdown(result: dict[str, Any]) -> str:
    return f"{markdown_table(table(result))}\n\n{notes(result)}"


def notes(result: dict[str, Any]) -> str:
    late = max(run["client_late"] for server in result["trials"] for run in server["runs"].values())
    told = [NOTE.format(**result["effort"]), surroundings(result, NAMES)]
    if late > LATE:
        told.insert(1, f"The client itself was late by up to {late:.1f} s: something else used the machine.")
    return "\n".join(told)
