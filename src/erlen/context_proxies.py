"""How the proxies find what they stand for in the active contexts; ``erlen.globals`` says what that is.

Erlen's own rooms take the proxies from here: the types in ``erlen.globals`` lead up to the application.
"""

from __future__ import annotations

import threading
import typing as t

from werkzeug.local import LocalProxy

from .active import (
    OWN,
    PUSHED_BY_GATEWAY,
    _no_app_msg,
    _no_req_msg,
    cv_websocket,
    get_state,
    require_app_context,
    require_request_context,
)

if t.TYPE_CHECKING:
    _Proxy: t.TypeAlias = LocalProxy[t.Any]
else:
    _Proxy = LocalProxy

_no_websocket_msg = """\
Working outside of websocket context.

This asked for 'websocket', and no WebSocket is being handled here. It answers in functions
registered with @app.websocket, and in the hooks around them.\
"""


def require_app() -> t.Any:
    """Return the active application; raise RuntimeError where there is none."""
    request_context, app_context = get_state()
    holder = request_context if app_context is OWN else app_context
    if holder is None:
        raise RuntimeError(_no_app_msg)
    return holder.app


def require_g() -> t.Any:
    """Return the namespace of the active application context; raise RuntimeError where there is none."""
    request_context, app_context = get_state()
    if app_context is OWN:
        return request_context.make_g()
    if app_context is not None:
        return app_context.g
    raise RuntimeError(_no_app_msg)


def require_request() -> t.Any:
    """Return the active request; raise RuntimeError where there is none."""
    context = get_state()[0]
    if context is not None:
        request = context.made_request
        return context.request if request is None else request
    raise RuntimeError(_no_req_msg)


def require_session() -> t.Any:
    """Return the session of the active request or WebSocket; raise RuntimeError where there is none."""
    context = get_state()[0] or cv_websocket.get()
    if context is None:
        raise RuntimeError(_no_req_msg)
    return context.session


def require_websocket() -> t.Any:
    """Return the active WebSocket; raise RuntimeError where there is none."""
    context = cv_websocket.get()
    if context is None:
        raise RuntimeError(_no_websocket_msg)
    return context.websocket


# What belongs to a proxy itself: its special methods and the method that returns its object.
_PROXYS_OWN = frozenset(dir(LocalProxy))


class _Failed(threading.local):
    """The exception of the last look-up of an attribute that found nothing, in each thread."""

    error: AttributeError | None = None


_failed = _Failed()


def _direct(current: t.Callable[[], t.Any]) -> t.Callable[[type], type]:
    """Give a proxy class plain functions instead of Werkzeug's look-ups, for attributes and items.

    Operators, ``bool()``, ``repr()`` and everything else stay Werkzeug's, outside of a context too.

    PERF: ``request.method`` takes 0.12 us instead of 0.68 (CPython 3.11).
    """

    def install(cls: type) -> type:
        # COMPAT: the type of a proxy is LocalProxy but for its identity. Tools look for "werkzeug" in its
        # text, and outside of a context repr() says "<LocalProxy unbound>".
        cls.__module__, cls.__qualname__, cls.__name__ = LocalProxy.__module__, "LocalProxy", "LocalProxy"
        cls.__doc__ = LocalProxy.__dict__["__doc__"]
        # Special methods are looked up on the class, so these are found before LocalProxy's.
        for name, function in _lookups(current).items():
            if name not in cls.__dict__:
                setattr(cls, name, function)
        return cls

    return install


def _lookups(current: t.Callable[[], t.Any]) -> dict[str, t.Callable[..., t.Any]]:
    def __getattribute__(self: object, name: str) -> t.Any:
        if name in _PROXYS_OWN:
            return object.__getattribute__(self, name)
        try:
            return getattr(current(), name)
        except AttributeError as error:
            _failed.error = error
            raise

    def __setattr__(self: object, name: str, value: t.Any) -> None:
        setattr(current(), name, value)

    def __getitem__(self: object, key: t.Any) -> t.Any:
        return current()[key]

    def __setitem__(self: object, key: t.Any, value: t.Any) -> None:
        current()[key] = value

    return {f.__name__: f for f in (__getattribute__, _raise_again, __setattr__, __getitem__, __setitem__)}


def _raise_again(self: object, name: str) -> t.NoReturn:
    """Raise what the look-up raised; LocalProxy's own ``__getattr__`` would do it once more."""
    error, _failed.error = _failed.error, None
    try:
        raise AttributeError(name) if error is None else error
    finally:
        error = None  # it holds this frame


_raise_again.__name__ = "__getattr__"


@_direct(require_request)
class _RequestProxy(_Proxy):
    __slots__ = ()

    def __getattribute__(self, name: str) -> t.Any:
        if name in _PROXYS_OWN:
            return object.__getattribute__(self, name)
        context = get_state()[0]
        try:
            if context is None:
                return getattr(require_request(), name)
            request = context.made_request
            if request is None:
                # PERF: without the property, 0.1 us less for the first attribute (CPython 3.11). A gateway's
                # context is of a class of Erlen's own.
                plan = context.plan if context.pushes is PUSHED_BY_GATEWAY else None
                if plan is None or plan.request_class is None or context.deleted:
                    request = context.request
                elif name == "args":
                    # PERF: many views read the query alone. Without a request, 0.7 us less (CPython 3.11).
                    return context.made_args or context.read_args()
                else:
                    request = context.make_request()
            return getattr(request, name)
        except AttributeError as error:
            _failed.error = error
            raise


@_direct(require_session)
class _SessionProxy(_Proxy):
    __slots__ = ()

    # PERF: an item is read in 0.13 us instead of 0.41, and `in` takes 0.15 instead of 0.42 (CPython 3.11).
    def __getattribute__(self, name: str) -> t.Any:
        if name in _PROXYS_OWN:
            return object.__getattribute__(self, name)
        context = get_state()[0]
        try:
            return getattr(require_session() if context is None else context.session, name)
        except AttributeError as error:
            _failed.error = error
            raise

    def __getitem__(self, key: t.Any) -> t.Any:
        context = get_state()[0]
        return (require_session() if context is None else context.session)[key]

    def __setitem__(self, key: t.Any, value: t.Any) -> None:
        context = get_state()[0]
        (require_session() if context is None else context.session)[key] = value

    def __contains__(self, key: t.Any) -> bool:
        context = get_state()[0]
        return key in (require_session() if context is None else context.session)


@_direct(require_app)
class _AppProxy(_Proxy):
    __slots__ = ()

    def __getattribute__(self, name: str) -> t.Any:
        if name in _PROXYS_OWN:
            return object.__getattribute__(self, name)
        context, app_context = get_state()
        holder = context if app_context is OWN else app_context
        try:
            return getattr(require_app() if holder is None else holder.app, name)
        except AttributeError as error:
            _failed.error = error
            raise

    # PERF: code that may run without an application calls this: 0.1 us instead of 0.5 (CPython 3.11).
    def __bool__(self) -> bool:
        request_context, app_context = get_state()
        holder = request_context if app_context is OWN else app_context
        return holder is not None and bool(holder.app)


@_direct(require_g)
class _GProxy(_Proxy):
    __slots__ = ()

    # PERF: 0.13 us instead of 0.79 to read an attribute, which is never found on the proxy, and as
    # much less to set one (CPython 3.11).
    def __getattribute__(self, name: str) -> t.Any:
        if name in _PROXYS_OWN:
            return object.__getattribute__(self, name)
        context, app_context = get_state()
        try:
            if app_context is OWN:
                return getattr(context.made_g or context.make_g(), name)
            return getattr(require_g(), name)
        except AttributeError as error:
            _failed.error = error
            raise

    def __setattr__(self, name: str, value: t.Any) -> None:
        context, app_context = get_state()
        if app_context is OWN:
            setattr(context.made_g or context.make_g(), name, value)
        else:
            setattr(require_g(), name, value)


app_ctx: t.Any = LocalProxy(require_app_context)
current_app: t.Any = _AppProxy(require_app)
g: t.Any = _GProxy(require_g)
request_ctx: t.Any = LocalProxy(require_request_context)
request: t.Any = _RequestProxy(require_request)
session: t.Any = _SessionProxy(require_session)
websocket: t.Any = LocalProxy(require_websocket)
