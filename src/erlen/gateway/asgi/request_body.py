"""The body of a request as it comes from an ASGI server.

It is the environ's ``wsgi.input``, a plain file. A thread that reads it waits for the server, as under WSGI.
The loop's own thread must not wait, and can read only what has been received, so the body is received
before a coroutine function runs.

All messages are received by :meth:`Incoming._receive_next`, one at a time: a caller that needs more while
one is awaited waits for the same one. So a task may watch for a disconnect while a thread reads.
"""

from __future__ import annotations

import asyncio
import io
import os
import typing as t
from concurrent import futures

from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge, ServiceUnavailable

from ...concurrency import runs_loop
from ...concurrency.job import current_job
from .environ import MalformedScope
from .spool import Spool

if t.TYPE_CHECKING:
    from .context import HttpContext
    from .types import Message, Receive

# A function that calls a plain function which may block, off the loop.
CallOnThread: t.TypeAlias = "t.Callable[[t.Callable[[], None]], t.Awaitable[None]]"

_PIECE = 1 << 16  # bytes that are read at once


def json_body_of(context: HttpContext) -> bytes | None:
    """Return the body where it is plainly JSON, and neither request nor environ have been made; else None.

    PERF: 10,000 instructions less than by the request (CPython 3.11).
    """
    body = context._body
    if type(body) is not bytes or context.fields.get(b"content-type") != b"application/json":
        return None
    cls = context.app.request_class
    is_plain = getattr(cls, "reads_json_plainly", False) and cls.limits_plainly
    return body if is_plain and context.made_request is None else None


class BodyTooLong(MalformedScope, BadRequest):
    """An error about a body that is longer than its Content-Length: 400, whoever reads it."""

    def __init__(self) -> None:
        BadRequest.__init__(self, "The body is longer than its Content-Length says.")


# The answer where no code of the application has run. A client that has gone does not get it; a client
# whose malformed body the server reports as a disconnect does (granian 2.8).
INCOMPLETE_BODY = MalformedScope("The body of the request broke off.")


class Incoming(io.RawIOBase):
    """The body of one request.

    *limit* is called for how many bytes may be read at that moment; *memory* is how many wait in
    memory until they are read. Others wait on disk, and *to_thread* writes them. *length* is what
    Content-Length says, or None.
    """

    # The loop on which it is received.
    loop: asyncio.AbstractEventLoop

    def __init__(
        self,
        receive: Receive,
        length: int | None,
        memory: int,
        limit: t.Callable[[], int],
        to_thread: CallOnThread,
    ) -> None:
        self._receive = receive
        self._pid = os.getpid()
        self._length = length
        self._memory = memory
        self._limit = limit
        self._to_thread = to_thread
        self._spool = Spool(memory)
        self.received = 0
        # Whether the body is complete; whether the client left before; whether it is longer than announced.
        self.complete = length == 0
        self.disconnected = False
        self._is_too_long = False
        # A future that is done when the message that is awaited now has been processed.
        self._receiving: asyncio.Future[None] | None = None
        # The tasks that threads wait for; whether no thread may wait any more.
        self._threads_wait_for: set[asyncio.Task[None]] = set()
        self._is_cancelled = False
        # The number of reads; an event for the next read, while the watch waits for one.
        self._reads = 0
        self._was_read: asyncio.Event | None = None
        # Whether bytes beyond the limit have been dropped.
        self._is_cut = False
        # Whether the body is read as a stream, once: then it is not kept as a file.
        self._passing = False

    # receiving, on the loop

    async def _receive_more(self) -> None:
        """Receive the next message and keep its bytes.

        A thread that waits for this for long is replaced in the pool, so that slow senders do not use up
        the pool. Raises ServiceUnavailable (503) where there are too many.
        """
        job = current_job.get()
        if job is None:
            await self._receive_next()
            return
        if self._is_cancelled:
            raise asyncio.CancelledError
        receiving = self.loop.create_task(self._receive_next())
        self._threads_wait_for.add(receiving)
        receiving.add_done_callback(self._threads_wait_for.discard)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if not receiving.done() and not job.pool.count_as_stream(job):
            receiving.cancel()
            raise ServiceUnavailable(retry_after=1)
        await receiving

    async def _receive_next(self) -> None:
        """Receive the next message and keep its bytes, or wait for the task that is receiving it."""
        if self.complete or self.disconnected:
            return
        if self._receiving is not None:
            await asyncio.shield(self._receiving)
            return
        taken = self._receiving = self.loop.create_future()
        try:
            await self.add_message(await self._receive())
        finally:
            self._receiving = None
            taken.set_result(None)

    async def add_message(self, message: Message) -> None:
        """Keep the bytes of a message."""
        if message["type"] == "http.disconnect":
            self.disconnected = True
            return
        data: bytes = message.get("body", b"")
        self.received += len(data)
        if self._length is not None and self.received > self._length:
            self._is_too_long = True
        if data and not (self._is_cut or self._is_too_long):
            if self._spool.is_on_disk_with(len(data)):
                await self._to_thread(lambda: self._spool.put(data))
            else:
                self._spool.put(data)
        if not message.get("more_body", False):
            # A last message before the end of the announced length is a disconnect.
            self.disconnected = self._length is not None and self.received < self._length
            self.complete = not self.disconnected

    async def read_ahead(self, most: int | None = None) -> None:
        """Receive what is left, up to the limit or to *most* bytes.

        A body that is known to be longer is not received. Raises BodyTooLong.
        """
        while not (self.complete or self.disconnected or self._passing) and not self.too_large(most):
            await self._receive_more()
            self._check_length()

    def too_large(self, limit: int | None = None) -> bool:
        """Tell whether the body is longer than the limit: as announced, or as received."""
        if limit is None:
            limit = self._limit()
        return self.received > limit or (self._length is not None and self._length > limit)

    async def wait_until_gone(self) -> None:
        """Return when the client has gone.

        Servers report it after the body: the part that nobody reads is received and kept meanwhile, and the
        part beyond the limit is received and dropped. A reader that receives by itself notices the disconnect
        there: while there is one, no more is kept than fits into memory.
        """
        reads = self._reads
        while not self.disconnected:
            if self.complete:
                self.disconnected = (await self._receive())["type"] == "http.disconnect"
                continue
            self._is_cut = self._is_cut or self.too_large()
            if self._reads != reads and len(self._spool) >= self._memory:
                self._was_read = asyncio.Event()
                await self._was_read.wait()
            else:
                await self._receive_more()

    # piece by piece

    async def pieces(self) -> t.AsyncIterator[bytes]:
        """Yield the body as it comes; keep nothing.

        Raises RequestEntityTooLarge (413) beyond the limit, ClientDisconnected (400) where it breaks off.
        """
        self._passing = True
        while True:
            data = self._received_bytes()
            if data is None:
                await self._receive_more()
            elif data:
                yield data
            else:
                return

    def plain_pieces(self) -> t.Iterator[bytes]:
        """Do what :meth:`pieces` does, for a thread."""
        self._passing = True
        return iter(lambda: self._read_some(_PIECE), b"")

    # as a file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        data = self._read_some(len(buffer)) if not self._passing else b""
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        """Return *size* bytes, all that is left without it; fewer only at the end."""
        if self._passing:
            return b""
        pieces, left = [], -1 if size is None else size
        while left and (data := self._read_some(_PIECE if left < 0 else left)):
            pieces.append(data)
            left -= len(data) if left > 0 else 0
        return b"".join(pieces)

    def is_untouched(self) -> bool:
        """Tell whether all of it has come, and nothing of it was read."""
        return self.complete and len(self._spool) == self.received

    def reopened(self) -> t.IO[bytes]:
        """Return a file of the received bytes that were not read, which leaves them to be read."""
        return io.BufferedReader(_SpoolReader(self._spool), _PIECE)

    def _read_some(self, size: int) -> bytes:
        """Return at most *size* bytes, and nothing at the end; wait for the first ones, on a thread."""
        while (data := self._received_bytes(size)) is None:
            self._wait_for_more()
        return data

    def _received_bytes(self, size: int = _PIECE) -> bytes | None:
        """Return some received bytes, nothing at the end, and None where more has to be received."""
        self._reads += 1
        if self._was_read is not None:
            was_read, self._was_read = self._was_read, None
            self.loop.call_soon_threadsafe(was_read.set)
        self._check_length()
        if self._is_cut or self.too_large():
            raise RequestEntityTooLarge
        # Read before the spool is: the last piece is put there before `complete` is set.
        complete = self.complete
        data = self._spool.take(size)
        if data or complete:
            return data
        if self.disconnected:
            raise ClientDisconnected
        return None

    def _check_length(self) -> None:
        if self._is_too_long:
            raise BodyTooLong

    def _wait_for_more(self) -> None:
        """Wait, on a thread, for the next message."""
        if runs_loop():
            raise RuntimeError(_NOT_RECEIVED)
        if os.getpid() != self._pid:
            raise RuntimeError(
                "The rest of this body comes to the process that was forked, and not to its child: read the"
                " body before the fork."
            )
        try:
            asyncio.run_coroutine_threadsafe(self._receive_unless_there(), self.loop).result()
        except futures.CancelledError:
            raise asyncio.CancelledError from None  # which no 'except Exception' takes for an error

    async def _receive_unless_there(self) -> None:
        # Somebody else may have received something meanwhile.
        if not self._spool:
            await self._receive_more()

    def cancel(self) -> None:
        """Wake the threads that wait for more, with a CancelledError."""
        self._is_cancelled = True
        for receiving in list(self._threads_wait_for):
            receiving.cancel()

    def close_spool(self) -> None:
        """Delete what is on disk, at the end of the request; what is in memory may still be read."""
        self._spool.close()


class _SpoolReader(io.RawIOBase):
    """A file that reads a spool and leaves its bytes there."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        data = self._spool.look(self._at, len(buffer))
        self._at += len(data)
        buffer[: len(data)] = data
        return len(data)


_NOT_RECEIVED = (
    "The rest of this body has not been received, and a plain call cannot wait for it on the thread that runs"
    " the event loop. A body is received up to its limit before a coroutine view runs, and up to"
    " ASGI_BODY_MEMORY where an answer was found without the view. Read it with 'async for part in"
    " request.stream_parts()' or 'async for piece in request.stream_pieces()', or in a plain function; or let"
    " a hook set request.max_content_length before the view runs."
)
