"""The command `erlen script`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import click

from erlen.cli import ScriptInfo, pass_script_info

from .errors import FAILED, ScriptError
from .loading import folder
from .places import Script, find, scripts_in


def _days(value: str | int) -> int:
    found = re.fullmatch(r"(\d{1,5})d?", str(value), re.ASCII)
    if found is None:
        raise click.BadParameter(f"{value!r} is no number of days: write 90d.")
    return int(found[1])


class _Scripts(click.Group):
    """The command `run`, whose commands are the scripts."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [each.name for each in scripts_in(folder())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from .running import command_of

        return command_of(find(folder(), cmd_name), ctx.ensure_object(ScriptInfo))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the scripts without importing them."""
        rows = [(each.name, each.summary()) for each in scripts_in(folder())]
        if rows:
            with formatter.section("Scripts"):
                formatter.write_dl(rows)


@click.group("script", short_help="List, make, run and check offline scripts.")
def script() -> None:
    """Offline scripts: what is run by hand, once or again and again.

    They are in the folder 'offline_script', or in the one that OFFLINE_SCRIPTS names.
    """


@script.command("list")
@click.option("--stale", type=_days, metavar="90d", help="Only those not used for so many days.")
@pass_script_info
def list_command(info: ScriptInfo, stale: int | None) -> None:
    """List the scripts: place, author, age, last run, and what each does."""
    from . import listing

    today = date.today()
    found = list(listing.entries(folder(), _records_folder(info)))
    if stale is not None:
        found = [each for each in found if each.is_stale(stale, today)]
    if not found:
        click.echo("There are no such scripts." if stale is not None else "There are no scripts yet.")
        return
    click.echo(listing.as_table(listing.rows_of(found, today)))


def _records_folder(info: ScriptInfo) -> Path | None:
    """Return where the records are; scripts can be listed and moved when the application is broken, too."""
    try:
        return Path(info.load_app().instance_path) / "script-log"
    except Exception as error:
        said = error.format_message() if isinstance(error, click.ClickException) else repr(error)
        click.echo(f"The application could not be loaded, so nothing is known of runs: {said}", err=True)
        return None


@script.command("new")
@click.argument("name")
@click.option("--recycle", is_flag=True, help="A lasting script, and not a temporary one with today's date.")
@click.option("--anyway", is_flag=True, help="Make it although there is one of nearly this name.")
def new_command(name: str, recycle: bool, anyway: bool) -> None:
    """Make a script and a file for its tests."""
    from . import creating

    made = creating.create(folder(), name, lasting=recycle, anyway=anyway)
    click.echo(f"{_shown(made.path)}\n{_shown(made.test)}")
    before = creating.same_before(made)
    if before is not None:
        click.echo(
            f"{_shown(before.path)} was for the same: if it is needed again and again,"
            f" 'erlen script promote {before.name}'.",
            err=True,
        )


@script.group("run", cls=_Scripts, subcommand_metavar="NAME [OPTIONS]")
def run_command() -> None:
    """Run a script; its parameters are options: 'NAME --help' lists them."""


@script.command("promote")
@click.argument("name")
@click.argument("new_name", required=False)
@click.option("--anyway", is_flag=True, help="Although there is one of nearly this name.")
@pass_script_info
def promote_command(info: ScriptInfo, name: str, new_name: str | None, anyway: bool) -> None:
    """Make a temporary script one that is used again: move it to 'recycle'."""
    from . import moving

    _report_move(info, moving.promote(folder(), name, new_name, anyway))


@script.command("retire")
@click.argument("name")
@pass_script_info
def retire_command(info: ScriptInfo, name: str) -> None:
    """Put a script aside that was not used again: move it to 'unrecycle'."""
    from . import moving

    _report_move(info, moving.retire(folder(), name))


def _report_move(info: ScriptInfo, move: tuple[Script, Script]) -> None:
    from . import kept

    old, new = move
    records = _records_folder(info)
    if records is not None:
        kept.rename(records, old, new)
    click.echo(f"{_shown(old.path)} -> {_shown(new.path)}")


@script.command("check")
@click.option(
    "--oldest",
    type=_days,
    default=180,
    metavar="180d",
    show_default=True,
    help="How old temporary ones may be.",
)
@pass_script_info
def check_command(info: ScriptInfo, oldest: int) -> None:
    """Check names, places and docstrings, and that each script can be imported and has 'main'."""
    from . import checking, importers

    where = folder()
    if not where.is_dir():
        raise ScriptError(f"There is no folder {str(where)!r}: go to the project's, or set OFFLINE_SCRIPTS.")
    with info.load_app().app_context():
        found = list(checking.findings(where, oldest=oldest))
    found += [f"{each}: imports a script" for each in importers.importers(Path.cwd(), where)]
    for line in found:
        click.echo(line)
    if found:
        raise SystemExit(FAILED)
    click.echo(f"{len(list(scripts_in(where)))} scripts, nothing to complain about.")


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
