"""Rewrites the application's files, or shows how they would be rewritten."""

from __future__ import annotations

import difflib
import os
import tempfile
import typing as t
from collections import Counter
from contextlib import suppress
from pathlib import Path

from erlen.reporting import shown_path

from . import files
from .finding import Finding, Note
from .replacements import edits_of
from .survey import Survey, read_file

MISSING = "Rewriting takes LibCST, which is not installed: 'pip install erlen[legacy]'."


class Rewritten(t.NamedTuple):
    """A file, before and after."""

    path: Path
    before: bytes
    after: bytes
    changes: int


def rewritten(survey: Survey) -> t.Iterator[Rewritten | Note]:
    """Yield the application's files that change; a note for one that cannot be changed safely."""
    by_file: dict[Path, list[Finding]] = {}
    for finding in survey.findings:
        if survey.can_fix(finding):
            by_file.setdefault(finding.path, []).append(finding)
    for path, findings in by_file.items():
        yield _rewritten(path, findings, survey.root)


def _rewritten(path: Path, findings: list[Finding], root: Path) -> Rewritten | Note:
    from .rewriting import rewrite

    edits = [edit for finding in findings for edit in edits_of(finding)]
    assert findings[0].module is not None
    before = findings[0].module.source.content
    if path.is_symlink():
        return Note(path, 1, "a link to another place is not rewritten")
    try:
        after, done = rewrite(before, edits)
        if done == set(edits) and _is_better(path, before, after, root):
            return Rewritten(path, before, after, len(findings))
    except Exception as error:
        # LibCST does not take all that Python takes; the file stays as it is.
        return Note(path, 1, f"it cannot be rewritten: {type(error).__name__}: {error}")
    return Note(path, findings[0].line, "it cannot be rewritten: one of its changes is not safe")


def _is_better(path: Path, before: bytes, after: bytes, root: Path) -> bool:
    """Tell whether what was rewritten can be read, and has fewer old names and no new ones."""
    old, new = (
        Counter(finding.record.name for finding in read_file(path, content, root))
        for content in (before, after)
    )
    return new <= old and new != old


def diff(file: Rewritten, root: Path) -> str:
    """Return the change of a file as a unified diff."""
    name = shown_path(file.path, root)
    before, after = (_lines(file.path, content) for content in (file.before, file.after))
    return "".join(difflib.unified_diff(before, after, f"{name} (now)", f"{name} (rewritten)"))


def _lines(path: Path, content: bytes) -> list[str]:
    text = files.Source(path, content).text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, f"{lines[-1]}\n\\ No newline at end of file\n"] if lines[-1] else ended


def write(file: Rewritten) -> None:
    """Put the new content in the file's place, whole or not at all, with its mode; raises `OSError`."""
    if file.path.read_bytes() != file.before:
        raise OSError("it has changed in the meantime")
    found = file.path.stat()
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=file.path.parent)
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(file.after)
            new.flush()
            os.fsync(handle)
        os.chmod(name, found.st_mode)
        with suppress(OSError, AttributeError):
            os.chown(name, found.st_uid, found.st_gid)
        os.replace(name, file.path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
