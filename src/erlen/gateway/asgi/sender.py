"""Send a body piece by piece, from a thread or from the loop, and notice when the client goes away."""

from __future__ import annotations

import asyncio
import typing as t

from ...concurrency.pool import PoolIsFull
from ...concurrency.tasks import withdraw_cancellation
from .request_body import Incoming

if t.TYPE_CHECKING:
    from ...concurrency.job import Job
    from ...wrappers.async_body import AsyncBody
    from .messages import Head
    from .types import Receive, Send

R = t.TypeVar("R")


class Stream:
    """A body that is sent piece by piece; it notices when the client goes away."""

    def __init__(self, receive: Receive, send: Send, body: t.Callable[[], t.Any]) -> None:
        self._receive = receive
        self._send = send
        # A function for the body of the request: messages belong to it until it is complete.
        self._body = body
        self.gone = False
        # The thread that sends it, if one does.
        self._job: Job | None = None
        self._watch: asyncio.Task[None] | None = None
        # The task that waits for the next piece or sends one; whether it is waiting; whether we have
        # cancelled that.
        self._task: asyncio.Task[t.Any] | None = None
        self._waits = self._interrupted = False

    async def begin(self, head: Head | None, job: Job | None) -> None:
        """Send the head, if it has not been sent; count the thread as a stream.

        Raises PoolIsFull where too many streams are under way.
        """
        if job is not None and not job.pool.count_as_stream(job):
            raise PoolIsFull
        self._job = job
        if head is not None:
            await self.send_message(head.message)
        self._watch = asyncio.get_running_loop().create_task(self._wait_for_disconnect())

    async def _wait_for_disconnect(self) -> None:
        body = self._body()
        if isinstance(body, Incoming):
            await body.wait_until_gone()
        else:
            while (await self._receive())["type"] != "http.disconnect":
                pass
        self.stop()
        if self._waits and self._task is not None:
            self._interrupted = True
            self._task.cancel()

    def was_interrupted(self) -> bool:
        """Tell whether this stream cancelled the task, and withdraw that cancellation."""
        ours, self._interrupted = self._interrupted, False
        if ours:
            withdraw_cancellation(self._task)
        return ours

    async def piece(self, data: bytes) -> bool:
        """Send a piece, as soon as the server takes it; tell whether anybody is still there."""
        if data and not self.gone:
            self._task, self._waits = asyncio.current_task(), True
            try:
                await self.send_message({"type": "http.response.body", "body": data, "more_body": True})
            except asyncio.CancelledError:
                if not self.was_interrupted():
                    raise
            finally:
                self._waits = False
        return not self.gone

    async def send_async(
        self, head: Head | None, source: AsyncBody | None, close: t.Callable[[], t.Awaitable[None]]
    ) -> None:
        """Send what comes, until the client goes away, when nobody waits for more; then close it.

        Without *source* there is nothing to be sent.
        """
        complete = source is None
        self._task = asyncio.current_task()
        try:
            try:
                await self.begin(head, None)
                while source is not None and not self.gone:
                    self._waits = True
                    data = await anext(source)
                    if data and not self.gone:
                        await self.send_message(
                            {"type": "http.response.body", "body": data, "more_body": True}
                        )
                    self._waits = False
                    if not source.lets_others_run:
                        await asyncio.sleep(0)  # neither side may have waited
            except StopAsyncIteration:
                complete = True
            except asyncio.CancelledError:
                if not self.was_interrupted():
                    raise
            finally:
                self._waits = False
                await close()
        finally:
            await self.end(complete)

    async def end(self, complete: bool) -> None:
        """Send the end of a complete body, and stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        if complete and not self.gone:
            await self.send_message({"type": "http.response.body", "body": b""})

    def stop(self) -> None:
        """Stop sending: the client has gone. A coroutine that a thread waits for is cancelled."""
        self.gone = True
        if self._job is not None:
            self._job.interrupt()

    async def send_message(self, message: t.Any) -> None:
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
            close(body)
    finally:
        ask(stream.end(complete))


def close(body: t.Any) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
