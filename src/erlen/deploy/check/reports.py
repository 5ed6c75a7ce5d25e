"""Shows findings and kinds: as text, as JSON, or as GitHub's annotations."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from erlen.reporting import annotation, from_folder, printable, shown_path

from .finding import Finding, Kind, Level

_GITHUB = {Level.INFO: "notice", Level.WARNING: "warning", Level.ERROR: "error"}


@dataclass(frozen=True)
class Report:
    """What was found in an application, and what was silenced."""

    application: str
    root: Path
    findings: list[Finding]
    # With the reasons.
    silenced: list[tuple[Finding, str]] = field(default_factory=list)
    # How many kinds of findings were looked for.
    kinds: int = 0

    def fails_at(self, level: Level) -> bool:
        """Tell whether something of this level or a worse one was found."""
        return any(finding.kind.level >= level for finding in self.findings)


def lines(report: Report, form: str) -> t.Iterator[str]:
    """Yield the report, a line at a time; `form` is one of `erlen.reporting.FORMATS`."""
    return {"text": _text, "json": _json, "github": _github}[form](report)


def _text(report: Report) -> t.Iterator[str]:
    for finding in report.findings:
        level = finding.kind.level.name.lower()
        yield f"{_where(finding, report)}{level}: {printable(finding.what)} [{printable(finding.kind.id)}]"
        yield f"    {printable(finding.kind.why)}"
        if finding.write:
            yield f"    write: {printable(finding.write)}"
    yield _summary(report)


def _where(finding: Finding, report: Report) -> str:
    if finding.place is None:
        return ""
    return f"{shown_path(finding.place.path, report.root)}:{finding.place.line}: "


def _summary(report: Report) -> str:
    silenced = f" {len(report.silenced)} silenced." if report.silenced else ""
    name = printable(report.application)
    if not report.findings:
        return f"Nothing found in '{name}'; {report.kinds} kinds of mistakes were looked for.{silenced}"
    counts = []
    for level in reversed(Level):
        number = sum(finding.kind.level == level for finding in report.findings)
        if number:
            counts.append(f"{number} {level.name.lower()}{'s' if number > 1 and level != Level.INFO else ''}")
    return f"Found in '{name}': {', '.join(counts)}.{silenced}"


def _json(report: Report) -> t.Iterator[str]:
    told = {
        "application": report.application,
        "findings": [_as_dict(finding, report) for finding in report.findings],
        "silenced": [{**_as_dict(each, report), "reason": reason} for each, reason in report.silenced],
    }
    yield json.dumps(told, indent=2)


def _as_dict(finding: Finding, report: Report) -> dict[str, t.Any]:
    place = finding.place
    return {
        "id": finding.kind.id,
        "level": finding.kind.level.name.lower(),
        "what": finding.what,
        "path": None if place is None else from_folder(place.path, report.root),
        "line": None if place is None else place.line,
        "why": finding.kind.why,
        "write": finding.write,
    }


def _github(report: Report) -> t.Iterator[str]:
    for finding in report.findings:
        write = f" Write: {finding.write}" if finding.write else ""
        path, line = finding.place or (None, 1)
        yield annotation(
            _GITHUB[finding.kind.level],
            f"{finding.what} {finding.kind.why}{write}",
            title=finding.kind.id,
            path=path,
            line=line,
        )


# kinds


class Listed(t.NamedTuple):
    """A kind in a list, with what it takes to look for it."""

    kind: Kind
    only_for_deploy: bool


def list_kinds(kinds: t.Sequence[Listed], form: str) -> t.Iterator[str]:
    """Yield what can be found: id, level and why, sorted by id."""
    if form == "json":
        yield json.dumps([_kind_as_dict(each) for each in kinds], indent=2)
        return
    width = max(len(each.kind.id) for each in kinds)
    for each in kinds:
        deploy = "  --deploy" if each.only_for_deploy else ""
        yield f"{each.kind.id:{width}}  {each.kind.level.name.lower():7}{deploy}"
        yield f"    {each.kind.why}"


def _kind_as_dict(listed: Listed) -> dict[str, t.Any]:
    kind = listed.kind
    level = kind.level.name.lower()
    return {"id": kind.id, "level": level, "why": kind.why, "deploy": listed.only_for_deploy}
