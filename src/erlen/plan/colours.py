"""Which functions are coroutine functions, as the ASGI gateway asks."""

from __future__ import annotations

import typing as t
from inspect import iscoroutinefunction

if t.TYPE_CHECKING:
    from .model import RoutePlan

Coroutine: t.TypeAlias = "t.Callable[..., t.Awaitable[t.Any]]"

# Where a plain function keeps a form of itself that is a coroutine function (``erlen.views``).
FORM = "_coroutine_form"


class Form(t.NamedTuple):
    """Be a coroutine function that does what a plain one does."""

    stands_for: t.Callable[..., t.Any]
    function: Coroutine


def coroutine_of(view: t.Callable[..., t.Any]) -> Coroutine | None:
    """Return *view* as a coroutine function; None for a plain one."""
    if iscoroutinefunction(view):
        return view
    form: Form | None = getattr(view, FORM, None)
    # A decorator that copies attributes copies this one, too, and means to be called itself.
    return form.function if form is not None and form.stands_for is view else None


def coroutine_view(route: RoutePlan, view: t.Callable[..., t.Any]) -> Coroutine | None:
    """Return the view of *route*, which stands in the table now, as a coroutine function, or None."""
    if route.seen is not view:
        route.coroutine = coroutine_of(view)
        route.seen = view
    return route.coroutine
