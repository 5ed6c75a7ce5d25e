"""The command `erlen env`."""

from __future__ import annotations

import os
import sys
import typing as t

import click

from erlen import environment_files
from erlen.cli import NoAppException, ScriptInfo, pass_script_info

from .recording import Recording
from .sources import Setting, settings_of, variables
from .statements import values_of

if t.TYPE_CHECKING:
    from erlen import Erlen


@click.command("env", short_help="Show where each setting comes from.")
@click.option(
    "--check",
    "example",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Only compare the variables with those in this file, as in '.env.example'.",
)
@pass_script_info
def env(info: ScriptInfo, example: str | None) -> None:
    """Show each setting of the application, its value, and where it comes from; secrets are not shown.

    With '--check', the exit status is 1 if a variable is missing that the file has.
    """
    if example is not None:
        sys.exit(_check(example))
    recording = Recording()
    app, error = _load(info, recording)
    if app is not None:
        _print("setting", settings_of(app, recording))
        click.echo()
    _print("variable", variables())
    if error is not None:
        click.secho(f"\n{error}", fg="yellow", err=True)
        sys.exit(1)


def _load(info: ScriptInfo, recording: Recording) -> tuple[Erlen | None, str | None]:
    """Return the application, or what to say about it: this is a command for one that does not start, too."""
    with recording.running():
        try:
            return info.load_app(), None
        except NoAppException as error:
            return None, error.format_message()
        except Exception as error:
            return None, f"The application does not load: {type(error).__name__}: {error}"


def _print(title: str, rows: list[Setting]) -> None:
    table = [Setting(title, "value", "from"), *rows]
    widths = [max(len(row[column]) for row in table) for column in (0, 1)]
    for row in table:
        click.echo(f"{row.name:{widths[0]}}  {row.value:{widths[1]}}  {row.source}".rstrip())


def _check(example: str) -> int:
    """Name what is missing and what is surplus; return the exit status."""
    try:
        with open(example, encoding="utf-8-sig") as file:
            wanted = set(values_of(file.read()))
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{example!r} cannot be read: {error}") from None
    read = environment_files.files_read()
    missing = sorted(wanted - set(os.environ))
    surplus = sorted({name for file in read for name in file.values} - wanted)
    for word, names in (("Missing", missing), ("Surplus", surplus)):
        if names:
            click.echo(f"{word}: {', '.join(map(_printable, names))}")
    if not missing and not surplus:
        click.echo(f"All {len(wanted)} variables are there, and no others.")
    return 1 if missing else 0


def _printable(name: str) -> str:
    return name if name.isprintable() else ascii(name)
