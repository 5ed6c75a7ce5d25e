"""Checks of other distributions: entry points of the group `erlen.checks`.

A Click command is a check that is chosen by its name, as `erlen check --legacy`. A function that takes an
`Examined` and yields findings is one that `erlen check` runs with its own.
"""

from __future__ import annotations

import typing as t
from importlib import metadata

import click

from erlen.reporting import printable, say

from .finding import Check, Finding, Kind, Level

if t.TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "erlen.checks"

_OWN = "erlen"

CHECK_NOT_LOADED = Kind(
    "check-not-loaded", Level.ERROR, "What an installed distribution would have checked was not checked."
)


def names() -> list[str]:
    """Return the names of all entry points, as options, without loading them."""
    return sorted(f"--{entry_point.name}" for entry_point in metadata.entry_points(group=GROUP))


def command_names() -> list[str]:
    """Return the names of those that are Click commands, as options; report what does not load."""
    found = set()
    for entry_point in metadata.entry_points(group=GROUP):
        loaded = _loaded(entry_point)
        if isinstance(loaded, click.Command):
            found.add(f"--{entry_point.name}")
        elif isinstance(loaded, Exception):
            say(_explain(entry_point, loaded), err=True)
    return sorted(found)


def command(option: str) -> tuple[EntryPoint, click.Command] | None:
    """Return the command of a name; raise `ClickException` where the name is no command's."""
    for entry_point in metadata.entry_points(group=GROUP, name=option.removeprefix("--")):
        loaded = _loaded(entry_point)
        if isinstance(loaded, click.Command):
            return entry_point, loaded
        if isinstance(loaded, Exception):
            raise click.ClickException(_explain(entry_point, loaded)) from loaded
        if callable(loaded):
            raise click.UsageError(
                f"The check {option!r} has no options: 'erlen check' runs it with the others."
            )
        raise click.UsageError(
            f"The check {option!r} ({entry_point.value}) is no function and no Click command."
        )
    return None


def functions() -> tuple[list[Check], list[Finding]]:
    """Return the checks that are functions, and a finding for each that could not be loaded."""
    checks: list[Check] = []
    failed: list[Finding] = []
    for entry_point in metadata.entry_points(group=GROUP):
        # PERF: Erlen's own are commands; loading them takes a tenth of a second.
        if entry_point.dist is not None and entry_point.dist.name == _OWN:
            continue
        loaded = _loaded(entry_point)
        if isinstance(loaded, click.Command):
            continue
        if _is_function(loaded):
            checks.append(loaded)
        else:
            failed.append(_not_loaded(entry_point, loaded))
    return checks, failed


def _loaded(entry_point: EntryPoint) -> t.Any:
    """Return what an entry point leads to, or the exception that it raises."""
    try:
        return entry_point.load()
    except (Exception, SystemExit) as error:
        return error if isinstance(error, Exception) else ImportError("it ends the process")


def _is_function(loaded: t.Any) -> bool:
    return callable(loaded)


def _not_loaded(entry_point: EntryPoint, loaded: t.Any) -> Finding:
    if not isinstance(loaded, Exception):
        loaded = TypeError(f"it is no function but of the type {type(loaded).__name__!r}")
    name = entry_point.dist.name if entry_point.dist else entry_point.value
    return CHECK_NOT_LOADED.found(_explain(entry_point, loaded), write=f"pip install --upgrade {name}")


def _explain(entry_point: EntryPoint, error: Exception) -> str:
    name = entry_point.dist.name if entry_point.dist else "?"
    return (
        f"The check '{entry_point.name}' of the distribution '{name}' ({entry_point.value}) does not load:"
        f" {type(error).__name__}: {printable(str(error))}"
    )
