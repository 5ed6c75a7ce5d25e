"""The tables of typed views, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import report
from ..floors import ROUTES, TYPED
from .routes import FIGURES
from .routes import ROUTES as COUNT

Rows = list[list[str]]

NAMES = {
    "wsgi": {
        "erlen": "Erlen",
        "flask_pydantic": "Flask, pydantic",
        "apiflask": "APIFlask",
        "falcon": "Falcon",
    },
    "asgi": {
        "erlen": "Erlen",
        "fastapi": "FastAPI",
        "fastapi_alone": "FastAPI alone",
        "litestar": "Litestar",
        "blacksheep": "BlackSheep",
    },
    "pydantic": {"erlen": "Erlen, pydantic", "fastapi": "FastAPI", "fastapi_alone": "FastAPI alone"},
}
TITLES = {"wsgi": "WSGI", "asgi": "ASGI", "pydantic": "ASGI, models of pydantic"}
TITLES_OF_ROUTES = ("set-up, ms", "document, ms", "memory, MB")
VERSIONS = {
    "erlen": "Erlen",
    "flask": "Flask",
    "apiflask": "APIFlask",
    "falcon": "Falcon",
    "fastapi": "FastAPI",
    "litestar": "Litestar",
    "blacksheep": "BlackSheep",
    "msgspec": "msgspec",
    "pydantic": "pydantic",
}
NOTE = """\
Microseconds of one request inside the application: the smallest of many rounds, the driver's share taken out,
100 further routes registered before. × says how many times Erlen's time the other one takes, and in brackets
how many times it has to be at least. FastAPI alone: without the further routes. Falcon validates nothing.
Faults: Litestar names the first, all others name all three."""
NOTE_OF_ROUTES = """\
Medians of {processes} processes each, in turns; time of the processor. Set-up: until nothing is left to be
worked out before a request, imports and models not counted. Memory: resident, with all that was imported. In
brackets: how much of FastAPI's it may be."""


def by_table(result: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the cases of each table: those of ASGI are in two, by the models that Erlen has."""
    typed = result["typed"]
    return {"wsgi": typed["wsgi"], "asgi": typed["asgi"], "pydantic": [*map(with_pydantic, typed["asgi"])]}


def with_pydantic(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with Erlen's time by models of pydantic's in the place of the other one."""
    times = {name: time for name, time in case["microseconds"].items() if name != "erlen"}
    if "erlen_pydantic" in times:
        times["erlen"] = times["erlen_pydantic"]
    return {**case, "microseconds": times}


def table(name: str, cases: list[dict[str, Any]]) -> Rows:
    """Return the heading and the rows as text, the floor of each ratio in brackets."""
    names = NAMES[name]
    heading, *rows = report.table({"cases": cases}, names)
    by_title = {f"× {title}": peer for peer, title in names.items()}
    floors = [TYPED[name].get(by_title.get(title, ""), {}) for title in heading]
    for case, row in zip(cases, rows, strict=True):
        row[:] = [
            f"{cell} ({of_peer[case['name']]:.3g})" if of_peer.get(case["name"]) and cell != "–" else cell
            for cell, of_peer in zip(row, floors, strict=True)
        ]
    return [[TITLES[name], *heading[1:]], *rows]


def table_of_routes(routes: dict[str, Any]) -> Rows:
    rows = [[f"{COUNT} routes", "Erlen", "FastAPI", "Erlen / FastAPI"]]
    for key, title in zip(FIGURES, TITLES_OF_ROUTES, strict=True):
        scale = 1024 if key == "kilobytes" else 1
        erlen, fastapi = (routes[name][key] / scale for name in ("erlen", "fastapi"))
        share = f"{erlen / fastapi:.2f} ({ROUTES[key][1]:.3g})"
        rows.append([title, f"{erlen:.1f}", f"{fastapi:.1f}", share])
    return rows


def as_text(result: dict[str, Any]) -> str:
    return written(result, report.text_table)


def as_markdown(result: dict[str, Any]) -> str:
    return written(result, report.markdown_table)


def written(result: dict[str, Any], form: Callable[[Rows], str]) -> str:
    parts, notes = [], []
    for name, cases in by_table(result).items():
        if any("erlen" in case["microseconds"] for case in cases) or (cases and name != "pydantic"):
            parts.append(form(table(name, cases)))
            notes = [NOTE]
    if result["routes"]:
        parts.append(form(table_of_routes(result["routes"])))
        notes.append(NOTE_OF_ROUTES.format(**result["routes_effort"]))
    return "\n\n".join([*parts, "\n".join([*notes, report.surroundings(result, VERSIONS)])])
