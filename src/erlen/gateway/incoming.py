"""The body of a request as it comes from an ASGI server: read ahead, in memory and then on disk.

It is the environ's ``wsgi.input``, a plain file. What has been read ahead is read without waiting. Behind
that a thread waits for the server; on the loop's own thread, where nobody may wait, it is an error.
"""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import typing as t

from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge

from .environ import MalformedScope

R = t.TypeVar("R")

Message: t.TypeAlias = "t.MutableMapping[str, t.Any]"
Receive: t.TypeAlias = "t.Callable[[], t.Awaitable[Message]]"


class LongerThanSaid(MalformedScope, BadRequest):
    """Say that more of a body has come than Content-Length announced: 400, whoever reads it."""

    def __init__(self) -> None:
        BadRequest.__init__(self, "The body is longer than its Content-Length says.")


class Incoming(io.RawIOBase):
    """Be the body of one request.

    *limit* says how many bytes may be read, at the moment when it is asked; *memory* is how many are
    kept there, the rest is kept on disk. *length* is what Content-Length says, or None.
    """

    def __init__(self, receive: Receive, length: int | None, memory: int, limit: t.Callable[[], int]) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._pid = os.getpid()
        self._length = length
        self._limit = limit
        # What was received and is kept; where reading is.
        self._memory = memory
        self._kept: t.IO[bytes] = io.BytesIO()
        self.received = 0
        self._at = 0
        # Whether all has come; whether the client went away before.
        self.complete = length == 0
        self.disconnected = False
        # Set when there is no more to come.
        self.ended = asyncio.Event()
        if self.complete:
            self.ended.set()
        # What limits how much is read ahead, where that is less.
        self.limit_ahead: t.Callable[[], int] | None = None
        # Whether the view reads it while it comes.
        self.is_streamed = False
        # Streams are not kept: each byte is read once.
        self._passing = False

    # ahead, on the loop

    async def read_ahead_from(self, message: Message) -> None:
        """Do what :meth:`read_ahead` does, where the first message has been received."""
        self._keep(self._take(message))
        await self.read_ahead()

    async def read_ahead(self) -> None:
        """Receive what is left, up to the limit; a body that is known to be longer is left where it is."""
        most = self.limit_ahead or self._limit
        while not self.complete and not self.disconnected and not self.too_large(most()):
            self._keep(await self._next())

    def too_large(self, limit: int | None = None) -> bool:
        """Tell whether the body is longer than the limit, by what it says or by what has come."""
        if limit is None:
            limit = self._limit()
        return self.received > limit or (self._length is not None and self._length > limit)

    async def _next(self) -> bytes:
        """Receive the next piece; note the end."""
        return self._take(await self._receive())

    def _take(self, message: Message) -> bytes:
        if message["type"] == "http.disconnect":
            self.disconnected = True
            self.ended.set()
            return b""
        data: bytes = message.get("body", b"")
        self.received += len(data)
        self.complete = not message.get("more_body", False)
        if self.complete:
            self.ended.set()
        if self._length is not None and self.received > self._length:
            raise LongerThanSaid
        return data

    def _keep(self, data: bytes) -> None:
        kept = self._kept
        kept.seek(0, io.SEEK_END)
        if type(kept) is io.BytesIO and kept.tell() + len(data) > self._memory:
            self._kept = tempfile.TemporaryFile()  # noqa: SIM115  # let_go() closes it
            self._kept.write(kept.getbuffer())
        self._kept.write(data)

    # piece by piece

    async def pieces(self) -> t.AsyncIterator[bytes]:
        """Yield the body as it comes; keep nothing.

        Raises RequestEntityTooLarge (413) beyond the limit, ClientDisconnected (400) where it breaks off.
        """
        for data in self._pass_on():
            yield data
        while not self.complete:
            self._check()
            data = await self._next()
            self._at = self.received
            self._check()
            if data:
                yield data

    def plain_pieces(self) -> t.Iterator[bytes]:
        """Do what :meth:`pieces` does, for a thread."""
        yield from self._pass_on()
        while not self.complete:
            self._check()
            data = self._wait_for_next()
            self._at = self.received
            self._check()
            if data:
                yield data

    def _pass_on(self) -> t.Iterator[bytes]:
        """Yield what was kept, and keep nothing from now on."""
        self._passing = True
        if self.too_large():
            raise RequestEntityTooLarge
        while data := self._read_kept(1 << 16):
            yield data

    def _check(self) -> None:
        if self.disconnected:
            raise ClientDisconnected
        if self.too_large():
            raise RequestEntityTooLarge

    def _wait_for_next(self) -> bytes:
        """Wait, on a thread, for the next piece."""
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is not None:
            raise RuntimeError(
                "The rest of this body has not been read, and a plain call cannot wait for it on the thread"
                " that runs the event loop. Read it with 'async for part in request.stream_parts()' or"
                " 'async for piece in request.stream_pieces()'; or let a hook set request.max_content_length"
                " before the view runs."
            )
        return self._wait_for(self._next())

    def _wait_for(self, coroutine: t.Coroutine[t.Any, t.Any, R]) -> R:
        """Return, on a thread, what *coroutine* returns on the loop.

        Raises RuntimeError in a forked child, where that does not run.
        """
        if os.getpid() != self._pid:
            coroutine.close()
            raise RuntimeError(
                "The rest of this body comes to the process that was forked, and not to its child: read the"
                " body before the fork."
            )
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    # as a file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        data = self._read_some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        """Return at most *size* bytes, all that is left without it; nothing at the end."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self._read_some(1 << 16), b""))
        data = self._read_some(size)
        # Less only at the end: middleware asks for as much as Content-Length says, once.
        while 0 < len(data) < size and (more := self._read_some(size - len(data))):
            data += more
        return data

    def _read_some(self, size: int) -> bytes:
        if size and not self._passing and self.too_large():
            raise RequestEntityTooLarge
        if size and self._at >= self.received:
            if self.complete or self._passing:
                return b""
            self._check()
            self._keep(self._wait_for_next())
            return self._read_some(size)
        return self._read_kept(size)

    def _read_kept(self, size: int) -> bytes:
        if self._at >= self.received:
            return b""
        self._kept.seek(self._at)
        data = self._kept.read(size)
        self._at += len(data)
        return data

    def read_ahead_plainly(self) -> None:
        """Do what :meth:`read_ahead` does, from a thread: a coroutine will ask for the body."""
        if not self._passing:
            self._wait_for(self.read_ahead())

    def let_go(self) -> None:
        """Let go of what is on disk, at the end of the request; what is in memory may be read still."""
        if type(self._kept) is not io.BytesIO:
            self._kept.close()
