"""Writes generated files: whole or not at all, and never over what somebody has changed."""

from __future__ import annotations

import difflib
import errno
import os
import typing as t
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from .files import is_unchanged, printable


class NotWritten(Exception):
    """Files that cannot be written; nothing has been."""


class Output(t.NamedTuple):
    """A file as it is to stand in the folder."""

    path: Path
    text: str
    mode: int


def write(outputs: list[Output], *, force: bool) -> list[Path]:
    """Write files; return those that were not there already with this text.

    Raises `NotWritten` if one is there and differs, without *force*; or was changed since it was written.
    """
    new = [output for output in outputs if _current(output.path) != output.text]
    problems = [problem for output in new if (problem := _problem(output.path, force))]
    if problems:
        raise NotWritten("\n".join(problems))
    beside: list[tuple[str, Output]] = []
    made: list[Path] = []
    replaced = 0
    try:
        for output in new:
            made += _make_folders(output.path.parent)
            beside.append((_write_beside(output), output))
        for temporary, output in beside:
            os.replace(temporary, output.path)
            replaced += 1
    except OSError as error:
        for temporary, _ in beside:
            _remove(temporary)
        for folder in reversed(made):
            with suppress(OSError):  # it may have something in it by now
                folder.rmdir()
        done = f"{replaced} of {len(new)} files were written" if replaced else "Nothing was written"
        raise NotWritten(f"{_reason(error)} {done}.") from error
    return [output.path for output in new]


def _reason(error: OSError) -> str:
    name = printable(str(error.filename or "a file"))
    ways = {
        errno.EACCES: "Write elsewhere with '--out', or as a user who may.",
        errno.EPERM: "Write elsewhere with '--out', or as a user who may.",
        errno.ENOTDIR: "A part of the path is a file: write elsewhere with '--out'.",
        errno.EEXIST: "A part of the path is a file: write elsewhere with '--out'.",
        errno.EROFS: "The disk cannot be written to: write elsewhere with '--out'.",
        errno.ENOSPC: "The disk is full.",
    }
    way = ways.get(error.errno or 0, "Write elsewhere with '--out'.")
    return f"{name}: {error.strerror}. {way}"


def diff(outputs: list[Output]) -> t.Iterator[str]:
    """Yield the lines of a unified diff from what is there to what would be written."""
    for output in outputs:
        name = printable(str(output.path))
        before = (_current(output.path) or "").splitlines(keepends=True)
        yield from difflib.unified_diff(
            before, output.text.splitlines(keepends=True), f"a/{name}" if before else "/dev/null", f"b/{name}"
        )


def _current(path: Path) -> str | None:
    try:
        # Line ends stay as they are: a file whose line ends were changed was changed.
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None


def _problem(path: Path, force: bool) -> str | None:
    """Return why a file cannot be replaced, and what to do; None if it can."""
    name = printable(str(path))
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return f"{name}: this is no ordinary file. Move it away."
    text = _current(path)
    if text is None:
        return f"{name}: it cannot be read." if path.exists() else None
    if not is_unchanged(text):
        return f"{name}: it was changed, or is not from here. '--diff' shows how; move it away."
    return None if force else f"{name}: it is there, and differs. '--diff' shows how, '--force' replaces it."


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the new ones, the outermost first."""
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return new[::-1]


def _write_beside(output: Output) -> str:
    folder, name = output.path.parent, output.path.name
    with NamedTemporaryFile("wb", dir=folder, prefix=f".{name}-", delete=False) as file:
        try:
            file.write(output.text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, output.mode)
        except BaseException:
            _remove(file.name)
            raise
    return file.name


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
