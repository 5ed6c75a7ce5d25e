"""The context of a request that runs on an event loop, as the steps see it; a gateway fills it in."""

from __future__ import annotations

import typing as t

from .request_context import RequestContext

if t.TYPE_CHECKING:
    from .holds import StreamContexts

R = t.TypeVar("R")
P = t.ParamSpec("P")


class HasThreads(t.Protocol):
    """What calls plain functions for coroutines."""

    async def plainly(self, function: t.Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...

    async def prepare_coroutine(self) -> None: ...


class LoopContext(RequestContext):
    """Be the context of a request that an event loop brought."""

    # The header fields by name, as they came.
    __slots__ = ("fields", "method")

    if t.TYPE_CHECKING:
        fields: dict[bytes, bytes]
        method: str

    async def plainly(self, function: t.Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a plain function where it may block: on a thread, unless told otherwise."""
        raise NotImplementedError

    async def on_thread(self, function: t.Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a plain function on a thread, inside of the request's context variables."""
        raise NotImplementedError

    # Whether a view is still to be called.
    awaits_view: bool

    def has_body_to_come(self) -> bool:
        """Tell whether there is more of the body than has been received."""
        raise NotImplementedError

    async def receive_rest(self) -> None:
        """Receive what has not been received of the body, so far as a view or a coroutine may read it."""
        raise NotImplementedError

    async def prepare_coroutine(self) -> None:
        """Receive the body, and parse a large form: a coroutine function can do neither."""
        raise NotImplementedError

    def has_cookie(self, name: str) -> bool:
        """Tell whether the request may have a cookie of that name."""
        raise NotImplementedError

    async def shielded(self, coroutine: t.Coroutine[t.Any, t.Any, None]) -> None:
        """Await what has to be done to its end, whatever becomes of the task; not without end, though."""
        raise NotImplementedError

    def forget(self) -> None:
        """Let go of what the request brought: it has been torn down."""
        self._found = ()
        if self._app_context is not None:
            self._app_context._found.clear()
        self._app_context = self._g = None

    async def release(self, contexts: StreamContexts, exc: BaseException | None) -> None:
        """Release what a stream has kept; teardown functions are plain calls, and may block."""
        app = self.app
        if app.teardown_request_funcs or app.teardown_appcontext_funcs or not app._planner.current(app).quiet:
            await self.on_thread(contexts.release, exc)
        else:
            contexts.release(exc)
