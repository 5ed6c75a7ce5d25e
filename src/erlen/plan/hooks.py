"""Which hook lists concern a route."""

from __future__ import annotations

import typing as t

from .model import Hooks, Lists

if t.TYPE_CHECKING:
    from .. import typing as ft
    from ..typing import Application


def compile_hooks(app: Application, blueprints: t.Sequence[str]) -> Hooks:
    """Return the lists of the application and of *blueprints*, innermost first, in running order.

    Before the view the application's come first, after it last.
    """
    outward: tuple[str | None, ...] = (*blueprints, None)
    inward = outward[::-1]
    return Hooks(
        preprocessors=_lists(app.url_value_preprocessors, inward),
        before=_lists(app.before_request_funcs, inward),
        after=_lists(app.after_request_funcs, outward),
        teardown=_lists(app.teardown_request_funcs, outward),
    )


def _lists(table: ft.HookTable, names: t.Iterable[str | None]) -> Lists:
    return tuple(table[name] for name in names if name in table)
