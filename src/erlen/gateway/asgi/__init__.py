"""ASGI 3.0: each type of scope is answered by a module of this package.

They are imported when the first scope comes, so that a WSGI process does not import asyncio.
"""

from __future__ import annotations

import importlib
import typing as t
from functools import cached_property, partial

from ...active import cv_request
from ...servers import RSGI_REFUSED
from ..wsgi import WsgiGateway
from .detection import for_both, knows_asgi

if t.TYPE_CHECKING:
    from ...serve.serving import Serving
    from .types import Receive, Scope, Send

Answer: t.TypeAlias = "t.Callable[[t.Any, Scope, Receive, Send], t.Awaitable[None]]"


class AsgiGateway(WsgiGateway):
    """The part of an application that answers ASGI servers.

    An application has one ``__call__`` for both protocols. Some tools replace it by a function that knows
    WSGI alone. Then that function answers WSGI, and the ASGI gateway sends its requests through it.
    """

    def __rsgi_init__(self, loop: object) -> t.NoReturn:
        """Refuse RSGI: a worker of granian ends with this error."""
        raise RuntimeError(RSGI_REFUSED)

    before_serving_funcs: list[t.Any]
    after_serving_funcs: list[t.Any]
    while_serving_gens: list[t.Any]

    if not t.TYPE_CHECKING:

        @cached_property
        def serving_state(self) -> Serving:
            # Imported here: it imports asyncio, which is needed only where there is something to start.
            from ...serve.serving import Serving

            return Serving()

    def is_to_be_started(self) -> bool:
        """Tell whether functions for the start or the end of serving are registered and not started yet."""
        if not (self.before_serving_funcs or self.after_serving_funcs or self.while_serving_gens):
            return False
        return not self.serving_state.has_started()

    def add_background_task(self, func: t.Callable[..., t.Any], *args: t.Any, **kwargs: t.Any) -> None:
        """Call *func*, plain or a coroutine function, when the response of this request has been made.

        Outside of a request it begins at once. The application's context is active in it. It ends with
        the process: what must not be lost belongs in a task queue.
        """
        function = partial(func, *args, **kwargs)
        context = cv_request.get(None)
        if context is None:
            self.start_background_task(function)
        else:
            context.defer_task(function)

    def start_background_task(self, function: t.Callable[[], t.Any]) -> None:
        """Start *function* in the background now, on the loop of this thread, its server or the process."""
        from ...concurrency.loops import loop_of_thread

        loop = loop_of_thread()
        self.serving_state.stop_at_end(self, loop)
        self.serving_state.background.start(self, loop, function)

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._class_changed()

    @classmethod
    def _class_changed(cls) -> None:
        call = vars(cls).get("__call__")
        if call is not None and not knows_asgi(call):
            # Not by setattr, which would report that the class changed.
            type.__setattr__(cls, "__call__", for_both(call))

    async def asgi_app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, a WebSocket or the server's lifespan; wrap this method in ASGI middleware.

        Raises ValueError for a type of scope that is none of these.
        """
        await answers[scope["type"]](self, scope, receive, send)


def enter_by_asgi(app: AsgiGateway, scope: Scope, receive: Receive, send: Send) -> t.Awaitable[None]:
    """Answer a scope by ``asgi_app``, with the middleware around it."""
    if scope["type"] in ("http", "websocket"):
        plan = app.request_planner.plan or app.request_planner.current(app)
        if plan.edge is not None:
            from .edge import answer_at_edge  # few applications have one

            return answer_at_edge(app, plan.edge, app.asgi_app, scope, (receive, send))
    return app.asgi_app(scope, receive, send)


class _Answers(dict[str, Answer]):
    """The functions that answer each type of scope; each is imported when the first such scope comes."""

    def __missing__(self, kind: str) -> Answer:
        if kind not in ("http", "websocket", "lifespan"):
            raise ValueError(f"Erlen answers the ASGI scopes http, websocket and lifespan, not {kind!r}.")
        found: Answer = importlib.import_module(f".{kind}", __name__).answer
        self[kind] = found
        return found


answers = _Answers()
