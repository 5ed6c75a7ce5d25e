"""The active contexts: one context variable holds both, as a pair ``(request context, application context)``.

A request with an application context of its own has ``OWN`` as the second item of the pair: the context is
made on first use, and most requests never use it.
"""

from __future__ import annotations

import typing as t
from contextvars import ContextVar, Token

# The context classes are in higher layers: this module imports none of them.
State: t.TypeAlias = "tuple[t.Any, t.Any]"

# The pair where nothing is active.
NOTHING: State = (None, None)

state_variable: ContextVar[State] = ContextVar("erlen.state", default=NOTHING)

# The WebSocket that is being handled; its application context is in the pair above.
cv_websocket: ContextVar[t.Any] = ContextVar("erlen.websocket_ctx", default=None)

# The functions that read the pair, set it and set it back.
get_state, set_state, reset_state = state_variable.get, state_variable.set, state_variable.reset

# The placeholder in a pair for an application context that the request has not made yet.
OWN: t.Any = object()

# The pushes of a context that a gateway pushed once, when nothing was active: the pair that was active before
# each push, with the application context of that push.
PUSHED_BY_GATEWAY: tuple[tuple[State, t.Any], ...] = ((NOTHING, OWN),)

_no_app_msg = """\
Working outside of application context.

You used current_app, g or something that needs them, and no application is active here.
Inside a request or a command one is. Elsewhere (a script, a thread, a test) activate it:

    with app.app_context():
        ...\
"""
_no_req_msg = """\
Working outside of request context.

You used request, session or something that needs them, and no request is being handled here.
Move the code into a view or a hook, pass it the values it needs, or, in a test, give it a request:

    with app.test_request_context("/path"):
        ...\
"""

_MISSING: t.Any = object()


def app_context_of(state: State) -> t.Any:
    """Return the application context of a pair; make the request's own one on first touch."""
    request_context, app_context = state
    if app_context is OWN:
        return request_context.make_app_context()
    return app_context


class _AppVariable:
    """The active application context, with the methods of a context variable."""

    name = "erlen.app_ctx"

    def get(self, default: t.Any = _MISSING) -> t.Any:
        context = app_context_of(state_variable.get())
        if context is not None:
            return context
        if default is _MISSING:
            raise LookupError(self)
        return default

    def set(self, value: t.Any) -> Token[State]:
        return state_variable.set((cv_request.get(None), value))

    def reset(self, token: Token[State]) -> None:
        state_variable.reset(token)

    def __repr__(self) -> str:
        return f"<context variable {self.name!r}>"


class _RequestVariable:
    """The active request context, with the methods of a context variable."""

    name = "erlen.request_ctx"

    def get(self, default: t.Any = _MISSING) -> t.Any:
        context = state_variable.get()[0]
        if context is not None:
            return context
        if default is _MISSING:
            raise LookupError(self)
        return default

    def set(self, value: t.Any) -> Token[State]:
        return state_variable.set((value, cv_app.get(None)))

    def reset(self, token: Token[State]) -> None:
        state_variable.reset(token)

    __repr__ = _AppVariable.__repr__


cv_app = _AppVariable()
cv_request = _RequestVariable()


def require_app_context() -> t.Any:
    """Return the active application context; raise RuntimeError where there is none."""
    context = app_context_of(get_state())
    if context is None:
        raise RuntimeError(_no_app_msg)
    return context


def require_request_context() -> t.Any:
    """Return the active request context; raise RuntimeError where there is none."""
    context = get_state()[0]
    if context is None:
        raise RuntimeError(_no_req_msg)
    return context


def active_app() -> t.Any:
    """Return the active application, or None."""
    request_context, app_context = state_variable.get()
    # The application of a request is known without its application context.
    holder = request_context if app_context is OWN else app_context
    return None if holder is None else holder.app
