"""How servers tell an ASGI application from a WSGI application, and one ``__call__`` that is both."""

from __future__ import annotations

import inspect
import sys
import typing as t
import weakref
from functools import wraps

if t.TYPE_CHECKING:
    from .types import Receive, Scope, Send


def mark(call: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Mark a function as a coroutine function: uvicorn and hypercorn recognise ASGI by that."""
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(call)
    return call


def knows_asgi(call: t.Callable[..., t.Any]) -> bool:
    """Tell whether a ``__call__`` can be called with scope, receive and send."""
    try:
        inspect.signature(call).bind(None, None, None, None)
    except (TypeError, ValueError):
        return False
    return True


def for_both(wsgi: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Make a ``__call__`` for both protocols of one that answers WSGI."""

    @wraps(wsgi)
    def __call__(self: t.Any, environ: t.Any, start_response: t.Any, send: t.Any = None) -> t.Any:
        if send is None:
            return wsgi(self, environ, start_response)
        return self.asgi_app(environ, start_response, send)

    # The signature that inspect finds has to be that of both protocols.
    del __call__.__wrapped__
    vars(__call__)["answers_wsgi"] = wsgi
    return mark(__call__)


def mark_application(app: t.Any) -> None:
    """Mark an application and its ``__call__`` as coroutine functions, on every Python."""
    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(app)
    else:
        app.__call__ = _MarkedCall(app)


async def _coroutine_function(scope: Scope, receive: Receive, send: Send) -> None: ...


class _MarkedCall:
    """An ``app.__call__`` that Python 3.10 and 3.11 take for a coroutine function.

    They look at the code of what looks like a function, and have no other mark. A call of the application
    itself does not use this object: Python finds ``__call__`` on the class.
    """

    __defaults__ = None
    __kwdefaults__ = None
    __code__ = _coroutine_function.__code__

    def __init__(self, app: t.Any) -> None:
        self.__name__ = "__call__"
        self.__annotations__ = {}
        # A weak reference: the application would keep itself alive.
        self._app = weakref.ref(app)

    def __call__(self, *args: t.Any) -> t.Any:
        app = self._app()
        return type(app).__call__(app, *args)
