"""Send a response that was made on the loop: its body is in memory, or made on a thread or on the loop."""

from __future__ import annotations

import contextvars
import typing as t
from functools import partial

from ...concurrency.pool import pool_of
from ...serve.teardown import release
from ...wrappers import Response
from ...wrappers.async_body import AsyncBody
from .messages import File, Head, Unsendable, body_message, head_of, plain_head, whole_file
from .sender import Stream, pump

if t.TYPE_CHECKING:
    from ...concurrency.pool import Pool
    from ...serve.steps import PlainAnswer
    from .context import HttpContext
    from .types import Send


class Reply:
    """A response that was made on the loop, on its way to the server."""

    def __init__(self, context: HttpContext, send: Send) -> None:
        self._context = context
        self._response: Response | None = None
        self._stream = Stream(context.receive, send, lambda: context.body)
        self._head: Head | None = None
        self._file: File | None = None
        # Whether it has a stream slot of the pool.
        self._claims = False
        self._body: t.Any = ()

    async def begin(self, answer: Response | PlainAnswer) -> None:
        """Send the head. Raises Unsendable where it cannot be encoded, PoolIsFull where no thread is left."""
        if isinstance(answer, tuple):
            heading, body, more = answer
            self._body = b"" if self._context.method == "HEAD" else body
            await self._stream.send_message(plain_head(heading, len(body), more).message)
            return
        self._response = answer
        plain = None
        # Other classes of responses may be any WSGI code.
        # Asked of the type: a mock says yes to everything.
        if issubclass(type(answer), Response) and answer.is_called_plainly:
            plain = answer.plain_answer(self._context.method)
        if plain is not None:
            # PERF: nobody needs the environ, which takes 4 us to make (CPython 3.11).
            status, headers, self._body = plain
            self._head = head_of(status, headers)
        else:
            try:
                self._body = answer(self._context.environ, self._start_response)
            except Unsendable:
                raise
            except ValueError as error:
                raise Unsendable(str(error)) from error
        if self._context.made_streams:
            self._context.wait_for_streams_in(self._body)
        assert self._head is not None
        if isinstance(answer.response, AsyncBody):
            await self._stream.send_message(self._head.message)
            return
        self._file = whole_file(self._context.scope, self._head, self._body)
        if self._file is None and self._streams_on_thread():
            # Before the head is sent: there may be no stream slot.
            self._pool.reserve_stream()
            self._claims = True
        await self._stream.send_message(self._head.message)

    def complete(self) -> t.Awaitable[None]:
        """Send the body, and close it where it was made."""
        response = self._response
        if response is None or not isinstance(response.response, AsyncBody):
            return self._complete(self._body)
        source = response.response

        async def close() -> None:
            await source.aclose(partial(release, self._context.on_thread))
            await self._close(self._body)

        return self._stream.send_async(None, source if self._body_is_sent() else None, close)

    @property
    def _pool(self) -> Pool:
        return pool_of(self._context.app)

    def _streams_on_thread(self) -> bool:
        assert self._response is not None
        in_memory = isinstance(self._response.response, (list, tuple)) or type(self._body) is list
        return not in_memory and self._body_is_sent()

    def _start_response(self, status: str, headers: t.Any, exc_info: t.Any = None, /) -> t.Any:
        self._head = head_of(status, headers)
        return None

    async def _complete(self, body: t.Any) -> None:
        if self._response is None:
            await self._send_whole(body)
        elif self._claims:
            await self._complete_on_thread(body)
        else:
            try:
                await self._send_whole(b"".join(body) if self._file is None else self._file)
            finally:
                await self._close(body)

    async def abandon(self) -> None:
        """Close a body that will not be sent."""
        if self._claims:
            self._pool.release_stream()
            self._claims = False
        if self._response is None:
            return
        source = self._response.response
        if isinstance(source, AsyncBody):
            await source.aclose(partial(release, self._context.on_thread))
        await self._close(self._response)

    async def _send_whole(self, data: bytes | File) -> None:
        if not self._stream.gone:
            await self._stream.send_message(body_message(data))

    async def _close(self, body: t.Any) -> None:
        """Close a body; on a thread where that may call a function of the application."""
        response = self._response
        if response is None or not hasattr(body, "close"):
            return
        self._context.is_ending = True
        if response._on_close or not isinstance(response.response, (AsyncBody, list, tuple)):
            await self._context.on_thread(body.close)
        else:
            body.close()

    async def _complete_on_thread(self, body: t.Iterable[bytes]) -> None:
        stream, variables = self._stream, self._context.variables or contextvars.copy_context()
        self._claims = False  # from here on the job has the slot
        await self._pool.run_stream(variables, lambda job: pump(job, stream, None, body), stream.stop)

    def _body_is_sent(self) -> bool:
        assert self._response is not None
        code = self._response.status_code
        return self._context.scope["method"] != "HEAD" and code >= 200 and code not in (204, 304)
