"""The wrappers around an application under ASGI: ProxyFix, WSGI middleware, tracing."""

from __future__ import annotations

import copy
import typing as t
import weakref

from .environ import make_environ

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from ...serve.contract import Application
    from .types import Scope


def apply_proxies(scope: Scope, proxies: t.Iterable[t.Any]) -> Scope:
    """Return *scope* as Werkzeug's ProxyFix objects, outermost first, hand it on. Raises MalformedScope.

    The objects are called themselves, since they decide which headers to trust.
    """
    environ = make_environ(scope)
    before = dict(environ)
    for proxy in proxies:
        asked = copy.copy(proxy)
        seen: list[WSGIEnvironment] = []
        asked.app = lambda environ, _, seen=seen: seen.append(environ) or ()
        asked(environ, _ignore)
        environ = seen[0]
    items = {key: value for key, value in environ.items() if before.get(key) != value}
    # All of them: ProxyFix takes text that is no scheme and no address, too.
    return with_items(scope, items, {"REMOTE_PORT": environ.get("REMOTE_PORT"), **items})


def with_items(scope: Scope, items: t.Mapping[str, t.Any], beside: t.Mapping[str, t.Any]) -> Scope:
    """Return *scope* with another client, scheme and host, as *items* of an environ say them.

    *beside* has what an environ takes as it is. That is where a prefix goes: a ``path`` begins with
    ``root_path``, and a proxy has taken its prefix off.
    """
    extensions = scope.get("extensions") or {}
    beside = {**(extensions.get("erlen.environ") or {}), **beside}
    beside = {key: value for key, value in beside.items() if value is not None}
    changed = {**scope, "extensions": {**extensions, "erlen.environ": beside}}
    if "REMOTE_ADDR" in items:
        address = items["REMOTE_ADDR"]
        # The port of the client is not told, which uvicorn writes as 0.
        changed["client"] = None if address is None else (address, 0)
    if "wsgi.url_scheme" in items:
        scheme = items["wsgi.url_scheme"]
        changed["scheme"] = _WEBSOCKET_SCHEMES.get(scheme) if scope["type"] == "websocket" else scheme
    if "HTTP_HOST" in items:
        others = [pair for pair in scope.get("headers") or () if pair[0].lower() != b"host"]
        changed["headers"] = [(b"host", items["HTTP_HOST"].encode("latin1")), *others]
    return changed


_WEBSOCKET_SCHEMES = {"http": "ws", "https": "wss"}


def _ignore(*_: t.Any) -> t.Any:
    return None


def entry_of(app: Application) -> WSGIApplication:
    """Return what a WSGI server would call: ``__call__`` where somebody has patched it, else ``wsgi_app``."""
    patched: t.Any = getattr(type(app).__call__, "answers_wsgi", None)
    if patched is None:
        return app.wsgi_app
    return lambda environ, start_response: patched(app, environ, start_response)


def log_middleware_once(app: Application) -> None:
    """Log, the first time, that WSGI middleware makes each request run on a thread."""
    if app not in _logged:
        _logged.add(app)
        app.logger.info(
            "WSGI middleware wraps %s: each request runs on a thread, coroutine views on this loop;"
            " WebSockets and lifespan pass it by.",
            app.name,
        )


# The applications whose middleware has been logged.
_logged: weakref.WeakSet[Application] = weakref.WeakSet()
