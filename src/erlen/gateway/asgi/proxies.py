"""The wrappers around an application under ASGI: ProxyFix, WSGI middleware, tracing."""

from __future__ import annotations

import copy
import typing as t
import weakref

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from ...serve.contract import Application


def apply_proxies(environ: WSGIEnvironment, proxies: t.Iterable[t.Any]) -> WSGIEnvironment:
    """Return *environ* as Werkzeug's ProxyFix objects, outermost first, hand it on.

    The objects are called themselves, since they decide which headers to trust.
    """
    for proxy in proxies:
        asked = copy.copy(proxy)
        seen: list[WSGIEnvironment] = []
        asked.app = lambda environ, _, seen=seen: seen.append(environ) or ()
        asked(environ, _ignore)
        environ = seen[0]
    return environ


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
