"""Functions for the active contexts, and Flask's import path for the classes of contexts."""

from __future__ import annotations

import sys
import typing as t
from functools import wraps
from inspect import iscoroutinefunction

from . import typing as ft
from .active import cv_request, cv_websocket, get_state
from .concurrency import runs_loop
from .globals import _cv_app as _cv_app
from .globals import _cv_request as _cv_request
from .serve.app_context import AppContext as AppContext
from .serve.app_context import _AppCtxGlobals as _AppCtxGlobals
from .serve.app_context import _sentinel as _sentinel
from .serve.request_context import RequestContext as RequestContext

if t.TYPE_CHECKING:
    from .concurrency.loops import Portal

F = t.TypeVar("F", bound=t.Callable[..., t.Any])


def _active_request_context(name: str) -> RequestContext:
    context: RequestContext | None = cv_request.get(None)
    if context is None:
        raise RuntimeError(f"'{name}' needs an active request: use it in a view function or a hook.")
    return context


def after_this_request(f: ft.AfterRequestCallable[t.Any]) -> ft.AfterRequestCallable[t.Any]:
    """Pass the response of this one request through *f*."""
    _active_request_context("after_this_request")._after_request_functions.append(f)
    return f


def copy_current_request_context(f: F) -> F:
    """Wrap *f* so that it runs, in another thread, greenlet or task, inside a copy of this request's context.

    A coroutine function may be called anywhere: on a loop the call has to be awaited, elsewhere it waits.
    """
    context = _active_request_context("copy_current_request_context").copy()
    is_coroutine = iscoroutinefunction(f)
    portal = _portal() if is_coroutine else None

    @wraps(f)
    def inside(*args: t.Any, **kwargs: t.Any) -> t.Any:
        if not is_coroutine:
            with context:
                return f(*args, **kwargs)
        if runs_loop():
            return _await_inside(context, f, args, kwargs)
        from .concurrency.loops import using_portal

        with using_portal(portal), context:
            return context.app.ensure_sync(f)(*args, **kwargs)

    return t.cast(F, inside)  # a function of the same signature


async def _await_inside(
    context: RequestContext, f: t.Callable[..., t.Any], args: tuple[t.Any, ...], kwargs: dict[str, t.Any]
) -> t.Any:
    with context:
        return await f(*args, **kwargs)


def _portal() -> Portal | None:
    """Return the portal for coroutines of this request; None for the loop of the process."""
    from .concurrency.loops import portal_of_thread, portal_to

    if runs_loop():
        return portal_to(sys.modules["asyncio.events"].get_running_loop())
    return portal_of_thread()


def has_request_context() -> bool:
    """Tell whether a request is active."""
    return get_state()[0] is not None


def has_websocket_context() -> bool:
    """Tell whether a WebSocket is being handled."""
    return cv_websocket.get() is not None


def has_app_context() -> bool:
    """Tell whether an application is active."""
    return get_state()[1] is not None
