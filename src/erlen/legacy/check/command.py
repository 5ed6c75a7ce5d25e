"""The command behind `erlen check --legacy`."""

from __future__ import annotations

import typing as t
from importlib.util import find_spec
from pathlib import Path

import click

from erlen.reporting import format_option, printable, say, shown_path

from . import fix as fixing
from . import place, report
from .survey import Survey, survey

if t.TYPE_CHECKING:
    from .finding import Note


@click.command(
    "legacy", short_help="Find names that Flask and its libraries have no more, and rewrite what is safe."
)
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--fix", is_flag=True, help="Rewrite the application's own files where that is safe.")
@click.option("--diff", is_flag=True, help="Show what '--fix' would rewrite, and write nothing.")
@format_option
@click.option(
    "--extensions/--no-extensions",
    "with_extensions",
    default=True,
    help="Also read the installed extensions that the application imports; on by default.",
)
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out files and folders like this ('tests/*')."
)
@click.pass_context
def legacy_command(
    ctx: click.Context,
    *,
    path: Path | None,
    fix: bool,
    diff: bool,
    form: str,
    with_extensions: bool,
    exclude: tuple[str, ...],
) -> None:
    """Find names that Flask, Werkzeug, Jinja and their like had and have no more.

    Reads the files in PATH, else those of the application of '--app', else those in this folder, and the
    extensions that they import. Nothing is imported or run. The exit status is 1 if something was found.
    """
    if fix and diff:
        raise click.UsageError("'--fix' writes and '--diff' does not: give one of them.", ctx)
    if (fix or diff) and find_spec("libcst") is None:
        raise click.UsageError(fixing.MISSING, ctx)
    found = survey(place.application(ctx, path), exclude, with_extensions=with_extensions)
    if not found.files and not found.notes:
        raise click.UsageError(
            f"There are no Python files in {shown_path(found.root, found.root.parent)!r}.", ctx
        )
    if diff:
        _show_diff(found)
    elif fix and _write(found):
        found = survey(found.root, exclude, with_extensions=with_extensions)
    for line in () if diff else report.lines(found, form):
        say(line)
    ctx.exit(0 if found.is_clean else 1)


def _show_diff(found: Survey) -> None:
    for file in fixing.rewritten(found):
        if isinstance(file, fixing.Rewritten):
            say(fixing.diff(file, found.root).rstrip("\n"))
        else:
            _say_note(found, file)
    rest = sum(not found.can_fix(finding) for finding in found.findings)
    if rest:
        say(f"More to change by hand: {rest}. 'erlen check --legacy' lists what.", err=True)


def _write(found: Survey) -> bool:
    """Write the files that change, and tell whether there were any."""
    has_written = False
    for file in fixing.rewritten(found):
        if not isinstance(file, fixing.Rewritten):
            _say_note(found, file)
            continue
        name = shown_path(file.path, found.root)
        try:
            fixing.write(file)
        except OSError as error:
            say(f"{name}: not written: {printable(str(error))}", err=True)
            continue
        has_written = True
        say(f"{name}: {file.changes} rewritten", err=True)
    return has_written


def _say_note(found: Survey, note: Note) -> None:
    say(f"{shown_path(note.path, found.root)}:{note.line}: {printable(note.text)}", err=True)
