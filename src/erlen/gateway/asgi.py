"""ASGI 3: the door. What comes is sorted by its type; the modules beside this one answer it.

They are imported when the first scope comes: asyncio is for those who have a loop.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import typing as t
import weakref
from functools import cached_property, partial, wraps

from ..globals import _cv_request
from .wsgi import WsgiGateway

if t.TYPE_CHECKING:
    from ..serve.serving import Serving

Scope: t.TypeAlias = "t.MutableMapping[str, t.Any]"
Message: t.TypeAlias = "t.MutableMapping[str, t.Any]"
Receive: t.TypeAlias = "t.Callable[[], t.Awaitable[Message]]"
Send: t.TypeAlias = "t.Callable[[Message], t.Awaitable[None]]"
Answer: t.TypeAlias = "t.Callable[[t.Any, Scope, Receive, Send], t.Awaitable[None]]"


def mark(call: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Let servers that ask see a coroutine function: uvicorn and hypercorn do, to tell ASGI from others."""
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(call)
    return call


class AsgiGateway(WsgiGateway):
    """Answer ASGI servers.

    An application has one ``__call__`` for both protocols. Tools replace it by a function that knows
    WSGI alone; then that answers WSGI, and is given what comes by ASGI from there.
    """

    def __rsgi_init__(self, loop: object) -> t.NoReturn:
        """Refuse RSGI, which granian speaks unless it is told otherwise: the worker ends with this error."""
        raise RuntimeError(
            "An Erlen application speaks WSGI and ASGI, not granian's RSGI. Start it with"
            " 'granian --interface asgi …' or 'granian --interface wsgi …'."
        )

    before_serving_funcs: list[t.Any]
    after_serving_funcs: list[t.Any]
    while_serving_gens: list[t.Any]

    @cached_property
    def _serving(self) -> Serving:  # type: ignore[override]
        # asyncio is for those who have something to start.
        from ..serve.serving import Serving
        from .lifespan import ServingCaller

        return Serving(ServingCaller)

    def _is_to_be_started(self) -> bool:
        """Tell whether something registered for the start or the end of serving waits for that."""
        if not (self.before_serving_funcs or self.after_serving_funcs or self.while_serving_gens):
            return False
        return not self._serving.has_started()

    def add_background_task(self, func: t.Callable[..., t.Any], *args: t.Any, **kwargs: t.Any) -> None:
        """Call *func*, plain or a coroutine function, when the response of this request has been made.

        Outside of a request it begins at once. The application's context is active in it. It ends with
        the process: what must not be lost belongs into a task queue.
        """
        function = partial(func, *args, **kwargs)
        context = _cv_request.get(None)
        if context is None:
            self._start_background_task(function)
        else:
            context._defer(function)

    def _start_background_task(self, function: t.Callable[[], t.Any]) -> None:
        from ..plan.loops import loop_of_here

        loop = loop_of_here()
        self._serving.see_to_end(self, loop)
        self._serving.background.start(self, loop, function)

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._class_changed()

    @classmethod
    def _class_changed(cls) -> None:
        call = vars(cls).get("__call__")
        if call is not None and not _knows_asgi(call):
            # Not by setattr, which would report that the class changed.
            type.__setattr__(cls, "__call__", _for_both(call))

    async def asgi_app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, a WebSocket or the server's lifespan; wrap this method in ASGI middleware.

        Raises ValueError for a type of scope that is none of these.
        """
        await answers[scope["type"]](self, scope, receive, send)


class _Answers(dict[str, Answer]):
    """Have what answers each type of scope; it is imported when the first one comes."""

    def __missing__(self, kind: str) -> Answer:
        if kind not in ("http", "websocket", "lifespan"):
            raise ValueError(f"Erlen answers the ASGI scopes http, websocket and lifespan, not {kind!r}.")
        found: Answer = importlib.import_module(f".{kind}", __package__).answer
        self[kind] = found
        return found


answers = _Answers()


# one call for both


def _knows_asgi(call: t.Callable[..., t.Any]) -> bool:
    """Tell whether a ``__call__`` can be called with scope, receive and send."""
    try:
        inspect.signature(call).bind(None, None, None, None)
    except (TypeError, ValueError):
        return False
    return True


def _for_both(wsgi: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Make a ``__call__`` for both protocols of one that answers WSGI."""

    @wraps(wsgi)
    def __call__(self: t.Any, environ: t.Any, start_response: t.Any, send: t.Any = None) -> t.Any:
        if send is None:
            return wsgi(self, environ, start_response)
        return self.asgi_app(environ, start_response, send)

    # Who asks for the signature is to see both.
    del __call__.__wrapped__
    __call__._answers_wsgi = wsgi  # type: ignore[attr-defined]
    return mark(__call__)


def mark_application(app: t.Any) -> None:
    """Let an application and its ``__call__`` look as what an ASGI server looks for, on every Python."""
    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(app)
    else:
        app.__call__ = _Call(app)


async def _code_of_a_coroutine(scope: Scope, receive: Receive, send: Send) -> None: ...


class _Call:
    """Be ``app.__call__``, as something that Python 3.10 and 3.11 take for a coroutine function.

    They look at the code of what looks like a function, and have no other mark. A call of the application
    itself does not come by here: it finds ``__call__`` on the class.
    """

    __defaults__ = None
    __kwdefaults__ = None
    __code__ = _code_of_a_coroutine.__code__

    def __init__(self, app: t.Any) -> None:
        self.__name__ = "__call__"
        self.__annotations__ = {}
        # Weakly, or the application would keep itself alive.
        self._app = weakref.ref(app)

    def __call__(self, *args: t.Any) -> t.Any:
        app = self._app()
        return type(app).__call__(app, *args)
