"""Shows findings and notes: as text, as JSON, or as GitHub's annotations."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from erlen.reporting import annotation, from_folder, printable, shown_path

from .finding import Finding, Note

if t.TYPE_CHECKING:
    from .survey import Survey

_LIBRARIES = {
    "flask": "Flask",
    "werkzeug": "Werkzeug",
    "jinja2": "Jinja",
    "itsdangerous": "ItsDangerous",
    "markupsafe": "MarkupSafe",
    "click": "Click",
}
"""What packages are called; the others are Python's own."""


def lines(survey: Survey, form: str) -> t.Iterator[str]:
    """Yield the report, a line at a time; `form` is one of `erlen.reporting.FORMATS`."""
    return {"text": _text, "json": _json, "github": _github}[form](survey)


def message(finding: Finding) -> str:
    """Say what is old and what to write instead."""
    like = "" if finding.is_certain else "likely "
    package = _LIBRARIES.get(finding.record.library, "Python")
    return f"{like}{finding.name}, last in {package} {finding.record.last}; instead: {finding.instead}"


def _text(survey: Survey) -> t.Iterator[str]:
    for finding in survey.findings:
        where = f"{shown_path(finding.path, survey.root)}:{finding.line}:{finding.span.column + 1}"
        yield f"{where}: {printable(message(finding))}{_ending(survey, finding)}"
    for note in survey.notes:
        yield f"{shown_path(note.path, survey.root)}:{note.line}: not read: {printable(note.text)}"
    yield _summary(survey)


def _ending(survey: Survey, finding: Finding) -> str:
    if finding.distribution is not None:
        return f" [in {finding.distribution}]"
    return " [--fix]" if survey.can_fix(finding) else ""


def _summary(survey: Survey) -> str:
    extensions = ", ".join(f"{each.name} {each.version}" for each in survey.extensions)
    files = f"{survey.files} {'file' if survey.files == 1 else 'files'}"
    where = f"{files} of the application" + (f", and in {extensions}" if extensions else "")
    if not survey.findings:
        return f"No old names in {where}."
    count = len(survey.findings)
    fixable = sum(map(survey.can_fix, survey.findings))
    more = f" '--fix' rewrites {fixable}." if fixable else ""
    return f"{count} {'use' if count == 1 else 'uses'} of old names in {where}.{more}"


def _json(survey: Survey) -> t.Iterator[str]:
    yield json.dumps(
        {
            "findings": [_as_dict(survey, finding) for finding in survey.findings],
            "notes": [_note_as_dict(survey, note) for note in survey.notes],
            "extensions": [
                {"name": extension.name, "version": extension.version} for extension in survey.extensions
            ],
        },
        indent=2,
    )


def _as_dict(survey: Survey, finding: Finding) -> dict[str, t.Any]:
    return {
        "path": from_folder(finding.path, survey.root),
        "line": finding.line,
        "column": finding.span.column + 1,
        "name": finding.name,
        "kind": finding.kind,
        "library": finding.record.library,
        "last": finding.record.last,
        "instead": finding.instead,
        "certain": finding.is_certain,
        "fixable": survey.can_fix(finding),
        "distribution": finding.distribution,
    }


def _note_as_dict(survey: Survey, note: Note) -> dict[str, t.Any]:
    return {
        "path": from_folder(note.path, survey.root),
        "line": note.line,
        "text": note.text,
        "distribution": note.distribution,
    }


def _github(survey: Survey) -> t.Iterator[str]:
    """Yield annotations: a warning at the line for what is the application's, else without a place."""
    for finding in survey.findings:
        where = _where(finding.path, finding.line, finding.distribution)
        yield annotation("warning", message(finding) + _ending(survey, finding), **where)
    for note in survey.notes:
        where = _where(note.path, note.line, note.distribution)
        yield annotation("notice", f"not read: {note.text}", **where)


def _where(path: Path, line: int, distribution: str | None) -> dict[str, t.Any]:
    if distribution is not None:
        return {"title": distribution}
    return {"path": path, "line": line, "title": "Old name"}
