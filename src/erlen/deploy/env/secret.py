"""The command `erlen secret`."""

from __future__ import annotations

import importlib.util
import re
import sys

import click

from .ignored import advice_on
from .key import KeyIsSet, NotWritable, fallbacks_name, new_key, with_key
from .replacing import TextFile
from .statements import values_of

KEPT = 3


def _variable(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise click.BadParameter(f"{value!r} is no name of a variable: letters, digits and underscores.")
    return value


@click.command("secret", short_help="Make a secret key.")
@click.option(
    "--write",
    "path",
    is_flag=False,
    flag_value=".env",
    metavar="[FILE]",
    help="Put it into this file in place of printing it. [default: .env]",
)
@click.option(
    "--name", default="SECRET_KEY", show_default=True, callback=_variable, help="The variable in the file."
)
@click.option(
    "--rotate", is_flag=True, help="Replace a key that is there; sessions that it signed stay valid."
)
def secret(path: str | None, name: str, rotate: bool) -> None:
    """Make a key of 32 random bytes, for sessions and other signatures.

    With '--write', it is put into a file and not printed. A key that is there already is kept, and the exit
    status is 3. With '--rotate', the new key takes its place, and the old one goes to the front of
    SECRET_KEY_FALLBACKS, a list in JSON.
    """
    if path is None:
        if rotate:
            raise click.UsageError("'--rotate' needs '--write': it replaces a key in a file.")
        click.echo(new_key())
        return
    try:
        _write(path, name, rotate)
    except NotWritable as error:
        raise click.ClickException(str(error)) from None
    except KeyIsSet:
        click.echo(
            f"{path!r} has {name} already, and it is kept. To replace it and still accept what it has signed,"
            " add '--rotate'.",
            err=True,
        )
        sys.exit(KEPT)


def _write(path: str, name: str, rotate: bool) -> None:
    file = TextFile(path)
    before = file.text
    after = with_key(before, name, new_key(), rotate=rotate)
    file.write(after)
    how = "a new file that only you may read" if file.is_new else "everything else in it is as it was"
    click.echo(f"{name} is in {path!r}, {how}.")
    fallbacks = fallbacks_name(name)
    if values_of(after).get(fallbacks) != values_of(before).get(fallbacks):
        click.echo(f"The key before it is the first of {fallbacks}.")
    if file.is_for_all:
        _warn(f"Every user of this machine may read {path!r}: 'chmod 600' changes that.")
    if (advice := advice_on(path)) is not None:
        _warn(advice)
    if importlib.util.find_spec("dotenv") is None:
        _warn(
            "Erlen reads such files with python-dotenv, which is not installed: pip install 'erlen[dotenv]'."
        )


def _warn(message: str) -> None:
    click.secho(message, fg="yellow", err=True)
