"""Which functions are coroutine functions, as the ASGI gateway asks."""

from __future__ import annotations

import typing as t
from inspect import iscoroutinefunction

from ..wrappers.streaming import READS_STREAM

if t.TYPE_CHECKING:
    from ..views import CoroutineForm
    from .model import RoutePlan

Coroutine: t.TypeAlias = "t.Callable[..., t.Awaitable[t.Any]]"


def coroutine_of(view: t.Callable[..., t.Any]) -> Coroutine | None:
    """Return *view* as a coroutine function; None for a plain one."""
    if iscoroutinefunction(view):
        return view
    form: CoroutineForm | None = getattr(view, "coroutine_form", None)
    return form.function if form is not None and form.stands_for is view else None


def coroutine_view(route: RoutePlan, view: t.Callable[..., t.Any] | None) -> Coroutine | None:
    """Return the view of *route*, which stands in the table now, as a coroutine function, or None."""
    if route.seen is not view:
        # There is none where a rule was added and its function was not.
        route.coroutine = None if view is None else coroutine_of(view)
        route.streams = hasattr(view, READS_STREAM)
        route.seen = view
    return route.coroutine


def is_streamed(context: t.Any) -> bool:
    """Tell whether the view of a request reads the body itself, while it comes."""
    route, request = context._route, context._request
    rule = request.url_rule if request is not None else None if route is None else route.rule
    view = None if rule is None else context.app.view_functions.get(rule.endpoint)
    return hasattr(view, READS_STREAM)
