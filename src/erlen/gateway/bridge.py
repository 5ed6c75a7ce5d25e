"""A WSGI application on a thread, for an ASGI server: one errand from its call to the end of its body."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import typing as t

from .incoming import Incoming
from .outgoing import File, Head, body_message, whole_file
from .pool import Errand, Pool, PoolIsFull

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from .asgi import Receive, Scope, Send

R = t.TypeVar("R")


class Stream:
    """Send a body piece by piece from a thread; notice when the client goes away."""

    def __init__(self, receive: Receive, send: Send, body: t.Callable[[], t.Any]) -> None:
        self._receive = receive
        self._send = send
        # The body of the request: what is received belongs to it, so long as it is not complete.
        self._body = body
        self.gone = False
        self._watch: asyncio.Task[None] | None = None
        # The task that waits, for the next piece or to get rid of one; whether it does; whether we have
        # cancelled that.
        self._task: asyncio.Task[t.Any] | None = None
        self._waits = self._interrupted = False

    async def begin(self, head: Head | None, errand: Errand | None) -> None:
        """Send the head, if it has not been sent; let the thread go on alone.

        Raises PoolIsFull where too many streams are under way.
        """
        if errand is not None and not errand.pool.lend(errand):
            raise PoolIsFull
        if head is not None:
            await self.tell(head.message())
        self._watch = asyncio.get_running_loop().create_task(self._wait_for_disconnect())

    async def _wait_for_disconnect(self) -> None:
        body = self._body()
        if isinstance(body, Incoming):
            await body.ended.wait()
            self.gone = self.gone or body.disconnected
        while not self.gone:
            message = await self._receive()
            self.gone = message["type"] == "http.disconnect"
        if self._waits and self._task is not None:
            self._interrupted = True
            self._task.cancel()

    @contextlib.contextmanager
    def interruptible(self) -> t.Iterator[None]:
        """Let the client's going away cancel what this task awaits in here."""
        self._task = asyncio.current_task()
        self._waits = True
        try:
            yield
        finally:
            self._waits = False

    def was_interrupted(self) -> bool:
        """Tell whether a cancellation was ours; from now on it is none."""
        ours, self._interrupted = self._interrupted, False
        uncancel = getattr(self._task, "uncancel", None)  # from Python 3.11 on
        if ours and uncancel is not None:
            uncancel()
        return ours

    async def piece(self, data: bytes) -> bool:
        """Send a piece, as soon as the server takes it; tell whether anybody is still there."""
        if data and not self.gone:
            try:
                with self.interruptible():
                    await self.tell({"type": "http.response.body", "body": data, "more_body": True})
            except asyncio.CancelledError:
                if not self.was_interrupted():
                    raise
        return not self.gone

    async def end(self, complete: bool) -> None:
        """Send the end, if this is one, and stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        if complete and not self.gone:
            await self.tell({"type": "http.response.body", "body": b""})

    def leave(self) -> None:
        """Send no more: nobody wants it."""
        self.gone = True

    async def tell(self, message: t.Any) -> None:
        """Send a message; a server says by OSError that the client has gone (ASGI 2.4)."""
        try:
            await self._send(message)
        except OSError:
            self.gone = True


def pump(errand: Errand, stream: Stream, head: Head | None, body: t.Iterable[bytes]) -> None:
    """Send *body* from the errand's thread, at the pace of the client, and close it."""

    def ask(coroutine: t.Coroutine[t.Any, t.Any, R]) -> R:
        return asyncio.run_coroutine_threadsafe(coroutine, errand.loop).result()

    complete = False
    try:
        try:
            ask(stream.begin(head, errand))
            complete = all(ask(stream.piece(data)) for data in body)
        finally:
            _close(body)
    finally:
        ask(stream.end(complete))


class Bridge:
    """Call a WSGI application for one request, and send what it answers."""

    def __init__(self, application: WSGIApplication, scope: Scope, receive: Receive, send: Send) -> None:
        self._application = application
        self._scope = scope
        self._receive = receive
        self._send = send
        self._head: Head | None = None
        self._written: list[bytes] = []
        # Whether the head goes out as it is.
        self._is_sent = False

    async def answer(self, pool: Pool, variables: contextvars.Context, environ: WSGIEnvironment) -> None:
        """Answer the request on a thread. Raises PoolIsFull, and what the application raises."""
        stream = Stream(self._receive, self._send, lambda: environ["wsgi.input"])
        body = await pool.run_in(
            variables, lambda errand: self._call(errand, stream, environ), when_cancelled=stream.leave
        )
        if body is None:
            return
        assert self._head is not None
        await stream.tell(self._head.message())
        if not stream.gone:
            await stream.tell(body_message(body))

    def _call(self, errand: Errand, stream: Stream, environ: WSGIEnvironment) -> bytes | File | None:
        """Call the application; return its body, or None where it was a stream and has been sent."""
        errand.before_coroutine = getattr(environ["wsgi.input"], "read_ahead_plainly", None)
        body = self._application(environ, self._start_response)
        if type(body) is list or type(body) is tuple:
            self._check_head()
            return b"".join([*self._written, *body])
        try:
            whole = self._whole(body)
            pieces = body if self._head is not None and not self._written else self._begun(body)
        except BaseException:
            _close(body)
            raise
        if whole is not None:
            _close(body)
            return whole
        self._is_sent = True
        pump(errand, stream, self._check_head(), pieces)
        return None

    def _whole(self, body: t.Any) -> File | None:
        return None if self._head is None or self._written else whole_file(self._scope, self._head, body)

    def _begun(self, body: t.Iterable[bytes]) -> t.Iterable[bytes]:
        """Take the first piece: by then start_response has to have been called (PEP 3333)."""
        pieces = iter(body)
        first = next(pieces, b"")
        self._check_head()
        return _Again(b"".join([*self._written, first]), pieces, body)

    def _check_head(self) -> Head:
        if self._head is None:
            raise AssertionError("The WSGI application returned a body without calling start_response().")
        return self._head

    def _start_response(self, status: str, headers: t.Any, exc_info: t.Any = None, /) -> t.Any:
        if exc_info is not None and self._is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        # Before anything has been sent, a second call may replace the first.
        if self._head is not None and exc_info is None:
            raise AssertionError("start_response() was called a second time, without exc_info (PEP 3333).")
        self._head = Head(status, list(headers))
        return self._written.append


def _close(body: t.Any) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


class _Again:
    """Be a body whose first piece has been taken."""

    def __init__(self, first: bytes, rest: t.Iterator[bytes], body: t.Iterable[bytes]) -> None:
        self._first, self._rest = first, rest
        self.close = getattr(body, "close", lambda: None)

    def __iter__(self) -> t.Iterator[bytes]:
        yield self._first
        yield from self._rest
