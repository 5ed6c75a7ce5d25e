"""Bodies that are made by coroutines: asynchronous iterators, sent on either protocol.

The contexts of the request in which one is made stay active in it: ``request``, ``session`` and ``g`` work
until it is closed. Then the teardown functions run, once.
"""

from __future__ import annotations

import contextvars
import sys
import typing as t
from collections.abc import AsyncIterable, AsyncIterator

from ..active import active_app, get_state, reset_state, set_state
from ..concurrency.one_context import RunInContext

if t.TYPE_CHECKING:
    from ..active import State

    Release = t.Callable[[t.Any, BaseException | None], t.Awaitable[None]]


class AsyncBody:
    """The body of a response whose pieces, text or bytes, come from an asynchronous iterable.

    An ASGI server awaits the pieces; for a WSGI server it is a plain iterator that waits for them on the
    loop that coroutines run on.
    """

    # Set here for an object whose constructor failed: there is nothing to close.
    _closed = True
    # The exception that ended it. A server in C or Rust (uWSGI, granian) calls close() after handling that.
    _failure: BaseException | None = None

    def __init__(self, source: AsyncIterable[str] | AsyncIterable[bytes]) -> None:
        self._source: AsyncIterator[t.Any] = source.__aiter__()
        # Whether other tasks run before each piece is there, whatever it is made of.
        self.lets_others_run: bool = getattr(self._source, "lets_others_run", False)
        self._context = get_state()[0]
        self._app = active_app() if self._context is None else self._context.app
        self._active: State | None = None
        self.contexts: t.Any = None
        if self._context is not None:
            self.contexts = self._context.contexts_for_stream()
            self._active = self.contexts.state
        self._closed = False
        # The contextvars.Context of its pieces, where a thread waits for them.
        self._variables: contextvars.Context | None = None

    # on a loop

    def __aiter__(self) -> AsyncBody:
        return self

    async def __anext__(self) -> bytes:
        token = None if self._active is None else set_state(self._active)
        try:
            piece = await self._source.__anext__()
        finally:
            if token is not None:
                reset_state(token)
        if isinstance(piece, str):
            return piece.encode()
        if isinstance(piece, (bytes, bytearray, memoryview)):
            return bytes(piece)
        raise TypeError(f"An asynchronous body yields text or bytes, not {type(piece).__name__}.")

    async def aclose(self, release: Release | None = None) -> None:
        """Close the source, and release the contexts: here, or by *release*.

        That is given the contexts, and the exception under way or None, which teardown functions get.
        """
        if self._closed:
            return
        self._closed = True
        exc = sys.exc_info()[1] or self._failure
        try:
            await self._close_source()
        except BaseException as error:
            exc = error
            raise
        finally:
            if self._context is not None:
                if release is None:
                    self.contexts.release(exc)
                else:
                    await release(self.contexts, exc)

    async def _close_source(self) -> None:
        close = getattr(self._source, "aclose", None)
        if close is None:
            return
        token = None if self._active is None else set_state(self._active)
        try:
            await close()
        finally:
            if token is not None:
                reset_state(token)

    # on a thread

    def __iter__(self) -> AsyncBody:
        return self

    def __next__(self) -> bytes:
        try:
            piece: bytes | None = self._wait_for(self._next_or_none)
        except BaseException as error:
            self._failure = error
            raise
        if piece is None:
            self.close()
            raise StopIteration
        return piece

    async def _next_or_none(self) -> bytes | None:
        # StopAsyncIteration cannot be raised from a coroutine to its caller.
        try:
            return await self.__anext__()
        except StopAsyncIteration:
            return None

    def close(self) -> None:
        """Do what :meth:`aclose` does, from a thread."""
        if self._closed:
            return
        self._closed = True
        exc = sys.exc_info()[1] or self._failure
        try:
            self._wait_for(self._close_source)
        except BaseException as error:
            exc = error
            raise
        finally:
            self._failure = None  # its traceback refers to this object
            if self._context is not None:
                self.contexts.release(exc)

    def __del__(self) -> None:
        # A hook may have replaced the response that had this body. Teardown functions must not be left out,
        # and must not run on the thread where the collector happens to run.
        if (
            not self._closed
            and self._app is not None
            and self._context is not None
            and not sys.is_finalizing()
        ):
            self._app.start_background_task(self.close)

    def _wait_for(self, function: t.Callable[[], t.Coroutine[t.Any, t.Any, t.Any]]) -> t.Any:
        if self._app is None:
            raise RuntimeError(
                "An asynchronous body was made where no application is active, so nobody knows which loop"
                " its coroutines run on. Make it in a view function."
            )
        variables = self._variables
        if variables is None:
            variables = self._variables = contextvars.copy_context()

        async def within() -> t.Any:
            # One context for all pieces, so that a token from one piece is valid in the next.
            return await RunInContext(variables, function())

        # A thread that sends the body need not wait for a piece when the client has gone.
        vars(within)["may_be_interrupted"] = function == self._next_or_none
        # Active on the thread as well, which reads the request's body if a piece needs it.
        token = None if self._active is None else set_state(self._active)
        try:
            return self._app.async_to_sync(within)()
        finally:
            if token is not None:
                reset_state(token)


class SentAsyncBody:
    """An asynchronous body that is being sent: the iterable that a WSGI server gets.

    An ASGI gateway that gets it from WSGI code sends *source* from its loop instead. *close* closes the
    response.
    """

    def __init__(self, source: AsyncBody, close: t.Callable[[], None]) -> None:
        self.source = source
        self.contexts = source.contexts
        self.close = close

    def __iter__(self) -> AsyncBody:
        return self.source
