"""Shows findings and notes: as text, as JSON, or as GitHub's annotations."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from .finding import Finding, Note

if t.TYPE_CHECKING:
    from .survey import Survey

FORMATS = ("text", "json", "github")

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
    """Yield the report, a line at a time; `form` is one of `FORMATS`."""
    return {"text": _text, "json": _json, "github": _github}[form](survey)


def message(finding: Finding) -> str:
    """Say what is old and what to write instead."""
    like = "" if finding.is_certain else "likely "
    package = _LIBRARIES.get(finding.record.library, "Python")
    return f"{like}{finding.name}, last in {package} {finding.record.last}; instead: {finding.instead}"


def shown(path: Path, root: Path) -> str:
    """Return a path as it is shown: from the application's folder, and on one line."""
    text = str(path.relative_to(root) if path.is_relative_to(root) else path)
    return printable(text)


def printable(text: str) -> str:
    """Return a text on one line, with what cannot be printed escaped."""
    # SECURITY: names of files and parts of them may hold sequences for the terminal.
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )


def _text(survey: Survey) -> t.Iterator[str]:
    for finding in survey.findings:
        where = f"{shown(finding.path, survey.root)}:{finding.line}:{finding.span.column + 1}"
        yield f"{where}: {printable(message(finding))}{_ending(survey, finding)}"
    for note in survey.notes:
        yield f"{shown(note.path, survey.root)}:{note.line}: not read: {printable(note.text)}"
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
        "path": _path(finding.path, survey.root),
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
        "path": _path(note.path, survey.root),
        "line": note.line,
        "text": note.text,
        "distribution": note.distribution,
    }


def _path(path: Path, root: Path) -> str:
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _github(survey: Survey) -> t.Iterator[str]:
    """Yield workflow commands: a warning at the line for what is the application's, else without a place."""
    for finding in survey.findings:
        where = _properties(finding.path, survey.root, finding.line, finding.distribution)
        yield f"::warning {where}::{_data(message(finding) + _ending(survey, finding))}"
    for note in survey.notes:
        where = _properties(note.path, survey.root, note.line, note.distribution)
        yield f"::notice {where}::{_data(f'not read: {note.text}')}"


def _properties(path: Path, root: Path, line: int, distribution: str | None) -> str:
    if distribution is not None:
        return f"title={_property(distribution)}"
    # Annotations are for paths from the root of the checkout, which is where a workflow runs.
    here = Path.cwd()
    shown_path = path.relative_to(here) if path.is_relative_to(here) else path
    return f"file={_property(str(shown_path))},line={line},title=Old name"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    escaped = text.encode(errors="backslashreplace").decode().replace("%", "%25")
    for character in "\r\n:,":
        escaped = escaped.replace(character, f"%{ord(character):02X}")
    return printable(escaped)
