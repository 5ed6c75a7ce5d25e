"""One piece of work for a thread of a pool, and how the thread waits for coroutines meanwhile.

**Why a pool cannot wait for itself.** A thread may wait for a coroutine, and that coroutine may need a
thread, as often as that goes round. If each took another thread, a full pool would stand still. So a
waiting thread has a queue (``caller_queue``): what coroutines of its request hand to threads runs on the
very thread that waits for them. Of several at once the others take threads of the pool, while there
are any: one that waits for another must not stand above it on one stack.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import typing as t

from .caller_queue import CallerQueue
from .loops import Outcome, Portal, Waiter, using_portal

if t.TYPE_CHECKING:
    from .pool import Pool

R = t.TypeVar("R")


class ThreadFuture(asyncio.Future[R]):
    """A future that a task waits for while a thread works for it.

    Once that has begun it is not cancelled: a thread cannot be stopped, and it is inside the context
    that the task would need to go on. The task hears of the cancellation when the thread is done.
    """

    begun = False
    when_cancelled: t.Callable[[], None] | None = None

    def cancel(self, msg: t.Any | None = None) -> bool:
        if not self.begun:
            return super().cancel(msg)
        if self.when_cancelled is not None:
            self.when_cancelled()
        return False


class Job(Portal):
    """A call for a thread of a pool, and the portal by which that thread waits for coroutines."""

    # How it is counted: it has a thread of the pool; one of its own, since it sends a stream; or it is
    # done by a thread that waits, and is not counted.
    kind: t.Literal["pool", "stream", "caller"] = "pool"

    def __init__(self, pool: Pool, function: t.Callable[[Job], t.Any]) -> None:
        self.loop, self.pid = pool.loop, os.getpid()
        self.pool = pool
        self.function = function
        self.future: ThreadFuture[t.Any] = ThreadFuture(loop=pool.loop)
        # What gives it up where it waits too long for a thread.
        self.timer: asyncio.TimerHandle | None = None
        # What is to be done before a coroutine runs for it.
        self.before_coroutine: t.Callable[[], None] | None = None
        # Its thread's, from when that waits on: one that a waiting thread does has that of its host.
        self.queue: CallerQueue | None = None
        self.host: Job | None = None
        # What it waits for, the innermost last; whether nobody wants the body that it sends.
        self._awaited: list[Outcome[t.Any]] = []
        self._is_interrupted = False

    def prepare(self) -> Waiter:
        if self.before_coroutine is not None:
            self.before_coroutine()
        if self.queue is None:
            self.queue = CallerQueue()
        self.queue.open()
        return self

    def run(self) -> None:
        """Work, and tell the task that waits for it."""
        result: t.Any = None
        error: BaseException | None = None
        # Or the context that the function enters, and that knows this job, would be kept by it.
        function, self.function = self.function, _nothing
        try:
            with using_portal(self):
                result = function(self)
        except BaseException as raised:
            error = raised
        self.before_coroutine = None
        try:
            self.loop.call_soon_threadsafe(self.pool.done, self, result, error)
        except RuntimeError:
            pass  # the loop was closed: nobody waits any longer
        finally:
            # Or the traceback would keep this frame, and the frame the exception.
            del error, result, function

    def wait(self, outcome: Outcome[R]) -> R:
        """Do what is handed over meanwhile, until *outcome* is known."""
        self._awaited.append(outcome)
        if self._is_interrupted:
            self.loop.call_soon_threadsafe(self.interrupt)
        try:
            assert self.queue is not None, "It is made when the job gets ready to wait."
            return self.queue.wait(outcome)
        finally:
            self._awaited.remove(outcome)

    def interrupt(self) -> None:
        """Cancel the next piece of a body that the thread waits for, now or later: call it on the loop."""
        self._is_interrupted = True
        for outcome in self._awaited:
            if outcome.may_be_interrupted:
                outcome.cancel_task(self.loop)

    def cancel_awaited(self) -> None:
        """Cancel the coroutine that the thread waits for now, if it does: call it on the loop."""
        if self._awaited:
            self._awaited[-1].cancel_task(self.loop)

    def hand_over(self, job: Job, *, if_free: bool) -> bool:
        """Give *job* to this one's thread, if that waits; tell whether it does."""
        queue = self.queue
        if queue is None:
            return False
        own = job.kind, job.queue, job.future.begun
        job.kind, job.queue, job.future.begun = "caller", queue, True
        job.host = self
        if queue.put(job, if_free=if_free):
            return True
        job.kind, job.queue, job.future.begun = own
        return False


def _nothing(_: Job) -> t.Any: ...


# The job of the request: its coroutines inherit it, and look there for a thread first.
current_job: contextvars.ContextVar[Job | None] = contextvars.ContextVar("erlen.job", default=None)
