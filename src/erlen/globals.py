"""The contexts that are active here and now, and the proxies that stand for what is in them.

One context variable holds both contexts, as a pair ``(request context, application context)``.
A request that brought its own application context has ``OWN`` in the second place: that context is
made when somebody asks for it, which in most requests nobody does.

``_cv_app`` and ``_cv_request`` answer as Flask's two context variables do.
"""

from __future__ import annotations

import typing as t
from contextvars import ContextVar, Token
from operator import attrgetter

from werkzeug.local import LocalProxy

if t.TYPE_CHECKING:
    from .app import Erlen
    from .serve.app_context import AppContext, _AppCtxGlobals
    from .serve.request_context import RequestContext
    from .serve.websocket_context import WebSocketContext
    from .sessions import SessionMixin
    from .wrappers import Request
    from .wrappers.websocket import WebSocket

    State = tuple["RequestContext | None", "AppContext | None"]
    T = t.TypeVar("T")

    # What editors and type checkers take the proxies for: the object, and the way to it.
    class _StandsFor(t.Generic[T]):
        def _get_current_object(self) -> T: ...

    class AppContextProxy(_StandsFor[AppContext], AppContext): ...

    class AppProxy(_StandsFor[Erlen], Erlen): ...

    class GlobalsProxy(_StandsFor[_AppCtxGlobals], _AppCtxGlobals): ...

    class RequestContextProxy(_StandsFor[RequestContext], RequestContext): ...

    class RequestProxy(_StandsFor[Request], Request): ...

    class SessionProxy(_StandsFor[SessionMixin], SessionMixin): ...

    class WebSocketProxy(_StandsFor[WebSocket], WebSocket): ...


# What stands there where nothing is active.
NOTHING: State = (None, None)

_state: ContextVar[State] = ContextVar("erlen.state", default=NOTHING)

# The WebSocket that is handled here: its application context is the one of the pair above.
_cv_websocket: ContextVar[WebSocketContext | None] = ContextVar("erlen.websocket_ctx", default=None)

# PERF: 0.05 us less each than as a method of an imported variable (CPython 3.11).
_get_state, _set_state, _reset_state = _state.get, _state.set, _state.reset

# Stands in a pair for the application context that its request brought.
OWN = t.cast("AppContext", object())

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

_no_websocket_msg = """\
Working outside of websocket context.

This asked for 'websocket', and no WebSocket is being handled here. It answers in functions
registered with @app.websocket, and in the hooks around them.\
"""

_MISSING: t.Any = object()


def _app_of(state: State) -> AppContext | None:
    """Return the application context of a pair; make the request's own one on first touch."""
    request_context, app_context = state
    if app_context is OWN:
        return t.cast("RequestContext", request_context)._own_app_context()
    return app_context


class _AppVariable:
    """The active application context, with the methods of a context variable."""

    name = "erlen.app_ctx"

    def get(self, default: t.Any = _MISSING) -> t.Any:
        context = _app_of(_state.get())
        if context is not None:
            return context
        if default is _MISSING:
            raise LookupError(self)
        return default

    def set(self, value: AppContext | None) -> Token[State]:
        return _state.set((_cv_request.get(None), value))

    def reset(self, token: Token[State]) -> None:
        _state.reset(token)

    def __repr__(self) -> str:
        return f"<context variable {self.name!r}>"


class _RequestVariable:
    """The active request context, with the methods of a context variable."""

    name = "erlen.request_ctx"

    def get(self, default: t.Any = _MISSING) -> t.Any:
        context = _state.get()[0]
        if context is not None:
            return context
        if default is _MISSING:
            raise LookupError(self)
        return default

    def set(self, value: RequestContext | None) -> Token[State]:
        return _state.set((value, _cv_app.get(None)))

    def reset(self, token: Token[State]) -> None:
        _state.reset(token)

    __repr__ = _AppVariable.__repr__


_cv_app = _AppVariable()
_cv_request = _RequestVariable()


def _current_app_context() -> AppContext:
    context = _app_of(_state.get())
    if context is None:
        raise RuntimeError(_no_app_msg)
    return context


def _current_request_context() -> RequestContext:
    context = _state.get()[0]
    if context is None:
        raise RuntimeError(_no_req_msg)
    return context


def _active_app() -> Erlen | None:
    request_context, app_context = _state.get()
    # The application of a request is known without its application context.
    holder = request_context if app_context is OWN else app_context
    return None if holder is None else holder.app


def _current_app() -> Erlen:
    app = _active_app()
    if app is None:
        raise RuntimeError(_no_app_msg)
    return app


def _current_g() -> _AppCtxGlobals:
    request_context, app_context = _state.get()
    if app_context is OWN:
        return request_context._own_g()  # type: ignore[union-attr]
    if app_context is not None:
        return app_context.g
    raise RuntimeError(_no_app_msg)


def _current_request() -> Request:
    context = _state.get()[0]
    if context is not None:
        request = context._request
        return context.request if request is None else request
    raise RuntimeError(_no_req_msg)


def _current_session() -> SessionMixin:
    context = _state.get()[0] or _cv_websocket.get()
    if context is None:
        raise RuntimeError(_no_req_msg)
    return context.session


def _current_websocket() -> WebSocket:
    context = _cv_websocket.get()
    if context is None:
        raise RuntimeError(_no_websocket_msg)
    return context.websocket


def _direct(current: t.Callable[[], t.Any], *names: str) -> t.Callable[[type], type]:
    """Give a proxy class plain functions instead of Werkzeug's look-ups for what is used most.

    Attributes, items, and, as properties, the attributes *names*. Operators, ``bool()``, ``repr()``
    and everything else stay Werkzeug's, outside of a context too.

    PERF: ``request.method`` takes 0.19 us instead of 0.89 (CPython 3.11).
    """

    reader = _reader_of_request if current is _current_request else _reader

    def install(cls: type) -> type:
        for name in names:
            setattr(cls, name, property(reader(current, attrgetter(name))))
        cls.__doc__ = LocalProxy.__dict__["__doc__"]
        cls.__name__ = "LocalProxy"  # COMPAT: outside of a context repr() says "<LocalProxy unbound>"
        # Special methods are looked up on the class, so these stand before LocalProxy's.
        for name, function in _lookups(current).items():
            if name not in cls.__dict__:
                setattr(cls, name, function)
        return cls

    return install


def _reader(current: t.Callable[[], t.Any], get: t.Callable[[t.Any], t.Any]) -> t.Callable[[t.Any], t.Any]:
    return lambda _: get(current())


def _reader_of_request(
    current: t.Callable[[], t.Any], get: t.Callable[[t.Any], t.Any]
) -> t.Callable[[t.Any], t.Any]:
    """Return a reader that takes the request where it lies.

    PERF: 0.06 us less than through *current* (CPython 3.11).
    """

    def read(_: t.Any) -> t.Any:
        context, app_context = _state.get()
        if app_context is OWN:
            request = context._request  # type: ignore[union-attr]
            # Only contexts of Erlen's own class, which makes its request so, stand beside OWN.
            return get(context._make_request() if request is None else request)  # type: ignore[union-attr]
        return get(current())

    return read


def _lookups(current: t.Callable[[], t.Any]) -> dict[str, t.Callable[..., t.Any]]:
    def __getattr__(self: object, name: str) -> t.Any:
        return getattr(current(), name)

    def __setattr__(self: object, name: str, value: t.Any) -> None:
        setattr(current(), name, value)

    def __getitem__(self: object, key: t.Any) -> t.Any:
        return current()[key]

    def __setitem__(self: object, key: t.Any, value: t.Any) -> None:
        current()[key] = value

    return {f.__name__: f for f in (__getattr__, __setattr__, __getitem__, __setitem__)}


_REQUEST_NAMES = (
    "method path args form files values json data headers cookies host url base_url full_path url_root "
    "view_args endpoint blueprint blueprints url_rule content_type content_length mimetype is_json get_json "
    "get_data remote_addr scheme is_secure referrer user_agent environ stream query_string authorization"
)
_APP_NAMES = "config logger extensions json jinja_env debug testing ensure_sync"


@_direct(_current_request, *_REQUEST_NAMES.split())
class _RequestProxy(LocalProxy):  # type: ignore[type-arg]
    __slots__ = ()


@_direct(_current_session, "get", "pop", "setdefault")
class _SessionProxy(LocalProxy):  # type: ignore[type-arg]
    __slots__ = ()


@_direct(_current_app, *_APP_NAMES.split())
class _AppProxy(LocalProxy):  # type: ignore[type-arg]
    __slots__ = ()

    # PERF: code that may run without an application asks this: 0.1 us instead of 0.5 (CPython 3.11).
    def __bool__(self) -> bool:
        app = _active_app()
        return app is not None and bool(app)


_PROXYS_OWN = frozenset(dir(LocalProxy))


@_direct(_current_g)
class _GProxy(LocalProxy):  # type: ignore[type-arg]
    __slots__ = ()

    # PERF: 0.13 us instead of 0.79 to read an attribute, which is never found on the proxy, and as
    # much less to set one (CPython 3.11).
    def __getattribute__(self, name: str) -> t.Any:
        if name in _PROXYS_OWN:
            return super().__getattribute__(name)
        context, app_context = _state.get()
        if app_context is OWN:
            return getattr(context._g or context._own_g(), name)  # type: ignore[union-attr]
        return getattr(_current_g(), name)

    def __setattr__(self, name: str, value: t.Any) -> None:
        context, app_context = _state.get()
        if app_context is OWN:
            setattr(context._g or context._own_g(), name, value)  # type: ignore[union-attr]
        else:
            setattr(_current_g(), name, value)


app_ctx = t.cast("AppContextProxy", LocalProxy(_current_app_context))
current_app = t.cast("AppProxy", _AppProxy(_current_app))
g = t.cast("GlobalsProxy", _GProxy(_current_g))
request_ctx = t.cast("RequestContextProxy", LocalProxy(_current_request_context))
request = t.cast("RequestProxy", _RequestProxy(_current_request))
session = t.cast("SessionProxy", _SessionProxy(_current_session))
websocket = t.cast("WebSocketProxy", LocalProxy(_current_websocket))
