"""Findings that somebody has decided to live with: silenced by id, each with a reason.

Everywhere by the setting SILENCED_CHECKS or by `[tool.erlen.check]` in `pyproject.toml`; at one line by a
comment `# erlen: ignore[id] reason`. What has no reason silences nothing, and is a finding itself.
"""

from __future__ import annotations

import importlib
import io
import re
import sys
import tokenize
import typing as t
from pathlib import Path

from erlen import project_files

from .examined import Examined
from .finding import Finding, Kind, Level, Place

SETTING = "SILENCED_CHECKS"

SILENCE_WITHOUT_REASON = Kind(
    "silence-without-reason", Level.WARNING, "Nobody will know later whether it may be taken back."
)
SILENCE_UNKNOWN = Kind(
    "silence-unknown", Level.WARNING, "It silences nothing: no kind of finding has this id."
)
SILENCE_UNREAD = Kind("silence-unread", Level.WARNING, "What the file silences is reported.")

_COMMENT = re.compile(r"erlen:\s*ignore\[([^\]]*)\]\s*(.*)")
_END_OF_COMMENT = re.compile(r"\s*(?:-?#\}|-->|\*/).*$")
_MARK = "ignore["


class Silence(t.NamedTuple):
    """What silences the findings of an id."""

    id: str
    reason: str
    place: Place | None
    # Whether it is for the findings of its line alone.
    is_comment: bool = False


class Silences:
    """All that silences findings of an application."""

    def __init__(self, examined: Examined) -> None:
        self._examined = examined
        self._problems: list[Finding] = []
        self._everywhere = [*self._of_settings(), *self._of_pyproject()]
        self._by_file: dict[Path, list[Silence]] = {}
        for source in examined.sources:
            self._comments_in(source.path)

    def problems(self, known: t.Container[str]) -> t.Iterator[Finding]:
        """Yield what is wrong with the silences themselves; *known* has the ids that there are."""
        yield from self._problems
        comments = (each for silences in self._by_file.values() for each in silences)
        for silence in (*self._everywhere, *comments):
            if silence.id not in known:
                yield SILENCE_UNKNOWN.found(
                    f"There is no kind of finding with the id {silence.id!r}.",
                    silence.place,
                    write="erlen check --list",
                )
            elif not silence.reason:
                yield SILENCE_WITHOUT_REASON.found(
                    f"{silence.id!r} is silenced without a reason.",
                    silence.place,
                    write=_with_reason(silence),
                )

    def reason_for(self, finding: Finding) -> str | None:
        """Return why a finding is silenced; None where it is not."""
        here = self._comments_in(finding.place.path) if finding.place is not None else []
        found = [
            silence.reason
            for silence in (*here, *self._everywhere)
            if silence.id == finding.kind.id and silence.reason
            if not silence.is_comment or silence.place == finding.place
        ]
        return found[0] if found else None

    def _of_settings(self) -> t.Iterator[Silence]:
        given = self._examined.app.config.get(SETTING)
        yield from _silences(given, self._examined.settings.get(SETTING))

    def _of_pyproject(self) -> t.Iterator[Silence]:
        root = self._examined.root
        for folder in (root, *root.parents):
            path = folder / "pyproject.toml"
            if path.is_file():
                yield from self._of_toml(path)
                return

    def _of_toml(self, path: Path) -> t.Iterator[Silence]:
        try:
            text = project_files.read(path).decode()
            if "tool.erlen" not in text:
                return
            toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
            given = toml.loads(text).get("tool", {}).get("erlen", {}).get("check", {}).get("silence")
        except ModuleNotFoundError:
            self._unread(path, "Python before 3.11 cannot read it by itself", "pip install tomli")
        except (project_files.UnreadableFile, ValueError, AttributeError, RecursionError) as error:
            self._unread(path, str(error), "")
        else:
            for silence in _silences(given, None):
                yield Silence(silence.id, silence.reason, Place(path, _line_of(silence.id, text)))

    def _unread(self, path: Path, why: str, write: str) -> None:
        what = f"The settings of 'erlen check' in this file cannot be read: {why}."
        self._problems.append(SILENCE_UNREAD.found(what, Place(path), write=write))

    def _comments_in(self, path: Path) -> list[Silence]:
        if path not in self._by_file:
            self._by_file[path] = list(_comments(path))
        return self._by_file[path]


def _silences(given: t.Any, place: Place | None) -> t.Iterator[Silence]:
    if isinstance(given, t.Mapping):
        for id_, reason in given.items():
            yield Silence(str(id_), reason.strip() if isinstance(reason, str) else "", place)
    elif isinstance(given, str):
        yield Silence(given, "", place)
    elif isinstance(given, t.Iterable):
        yield from (Silence(str(each), "", place) for each in given)


def _line_of(id_: str, text: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if id_ in line), 1)


def _comments(path: Path) -> t.Iterator[Silence]:
    try:
        text = project_files.read(path).decode("utf-8", "replace")
    except project_files.UnreadableFile:
        return
    if _MARK not in text:
        return
    lines = _python_comments(text) if path.suffix in (".py", ".pyw") else enumerate(text.splitlines(), 1)
    for number, line in lines:
        if match := _COMMENT.search(line):
            reason = _END_OF_COMMENT.sub("", match[2]).strip()
            for id_ in match[1].split(","):
                yield Silence(id_.strip(), reason, Place(path, number), is_comment=True)


def _python_comments(text: str) -> t.Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _with_reason(silence: Silence) -> str:
    if silence.is_comment:
        return f"# erlen: ignore[{silence.id}] why this is right here"
    return f'"{silence.id}": "why this is right here"'
