"""The sources of options besides the command line: environment files and variables."""

from __future__ import annotations

import os
import typing as t
from contextlib import contextmanager

import click
from click.core import ParameterSource

from .. import environment_files
from ..environment_files import say as say


# COMPAT: the name is looked up here when it is used; the legacy layer replaces it.
def mention_flask_env() -> None:
    """Say that FLASK_ENV, which chose debug mode before Flask 2.3, changes nothing."""
    if os.environ.get("FLASK_ENV"):
        say("FLASK_ENV is ignored: Flask dropped it in 2.3. For debug mode set FLASK_DEBUG=1.")


def load_dotenv(path: str | os.PathLike[str] | None = None, load_defaults: bool = True) -> bool:
    """Set environment variables from files, and tell whether there were any in them.

    A variable that is set already stays. Among the files `path` goes before `.env`, and that before
    `.flaskenv`; those two are looked for here and in the folders above, and left out without
    `load_defaults`. A line that is no assignment is reported on standard error and skipped. Without
    python-dotenv nothing is set, and a notice is printed. Raises `OSError` or `UnicodeDecodeError`.
    """
    try:
        import dotenv  # noqa: F401
    except ImportError:
        _mention_python_dotenv(path)
        return False
    return environment_files.load(path, load_defaults)


def _mention_python_dotenv(path: str | os.PathLike[str] | None) -> None:
    here = [name for name in environment_files.USUAL_FILES if os.path.isfile(name)]
    if path or here:
        names = " and ".join(map(repr, [os.fspath(path)] if path else here))
        say(f"{names} not read: that takes python-dotenv ('pip install python-dotenv').")


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
