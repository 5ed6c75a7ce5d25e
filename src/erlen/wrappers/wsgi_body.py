"""The body of a request under WSGI, where coroutines read it.

A body is read from the socket of its client, and that blocks. All requests share the loop on which
coroutines run, so none of them may read there; some servers (uWSGI, mod_wsgi, gevent) let no thread read but
the one that they called. That thread waits for the coroutine anyway, so it reads:

- **ahead**, before the coroutine starts, so that ``request.form`` and the rest are plain calls that never
  wait. Not beyond the limit: the 413 is raised when the body is used, as in a plain view.
- **while it waits**, where the view is declared with ``stream_request``: ``request.stream_pieces()`` and
  ``stream_parts()`` hand each read to it.

``erlen.gateway.asgi.request_body`` does the same for ASGI.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
import threading
import typing as t
from collections import deque
from contextlib import suppress

from werkzeug.exceptions import HTTPException

from ..concurrency.caller_queue import CallerJob, CallerQueue
from .forms import LARGE_FORM
from .streaming import ErlenBody, check_chunked, is_streamed

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from ..concurrency.loops import ProcessLoop
    from . import Request

R = t.TypeVar("R")

_PIECE = 1 << 16  # bytes that are asked for at once
_REQUEST_IS_OVER = "The request is over: nobody waits any longer who could read its body."
_USUALLY_WITHOUT = ("GET", "HEAD", "OPTIONS")


def prepare_body(context: t.Any, loop: ProcessLoop) -> CallerQueue | None:
    """Prepare the body of the request for a coroutine on *loop*: the request's own thread reads it.

    Returns the queue by which the thread has to wait, if the body is read meanwhile.
    """
    if not _has_body(context.environ):
        return None
    body = _body_of(context, loop)
    if body is None or not body.is_of_this_thread():
        return None
    if not is_streamed(context):
        limit = context.request.max_content_length
        if limit is None or _length_of(context.environ) <= limit:
            body.read_ahead(limit)
            body.parse_form(context.request, limit)
    return None if body.has_ended else body.open()


def end_body(environ: WSGIEnvironment) -> None:
    """Refuse later reads by coroutines that outlive their request."""
    body = environ.get("wsgi.input")
    if type(body) is WsgiBody:
        body.end()


def _has_body(environ: WSGIEnvironment) -> bool:
    """Tell whether there may be a body that blocks: from HTTP/2 on it needs no field that announces it."""
    if type(environ.get("wsgi.input")) is io.BytesIO or "asgi.scope" in environ:
        return False
    length = environ.get("CONTENT_LENGTH")
    if length or "HTTP_TRANSFER_ENCODING" in environ:
        return length != "0"
    if not environ.get("wsgi.input_terminated"):
        return False
    return environ.get("REQUEST_METHOD") not in _USUALLY_WITHOUT or (
        not environ.get("SERVER_PROTOCOL", "HTTP/1.1").startswith("HTTP/1")
    )


def _body_of(context: t.Any, loop: ProcessLoop) -> WsgiBody | None:
    """Return the body, which wraps the server's; None where there is none to read."""
    environ = context.environ
    source = environ.get("wsgi.input")
    if type(source) is WsgiBody:
        return source
    try:
        if "HTTP_TRANSFER_ENCODING" in environ:
            check_chunked(environ)
            source = environ["wsgi.input"]
    except HTTPException:
        return None  # raised again when the body is used
    length = None if environ.get("wsgi.input_terminated") else _length_of(environ)
    if source is None or length == 0:
        return None
    request: Request = context.request
    stream: t.Any = vars(request).get("stream")
    # How much plain functions have read is known where they read through Werkzeug's stream.
    read: int = getattr(stream, "_pos", request.read_length or 0)
    if type(stream) is io.BytesIO or (length is not None and read >= length):
        return None  # all of it has been read, or is being read by stream_pieces()
    body = environ["wsgi.input"] = WsgiBody(
        source, length, read, context.app.config["ASGI_BODY_MEMORY"], loop
    )
    if stream is source:
        vars(request)["stream"] = body
    # The wrappers that limit and guard the server's stream stay around it.
    while stream is not None and stream is not source:
        if getattr(stream, "_stream", None) is source:
            stream._stream = body
        stream = getattr(stream, "__dict__", {}).get("_stream")
    return body


def _length_of(environ: WSGIEnvironment) -> int:
    stated: str = environ.get("CONTENT_LENGTH") or "0"
    if not (stated.isdecimal() and stated.isascii()):
        return 0
    return int(stated) if len(stated) <= 18 else sys.maxsize


class WsgiBody(ErlenBody):
    """A body that wraps a server's ``wsgi.input``: first what has been received of it, then the rest.

    *length* is that of the body in bytes, or None where the server tells its end; *received* is how much of
    it was read before. As much as *memory* says is kept there, the rest on disk until nobody refers to it.
    """

    def __init__(
        self, source: t.Any, length: int | None, received: int, memory: int, loop: ProcessLoop
    ) -> None:
        self._source = source
        self._length = length
        self._received = received
        self.has_ended = False
        self._error: Exception | None = None
        # The received part: the file, its length, and how much of it has been read.
        self._kept: t.IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115  # see close()
            max(memory, 1)
        )
        self._size = self._at = 0
        # The thread of the request, and the calls that coroutines hand to it while it waits.
        self._thread = threading.get_ident()
        self._loop = loop
        self._calls = loop.make_queue()
        # The calls that wait until the thread waits: between two pieces of a stream it serves the client.
        self._jobs: deque[CallerJob[t.Any]] = deque()
        self._is_over = False

    # on the thread of the request

    def read_ahead(self, limit: int | None) -> None:
        """Receive the rest, at most one byte more than *limit*.

        An error is raised when a reader reaches it.
        """
        self._kept.seek(self._size)
        while not self.has_ended and self._error is None and (limit is None or self._received <= limit):
            data = self._receive(_PIECE if limit is None else min(_PIECE, limit + 1 - self._received))
            self._size += self._kept.write(data)

    def parse_form(self, request: Request, limit: int | None) -> None:
        """Parse a large multipart form, which would block the loop."""
        is_too_large = limit is not None and self._received > limit
        is_whole = self.has_ended and self._at == 0 and self._size == self._received
        if is_whole and not is_too_large and self._size >= LARGE_FORM:
            self._kept.seek(0)
            request.parse_form_ahead(self._kept)

    def is_of_this_thread(self) -> bool:
        """Tell whether this is the thread of the request, and not one that works for it."""
        return threading.get_ident() == self._thread

    def open(self) -> CallerQueue:
        """Return the queue by which the thread waits from now on."""
        self._calls.open()
        self._hand_over()
        return self._calls

    def end(self) -> None:
        """Refuse the calls that were not handed to the thread: it does not wait any more."""
        self._is_over = True
        while self._jobs:
            self._jobs.popleft().refuse(_REQUEST_IS_OVER)

    def _receive(self, size: int) -> bytes:
        """Read from the server. An error is kept: a failed read is never repeated."""
        if self._length is not None:
            size = min(size, self._length - self._received)
        try:
            data: bytes = self._source.read(size)
        except Exception as error:
            self._error = error
            return b""
        self._received += len(data)
        self.has_ended = not data or self._received == self._length
        return data

    # on a loop

    async def call(self, function: t.Callable[..., R], *args: t.Any) -> R:
        """Call a function that reads from this body, on the thread of the request, where it may block.

        Raises RuntimeError where the request is over.
        """
        if self.has_ended or self._error is not None or not self._is_on_loop():
            return function(*args)
        if self._is_over:
            raise RuntimeError(_REQUEST_IS_OVER)
        job = CallerJob(function, *args)
        self._jobs.append(job)
        self._hand_over()
        return await job.result

    def _hand_over(self) -> None:
        """Give the waiting calls to the thread, if it waits; else it takes them when it does."""
        with suppress(IndexError):
            while self._jobs:
                job = self._jobs.popleft()
                if not self._calls.put(job):
                    self._jobs.appendleft(job)
                    return

    def _is_on_loop(self) -> bool:
        return asyncio._get_running_loop() is self._loop.loop

    # as a file

    def readinto(self, buffer: t.Any) -> int:
        data = self._read_some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        """Return at most *size* bytes, all that is left without it; nothing at the end."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self._read_some(_PIECE), b""))
        data = self._read_some(size)
        # Fewer bytes only at the end: a reader that knows the length reads once.
        while 0 < len(data) < size and (more := self._read_some(size - len(data))):
            data += more
        return data

    def _read_some(self, size: int) -> bytes:
        if self._at < self._size:
            self._kept.seek(self._at)
            data = self._kept.read(size)
            self._at += len(data)
            return data
        if self.has_ended or not size:
            return b""
        data = b""
        if self._error is None:
            self._refuse_on_loop()
            data = self._receive(size)
        if self._error is not None:
            raise self._error
        return data

    def _refuse_on_loop(self) -> None:
        if self._is_on_loop():
            raise RuntimeError(
                "The rest of this body has not been read, and a plain call cannot wait for it on the thread"
                " that runs the event loop. Read it with 'async for part in request.stream_parts()' or"
                " 'async for piece in request.stream_pieces()'; or let a hook set request.max_content_length"
                " before the view runs."
            )

    def close(self) -> None:
        """Delete what is on disk, when nobody refers to this any longer."""
        self._kept.close()
        super().close()
