"""What reports of commands are made of: printable text, paths, annotations of GitHub's workflows."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

F = t.TypeVar("F", bound="t.Callable[..., t.Any]")

FORMATS = ("text", "json", "github")
"""The forms of a report."""


def format_option(command: F) -> F:
    """Give a command the option ``--format``, which it gets as *form*: one of `FORMATS`."""
    import click

    option = click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="text",
        help="How to report: as text, as JSON, or as annotations of GitHub's workflows.",
    )
    return option(command)


def printable(text: str) -> str:
    """Return a text on one line, with what cannot be printed escaped."""
    # SECURITY: names of files and parts of them may hold sequences for the terminal.
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )


def shown_path(path: Path, root: Path) -> str:
    """Return a path as it is shown: from a folder, and on one line."""
    return printable(from_folder(path, root))


def from_folder(path: Path, root: Path) -> str:
    """Return a path from a folder; one that is elsewhere as it is."""
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def say(text: str, *, err: bool = False) -> None:
    """Print a line, with what the terminal's encoding does not have escaped."""
    import click

    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), err=err)


def annotation(level: str, text: str, *, title: str, path: Path | None = None, line: int = 1) -> str:
    """Return a command for GitHub's workflows: an annotation at a line, or without a place.

    *level* is `error`, `warning` or `notice`.
    """
    where = f"title={_property(title)}"
    if path is not None:
        # Annotations are for paths from the root of the checkout, which is where a workflow runs.
        where = f"file={_property(from_folder(path, Path.cwd()))},line={line},{where}"
    return f"::{level} {where}::{printable(text).replace('%', '%25')}"


def _property(text: str) -> str:
    escaped = text.encode(errors="backslashreplace").decode().replace("%", "%25")
    for character in "\r\n:,":
        escaped = escaped.replace(character, f"%{ord(character):02X}")
    return printable(escaped)
