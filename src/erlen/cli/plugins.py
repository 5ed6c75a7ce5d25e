"""Commands of installed distributions: the entry points `flask.commands` and `erlen.commands`."""

from __future__ import annotations

import typing as t

import click

if t.TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_GROUPS = ("flask.commands", "erlen.commands")
_OWN = "erlen"


def plugin_commands() -> t.Iterator[tuple[str, click.Command]]:
    """Yield name and command of each plugin; one that cannot be loaded is reported, and fails when used."""
    # COMPAT: an extension's command is the later one, where Erlen has one of its name.
    for entry_point in sorted(_entry_points(), key=_is_own, reverse=True):
        yield entry_point.name, _load(entry_point)


def own_command(name: str) -> click.Command | None:
    """Return a command of Erlen itself, without loading the plugins; none if one of them has that name."""
    found = [entry_point for entry_point in _entry_points() if entry_point.name == name]
    return _load(found[0]) if len(found) == 1 and _is_own(found[0]) else None


def _entry_points() -> t.Iterator[EntryPoint]:
    from importlib import metadata

    for group in _GROUPS:
        yield from metadata.entry_points(group=group)


def _is_own(entry_point: EntryPoint) -> bool:
    return entry_point.dist is not None and entry_point.dist.name == _OWN


def _load(entry_point: EntryPoint) -> click.Command:
    try:
        command = entry_point.load()
        if not isinstance(command, click.Command):
            raise TypeError(f"this is no Click command but of the type {type(command).__name__!r}")
    except Exception as error:
        return _failed(entry_point, error)
    return command


def _failed(entry_point: EntryPoint, error: Exception) -> click.Command:
    """Report the plugin, and return a command that fails, so that the others stay usable."""
    plugin = entry_point.dist.name if entry_point.dist else entry_point.value
    what = f"The command '{entry_point.name}' of the plugin '{plugin}' ({entry_point.value})"
    click.secho(f"{what} could not be loaded: {type(error).__name__}: {error}\n", err=True, fg="red")

    def fail(**_: object) -> t.NoReturn:
        raise error

    return click.Command(
        entry_point.name,
        callback=fail,
        short_help=f"(not usable: {type(error).__name__})",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
