"""Environment files: reading them into the environment, and remembering which variable came from which."""

from __future__ import annotations

import io
import logging
import os
import stat
import typing as t
from contextlib import contextmanager

USUAL_FILES = (".flaskenv", ".env")
"""The files that are looked for in a folder and those above it; the later one goes before the earlier."""

Path = t.Union[str, "os.PathLike[str]"]


class EnvironmentFile(t.NamedTuple):
    """A file that was read."""

    path: str
    # As whoever asked for it knows it: '--env-file', '.env', '.flaskenv', 'load_env'.
    source: str
    # The variables that it has set: not those that the environment or another file had already.
    values: dict[str, str]


class _Load(t.NamedTuple):
    path: str | None
    with_usual_files: bool


# What this process has read, in the order of reading, and what for.
_files: list[EnvironmentFile] = []
_loads: list[_Load] = []


def files_read() -> tuple[EnvironmentFile, ...]:
    """Return the files that this process has read, those that go before others last."""
    return tuple(_files)


def source_of(variable: str) -> str | None:
    """Return the source that has set a variable, as `EnvironmentFile.source`; None if it was no file."""
    value = os.environ.get(variable)
    found = (file.source for file in _files if value is not None and file.values.get(variable) == value)
    return next(found, None)


def load_env(path: Path = ".env") -> bool:
    """Set environment variables from a file, and tell whether it was read.

    It is for programs that servers start by themselves, as `wsgi.py`. A variable that is set already stays.
    A relative path counts from the current folder. A file that does not exist is left out, and every one is
    with `FLASK_SKIP_DOTENV=1`. Raises `ImportError` without python-dotenv, `OSError` where the file cannot
    be read, `UnicodeDecodeError` where it is not UTF-8.
    """
    if _are_skipped() or not os.path.lexists(path):
        return False
    try:
        import dotenv  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{os.fspath(path)!r} is not read: that takes python-dotenv ('pip install erlen[dotenv]')."
        ) from error
    _set({os.fspath(path): "load_env"})
    return True


def _are_skipped() -> bool:
    return (os.environ.get("FLASK_SKIP_DOTENV") or "no").lower() not in ("0", "false", "no")


def load(path: Path | None, with_usual_files: bool, folder: Path = ".") -> bool:
    """Set variables from *path*, and from the usual files in *folder* or above; tell whether there were any.

    Needs python-dotenv. Raises `OSError`, or `ValueError` for what is no text or no name.
    """
    found: dict[str, str] = {}
    for name in USUAL_FILES if with_usual_files else ():
        if (usual := _find(name, folder)) is not None:
            found[usual] = name
    if path is not None and os.path.isfile(given := os.path.join(folder, path)):
        found[given] = "--env-file"
    there_were_any = _set(found)
    _loads.append(_Load(None if path is None else os.fspath(path), with_usual_files))
    return there_were_any


def load_again(folder: Path) -> None:
    """Take back what files have set, and read them anew: those that are in *folder* or above now.

    If one cannot be read, the environment is left as it was. Raises what `load` raises.
    """
    before, files, loads = dict(os.environ), _files[:], _loads[:]
    for file in files:
        for name, value in file.values.items():
            if os.environ.get(name) == value:
                del os.environ[name]
    _files.clear()
    _loads.clear()
    try:
        for each in loads:
            load(each.path, each.with_usual_files, os.path.realpath(folder))
    except BaseException:
        os.environ.clear()
        os.environ.update(before)
        _files[:], _loads[:] = files, loads
        raise


def _find(name: str, folder: Path) -> str | None:
    """Look for a file in *folder* and in those above it."""
    here = os.path.abspath(folder)
    while True:
        file = os.path.join(here, name)
        if os.path.isfile(file) or _is_pipe(file):
            return file
        # Environments of Python are sometimes called so.
        if os.path.isdir(file) and not os.path.isfile(os.path.join(file, "pyvenv.cfg")):
            say(f"{file!r} is a folder, and not read. Environment files are text: NAME=value.")
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def _is_pipe(file: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(file).st_mode)
    except OSError:
        return False


def _set(sources: dict[str, str]) -> bool:
    """Set variables from files, the later of which go before the earlier."""
    values: dict[str, str | None] = {}
    owners: dict[str, str] = {}
    for file in sources:
        read = _read(file)
        values |= read
        owners |= dict.fromkeys(read, file)
    taken: dict[str, dict[str, str]] = {file: {} for file in sources}
    for name, value in values.items():
        if value is not None and name not in os.environ:
            if "\0" in value:
                raise ValueError(
                    f"the value of {_shown(name)} in {_shown(owners[name])} has a NUL in it: remove it."
                )
            os.environ[name] = value
            taken[owners[name]][name] = value
    _files.extend(EnvironmentFile(file, source, taken[file]) for file, source in sources.items())
    return bool(values)


def _read(file: str) -> dict[str, str | None]:
    from dotenv import dotenv_values

    with open(file, "rb") as opened:
        raw = opened.read()
    try:
        # Editors on Windows write a mark in front, which would become a part of the first name.
        text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig").read()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        error.reason += f" ({file}, line {line}: environment files are UTF-8)"
        raise
    with _bad_lines_reported(file, text):
        return dotenv_values(stream=io.StringIO(text))


@contextmanager
def _bad_lines_reported(file: str, text: str) -> t.Iterator[None]:
    """Report file and line, where python-dotenv would log a line number alone."""

    def report(record: logging.LogRecord) -> bool:
        number = record.args[0] if isinstance(record.args, tuple) and record.args else None
        if not isinstance(number, int):
            return True
        lines = text.split("\n")
        # python-dotenv counts the empty lines above as the statement's own.
        while number < len(lines) and not lines[number - 1].strip():
            number += 1
        # SECURITY: the line itself is not shown, it may hold a secret.
        say(
            f"{file}, line {number}: skipped, it does not read as NAME=value"
            " (is a quote missing, or a '#' in front of a comment?)."
        )
        return False

    logger = logging.getLogger("dotenv.main")
    logger.addFilter(report)
    try:
        yield
    finally:
        logger.removeFilter(report)


# what is said


def say(message: str) -> None:
    """Print a notice on standard error."""
    import click

    click.secho(f" * {message}", fg="yellow", err=True)


_MOST_NAMES = 12


def summary() -> str | None:
    """Return one line on the files that were read: their names and those of variables, without values."""
    parts = [f"{_shown(_short(file.path))} ({_names_of(file)})" for file in _files]
    return f"Environment: {', '.join(reversed(parts))}" if parts else None


def _names_of(file: EnvironmentFile) -> str:
    names = [_shown(name) for name in file.values]
    more = len(names) - _MOST_NAMES
    if more > 0:
        names[_MOST_NAMES:] = [f"and {more} more"]
    return ", ".join(names) or "nothing new"


def _short(path: str) -> str:
    """Return the path of a file from the current folder, where it is in there."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


def _shown(name: str) -> str:
    # SECURITY: names with control characters would write to the terminal what they like.
    return name if name.isprintable() else ascii(name)
