"""WSGI code on a thread, for an ASGI server: one job from its call to the end of its body.

An asynchronous body is sent by the loop, and costs no thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import typing as t

from ...concurrency.job import Job
from ...concurrency.one_context import Within
from ...concurrency.pool import Pool, PoolIsFull
from ...wrappers.async_body import AsyncBody, SentAsyncBody
from .messages import File, Head, body_message, whole_file
from .request_body import Incoming

if t.TYPE_CHECKING:
    from .types import Receive, Scope, Send

R = t.TypeVar("R")


class Stream:
    """A body that is sent piece by piece; it notices when the client goes away."""

    def __init__(self, receive: Receive, send: Send, body: t.Callable[[], t.Any]) -> None:
        self._receive = receive
        self._send = send
        # The body of the request: what is received belongs to it, so long as it is not complete.
        self._body = body
        self.gone = False
        # The thread that sends it, if one does.
        self._job: Job | None = None
        self._watch: asyncio.Task[None] | None = None
        # The task that waits, for the next piece or to get rid of one; whether it does; whether we have
        # cancelled that.
        self._task: asyncio.Task[t.Any] | None = None
        self._waits = self._interrupted = False

    async def begin(self, head: Head | None, job: Job | None) -> None:
        """Send the head, if it has not been sent; let the thread go on alone.

        Raises PoolIsFull where too many streams are under way.
        """
        if job is not None and not job.pool.lend(job):
            raise PoolIsFull
        self._job = job
        if head is not None:
            await self.tell(head.message())
        self._watch = asyncio.get_running_loop().create_task(self._wait_for_disconnect())

    async def _wait_for_disconnect(self) -> None:
        body = self._body()
        if isinstance(body, Incoming):
            await body.wait_until_gone()
        else:
            while (await self._receive())["type"] != "http.disconnect":
                pass
        self.leave()
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
        """Send no more: nobody wants it. A coroutine that a thread waits for is cancelled."""
        self.gone = True
        if self._job is not None:
            self._job.interrupt()

    async def tell(self, message: t.Any) -> None:
        """Send a message; a server says by OSError that the client has gone (ASGI 2.4)."""
        try:
            await self._send(message)
        except OSError:
            self.gone = True


def pump(job: Job, stream: Stream, head: Head | None, body: t.Iterable[bytes]) -> None:
    """Send *body* from the job's thread, at the pace of the client, and close it."""

    def ask(coroutine: t.Coroutine[t.Any, t.Any, R]) -> R:
        return asyncio.run_coroutine_threadsafe(coroutine, job.loop).result()

    complete = False
    try:
        try:
            ask(stream.begin(head, job))
            complete = all(ask(stream.piece(data)) for data in body)
        except asyncio.CancelledError:
            if not stream.gone:
                raise
        finally:
            _close(body)
    finally:
        ask(stream.end(complete))


async def send_pieces(stream: Stream, source: AsyncBody) -> bool:
    """Send what comes; stop waiting for more where the client goes away. Tell whether it came to its end."""
    try:
        while not stream.gone:
            with stream.interruptible():
                data = await anext(source)
            await stream.piece(data)
            await asyncio.sleep(0)  # neither side may have waited: who else has something to do comes now
    except StopAsyncIteration:
        return True
    except asyncio.CancelledError:
        if not stream.was_interrupted():
            raise
    return False


class Bridge:
    """A call of WSGI code for one request, and what it answers.

    *call* is given ``start_response`` and returns the body.
    """

    # What receives the body of the request; what the thread calls before it waits for a coroutine.
    request_body: t.Callable[[], t.Any] = staticmethod(lambda: None)
    before_coroutine: t.Callable[[], None] | None = None
    # What lets the thread wait no longer for the rest of the request's body, where the request is cancelled.
    cancel_body: t.Callable[[], None] | None = None

    def __init__(
        self, call: t.Callable[[t.Any], t.Iterable[bytes]], scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._call = call
        self._scope = scope
        self._receive = receive
        self._send = send
        self._head: Head | None = None
        self._written: list[bytes] = []
        # Whether the head goes out as it is; the thread's job; a body that the loop has to send.
        self._is_sent = False
        self._job: Job | None = None
        self._async_body: SentAsyncBody | None = None

    async def answer(self, pool: Pool, variables: contextvars.Context) -> None:
        """Answer the request on a thread. Raises PoolIsFull, and what the application raises."""
        stream = Stream(self._receive, self._send, self.request_body)

        def when_cancelled() -> None:
            stream.leave()
            if self.cancel_body is not None:
                self.cancel_body()
            if self._job is not None and not self._is_sent:
                self._job.cancel_awaited()

        try:
            body = await pool.run_in(
                variables, lambda job: self._answer(job, stream), when_cancelled=when_cancelled
            )
        except BaseException:
            if self._async_body is not None:  # it was cancelled meanwhile
                await self._close_async(pool, variables, self._async_body)
            raise
        if self._async_body is not None:
            await Within(variables, self._send_async(pool, variables, stream, self._async_body))
        elif body is not None:
            assert self._head is not None
            await stream.tell(self._head.message())
            if not stream.gone:
                await stream.tell(body_message(body))

    async def _send_async(
        self, pool: Pool, variables: contextvars.Context, stream: Stream, body: SentAsyncBody
    ) -> None:
        complete = False
        try:
            try:
                await stream.begin(self._check_head(), None)
                complete = await send_pieces(stream, body.source)
            finally:
                await self._close_async(pool, variables, body)
        finally:
            await stream.end(complete)

    async def _close_async(self, pool: Pool, variables: contextvars.Context, body: SentAsyncBody) -> None:
        """Close the source on the loop; what may call plain functions of the application's, on a thread."""

        async def to_thread(function: t.Callable[[], None]) -> None:
            await pool.run_in(variables, lambda _: function(), patient=True)

        try:
            await body.source.aclose(to_thread)
        finally:
            await to_thread(body.close)

    def _answer(self, job: Job, stream: Stream) -> bytes | File | None:
        """Call the application; return its body, or None where that is a stream."""
        self._job = job
        job.before_coroutine = self.before_coroutine
        body = self._call(self._start_response)
        if type(body) is list or type(body) is tuple:
            self._check_head()
            return b"".join([*self._written, *body])
        if isinstance(body, SentAsyncBody) and self._head is not None and not self._written:
            self._is_sent = True
            self._async_body = body
            return None
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
        pump(job, stream, self._check_head(), pieces)
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
    """A body whose first piece has been taken."""

    def __init__(self, first: bytes, rest: t.Iterator[bytes], body: t.Iterable[bytes]) -> None:
        self._first, self._rest = first, rest
        self.close = getattr(body, "close", lambda: None)

    def __iter__(self) -> t.Iterator[bytes]:
        yield self._first
        yield from self._rest
