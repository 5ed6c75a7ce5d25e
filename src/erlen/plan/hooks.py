"""The hook lists that concern a route."""

from __future__ import annotations

import typing as t

from .model import Hooks, Lists, Names

if t.TYPE_CHECKING:
    from .. import typing as ft
    from .contract import Application

# The kinds that run the innermost list first, and each list from its end.
BACKWARDS = ("after", "teardown")
_TABLES = {
    "preprocessors": "url_value_preprocessors",
    "before": "before_request_funcs",
    "after": "after_request_funcs",
    "teardown": "teardown_request_funcs",
}


def compile_hooks(app: Application, blueprints: t.Sequence[str]) -> Hooks:
    """Return the lists of the application and of *blueprints*, innermost first, in running order.

    Before the view the application's come first, after it last.
    """
    chain: Names = (*blueprints, None)
    lists: dict[str, Lists] = {}
    for kind in _TABLES:
        table = table_of(app, kind)
        lists[kind] = tuple((name, table[name]) for name in _running_order(chain, kind) if name in table)
    return Hooks(chain, lists)


def names_behind(hooks: Hooks, kind: str, name: str | None) -> Names:
    """Return the names after *name*."""
    names = _running_order(hooks.chain, kind)
    return names[names.index(name) + 1 :]


def table_of(app: Application, kind: str) -> ft.HookTable:
    """Return the table of a kind of hooks, as it is now."""
    table: ft.HookTable = getattr(app, _TABLES[kind])
    return table


def _running_order(chain: Names, kind: str) -> Names:
    return chain if kind in BACKWARDS else chain[::-1]
