"""The group of an application's own commands, which run in its context."""

from __future__ import annotations

import importlib
import typing as t

import click

C = t.TypeVar("C", bound=click.Command)
_Decorator: t.TypeAlias = t.Callable[[t.Callable[..., t.Any]], C]


def _cli() -> t.Any:
    """Return the package, by its name: applications and blueprints need this group and no more of it."""
    return importlib.import_module("erlen.cli")


class AppGroup(click.Group):
    """A Click group whose commands run with the application context, as `app.cli` is one."""

    def command(  # type: ignore[override]
        self, *args: t.Any, **kwargs: t.Any
    ) -> _Decorator[click.Command]:
        """Make a function a command, as Click's method of this name does, with the application context.

        `with_appcontext=False` leaves the context out. A coroutine function may be given.
        """
        in_context = kwargs.pop("with_appcontext", True)
        # `@app.cli.command` without parentheses brings the function itself.
        bare = args[0] if args and callable(args[0]) else None
        register: _Decorator[click.Command] = super().command(*(args if bare is None else args[1:]), **kwargs)

        def decorate(f: t.Callable[..., t.Any]) -> click.Command:
            return register(_cli().with_appcontext(f) if in_context else f)

        return decorate if bare is None else decorate(bare)

    def group(  # type: ignore[override]
        self, *args: t.Any, **kwargs: t.Any
    ) -> _Decorator[click.Group]:
        """Make a function a group, as Click's method of this name does; `cls` is `AppGroup` by default."""
        register: _Decorator[click.Group] = super().group(*args, **{"cls": _cli().AppGroup, **kwargs})
        return register
