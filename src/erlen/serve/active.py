"""Ask for the active contexts, and work with the one of the request."""

from __future__ import annotations

import typing as t
from functools import wraps

from .. import typing as ft
from ..globals import _cv_request, _get_state

if t.TYPE_CHECKING:
    from .context import RequestContext

F = t.TypeVar("F", bound=t.Callable[..., t.Any])


def _active_request_context(name: str) -> RequestContext:
    context: RequestContext | None = _cv_request.get(None)
    if context is None:
        raise RuntimeError(f"'{name}' needs an active request: use it in a view function or a hook.")
    return context


def after_this_request(f: ft.AfterRequestCallable[t.Any]) -> ft.AfterRequestCallable[t.Any]:
    """Pass the response of this one request through *f*."""
    _active_request_context("after_this_request")._after_request_functions.append(f)
    return f


def copy_current_request_context(f: F) -> F:
    """Wrap *f* so that it runs, in another thread or greenlet, inside a copy of this request's context."""
    context = _active_request_context("copy_current_request_context").copy()

    @wraps(f)
    def inside(*args: t.Any, **kwargs: t.Any) -> t.Any:
        with context:
            return context.app.ensure_sync(f)(*args, **kwargs)

    return t.cast(F, inside)


def has_request_context() -> bool:
    """Tell whether a request is active."""
    return _get_state()[0] is not None


def has_app_context() -> bool:
    """Tell whether an application is active."""
    return _get_state()[1] is not None
