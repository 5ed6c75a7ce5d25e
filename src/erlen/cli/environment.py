"""The sources of options besides the command line: environment files and variables."""

from __future__ import annotations

import io
import logging
import os
import typing as t
from contextlib import contextmanager

import click
from click.core import ParameterSource

_DEFAULT_FILES = (".flaskenv", ".env")


def load_dotenv(path: str | os.PathLike[str] | None = None, load_defaults: bool = True) -> bool:
    """Set environment variables from files, and tell whether there were any in them.

    A variable that is set already stays. Among the files `path` goes before `.env`, and that before
    `.flaskenv`; those two are looked for here and in the folders above, and left out without
    `load_defaults`. A line that is no assignment is reported on standard error and skipped. Without
    python-dotenv nothing is set, and a notice is printed. Raises `OSError` or `UnicodeDecodeError`.
    """
    try:
        import dotenv
    except ImportError:
        _mention_python_dotenv(path)
        return False
    files: list[str | os.PathLike[str]] = []
    if load_defaults:
        files += filter(None, (dotenv.find_dotenv(name, usecwd=True) for name in _DEFAULT_FILES))
    if path is not None and os.path.isfile(path):
        files.append(path)
    values: dict[str, str | None] = {}
    for file in files:
        values |= _read(file)
    for name, value in values.items():
        if value is not None:
            os.environ.setdefault(name, value)
    return bool(values)


def _mention_python_dotenv(path: str | os.PathLike[str] | None) -> None:
    here = [name for name in _DEFAULT_FILES if os.path.isfile(name)]
    if path or here:
        names = " and ".join(map(repr, [os.fspath(path)] if path else here))
        _say(f"{names} not read: that takes python-dotenv ('pip install python-dotenv').")


def _say(message: str) -> None:
    click.secho(f" * {message}", fg="yellow", err=True)


def _read(file: str | os.PathLike[str]) -> dict[str, str | None]:
    from dotenv import dotenv_values

    with open(file, "rb") as opened:
        raw = opened.read()
    try:
        text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8").read()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        error.reason += f" ({os.fspath(file)}, line {line}: environment files are UTF-8)"
        raise
    with _bad_lines_reported(file, text):
        return dotenv_values(stream=io.StringIO(text))


@contextmanager
def _bad_lines_reported(file: str | os.PathLike[str], text: str) -> t.Iterator[None]:
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
        _say(
            f"{os.fspath(file)}, line {number}: skipped, it does not read as NAME=value"
            " (is a quote missing, or a '#' in front of a comment?)."
        )
        return False

    logger = logging.getLogger("dotenv.main")
    logger.addFilter(report)
    try:
        yield
    finally:
        logger.removeFilter(report)


def adopt_erlen_variables(ctx: click.Context, concerns: t.Callable[[str], bool]) -> None:
    """Let `ERLEN_<NAME>` stand for `FLASK_<NAME>` until the context closes, for the names that are asked for.

    Click reads one prefix. With this, every option of every command has its variable under both, those
    of users' and plugins' commands too; `ERLEN_` goes first. A group with a prefix of its own keeps to it.
    """
    if ctx.auto_envvar_prefix != "FLASK":
        return
    for variable, value in list(os.environ.items()):
        prefix, _, name = variable.partition("_")
        if prefix == "ERLEN" and value and concerns(name):
            ctx.with_resource(_environment_variable(f"FLASK_{name}", value))


def variable_behind(error: click.BadParameter) -> str | None:
    """Return the name of the variable that a wrong value was read from, if it was read from one."""
    ctx, param = error.ctx, error.param
    if ctx is None or param is None or not param.name:
        return None
    if ctx.get_parameter_source(param.name) is not ParameterSource.ENVIRONMENT:
        return None
    by_prefix = f"{ctx.auto_envvar_prefix}_{param.name}".upper()
    by_name = [param.envvar] if isinstance(param.envvar, str) else param.envvar or ()
    names = (*by_name, by_prefix.replace("FLASK_", "ERLEN_", 1), by_prefix)
    return next((name for name in names if os.environ.get(name)), None)


@contextmanager
def _environment_variable(name: str, value: str) -> t.Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before
