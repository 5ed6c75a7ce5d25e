"""The options of the group itself. Each acts through its callback: the group's body is the user's."""

from __future__ import annotations

import os
import platform
import typing as t

import click
from click.core import ParameterSource

import erlen.cli as cli

from .environment import adopt_erlen_variables
from .script_info import ScriptInfo


def _set_app(ctx: click.Context, param: click.Option, value: str | None) -> str | None:
    """Tell the script info which application is meant."""
    if value is not None:
        ctx.ensure_object(ScriptInfo).app_import_path = value
    return value


# Eager, because `--help` lists the application's commands. Click calls eager options in the order of
# their declaration, so this one is declared before `--help` and after `--env-file`, which may set FLASK_APP.
_app_option = click.Option(
    ["-A", "--app"],
    metavar="IMPORT",
    help=(
        "Where the application is: 'module:name', with a dotted module name or a path to a file. ':name' can"
        " be left out for 'app', 'application', 'create_app' and 'make_app'; a factory's arguments follow it,"
        " as in 'module:create_app(\"production\")'."
    ),
    is_eager=True,
    expose_value=False,
    callback=_set_app,
)


def _set_debug(ctx: click.Context, param: click.Option, value: bool) -> bool | None:
    """Put the choice into FLASK_DEBUG, where a factory can see it before there is an application."""
    source = ctx.get_parameter_source(param.name) if param.name else None
    if source in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP):
        # The option was not given: FLASK_DEBUG in the environment stays as it is.
        return None
    os.environ["FLASK_DEBUG"] = str(int(value))
    return value


_debug_option = click.Option(
    ["--debug/--no-debug"],
    help="Turn debug mode on or off: tracebacks in the browser, and a restart when a file changes.",
    expose_value=False,
    callback=_set_debug,
)


def _env_file_callback(ctx: click.Context, param: click.Option, value: str | None) -> str | None:
    """Load the environment files: the one that is given, and the default ones unless they are turned off."""
    if value is not None:
        _require_python_dotenv(ctx, param)
    use_defaults = ctx.obj.load_dotenv_defaults
    if value is not None or use_defaults:
        try:
            cli.load_dotenv(value, load_defaults=use_defaults)
        except (OSError, ValueError) as error:
            raise click.UsageError(f"Could not read an environment file: {error}", ctx) from error
    names = {option.name.upper() for option in ctx.command.params if option.name}
    adopt_erlen_variables(ctx, names.__contains__)
    return value


def _require_python_dotenv(ctx: click.Context, param: click.Option) -> None:
    try:
        import dotenv  # noqa: F401
    except ImportError:
        raise click.BadParameter(
            "python-dotenv reads this file and is not installed: 'pip install python-dotenv'.", ctx, param
        ) from None


# The first of the eager options: all others may get their values from these files.
_env_file_option = click.Option(
    ["-e", "--env-file"],
    type=click.Path(exists=True, dir_okay=False),
    envvar="ERLEN_ENV_FILE",
    help=(
        "Set environment variables from this file. It goes before '.env', which goes before '.flaskenv'; what"
        " the environment already has goes before all of them. Needs python-dotenv."
    ),
    is_eager=True,
    expose_value=False,
    callback=_env_file_callback,
)


def get_version(ctx: click.Context, param: click.Parameter, value: t.Any) -> None:
    """Print the versions of Python, Erlen, the Flask API it has, and Werkzeug; then exit."""
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    versions = (
        f"Python {platform.python_version()}",
        f"Erlen {version('erlen')} (API of Flask 3.1.3)",
        f"Werkzeug {version('werkzeug')}",
    )
    cli.click.echo("\n".join(versions), color=ctx.color)
    ctx.exit()


version_option = click.Option(
    ["--version"],
    help="Show the versions of Erlen, Python and Werkzeug.",
    expose_value=False,
    callback=get_version,
    is_flag=True,
    is_eager=True,
)
