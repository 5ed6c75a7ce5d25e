"""The command `erlen doctor`."""

from __future__ import annotations

import sys

import click


@click.command("doctor", short_help="Compare the installed extensions with those that were tried.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    help="A table for people, or JSON for programs.",
)
def doctor(form: str) -> None:
    """Compare the installed extensions of Flask with those that were tried on Erlen.

    Nothing is imported and nothing is run: the names and versions of the installed distributions are
    compared with the results that come with Erlen. The status is 1 if one of them is known not to work.
    """
    from . import report

    found = report.examine()
    click.echo(report.as_json(found) if form == "json" else report.as_text(found))
    if found.is_broken:
        sys.exit(1)
