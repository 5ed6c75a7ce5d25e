"""The report of `erlen doctor`, as text and as JSON."""

from __future__ import annotations

import json
import textwrap
import typing as t
from dataclasses import asdict, dataclass

from .distributions import extensions
from .matrix import load
from .surroundings import SERVERS, Surroundings, look
from .verdicts import Verdict, judge

_HEADING = ("Extension", "Installed", "Tried", "Result")


@dataclass(frozen=True)
class Report:
    """What is installed, and what is known of it."""

    surroundings: Surroundings
    verdicts: list[Verdict]

    @property
    def is_broken(self) -> bool:
        """Tell whether an installed extension is known not to work."""
        return any(verdict.result == "broken" for verdict in self.verdicts)


def examine() -> Report:
    """Look at this environment."""
    matrix = load()
    return Report(look(), [judge(each, matrix.get(each.key, ())) for each in extensions(matrix)])


def as_json(report: Report) -> str:
    """Return the report for programs."""
    listed = [{**asdict(verdict), "says": str(verdict)} for verdict in report.verdicts]
    told = {**asdict(report.surroundings), "extensions": listed, "broken": report.is_broken}
    return json.dumps(told, indent=2, ensure_ascii=False)


def as_text(report: Report) -> str:
    """Return the report for people: the surroundings, a table, and the reasons of what is not as on Flask."""
    return "\n".join([*_about(report.surroundings), "", *_listed(report.verdicts)])


def _about(around: Surroundings) -> t.Iterator[str]:
    flask = f"; Flask {around.flask} is installed, too" if around.flask else ""
    yield f"Erlen {around.erlen}, Python {around.python}, Werkzeug {around.werkzeug}{flask}"
    yield f"'import flask' means Erlen {around.alias_state()}."
    servers = [f"{name} {version} ({SERVERS[name]})" for name, version in around.servers.items()]
    yield f"Servers: {', '.join(servers) or 'none but that of erlen run'}"


def _listed(verdicts: t.Sequence[Verdict]) -> t.Iterator[str]:
    if not verdicts:
        yield "No extension of Flask is installed."
        return
    rows = [_HEADING, *((each.name, each.installed, each.tried or "–", str(each)) for each in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADING))]
    line = ["-" * width for width in widths]
    for row in (rows[0], line, *rows[1:]):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for verdict in verdicts:
        if verdict.result in ("broken", "with losses") or (verdict.reasons and not verdict.tried):
            yield from _explained(verdict)


def _explained(verdict: Verdict) -> t.Iterator[str]:
    yield ""
    yield f"{verdict.name}:"
    for reason in verdict.reasons:
        yield textwrap.fill(reason, 110, initial_indent="  - ", subsequent_indent="    ")
