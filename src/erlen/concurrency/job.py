"""A job for a thread of a pool, and how its thread waits for coroutines meanwhile.

**Why the pool cannot deadlock.** A thread may wait for a coroutine, that coroutine may need a thread, and
so on. If each of these took another thread, a full pool would wait for itself. So a waiting thread has a
queue (``caller_queue``): jobs from coroutines of its request run on the thread that waits for them. Where
there are several at once, the others take threads of the pool, as long as there are any: a job that waits
for another one must not be above it on the same stack.
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

    Once the thread has begun, the future is not cancelled: a thread cannot be stopped, and it is inside the
    context that the task needs to continue. The task is cancelled when the thread is done.
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

    # How the job is counted: it has a thread of the pool; or one of its own, since it sends a stream; or it
    # runs on a waiting thread, and is not counted.
    kind: t.Literal["pool", "stream", "caller"] = "pool"

    def __init__(self, pool: Pool, function: t.Callable[[Job], t.Any]) -> None:
        self.loop, self.pid = pool.loop, os.getpid()
        self.pool = pool
        self.function = function
        self.future: ThreadFuture[t.Any] = ThreadFuture(loop=pool.loop)
        # The timer that gives the job up when it has waited too long for a thread.
        self.timer: asyncio.TimerHandle | None = None
        # What to call before a coroutine runs for the job.
        self.before_coroutine: t.Callable[[], None] | None = None
        # The queue of its thread, from when that waits. A job that a waiting thread runs has that thread's.
        self.queue: CallerQueue | None = None
        self.waiting_job: Job | None = None
        # The outcomes that it waits for, the innermost last; whether the client no longer wants the body.
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
        """Call the function, and give the result to the task that waits for it."""
        result: t.Any = None
        error: BaseException | None = None
        # Dropped: this job would keep alive the context that the function enters, which refers to this job.
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
            # Dropped: the traceback keeps this frame, and this frame would keep the exception.
            del error, result, function

    def wait(self, outcome: Outcome[R]) -> R:
        """Run the jobs that arrive until *outcome* is known; return or raise it."""
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
        """Queue *job* for this job's thread if that is waiting; tell whether it is."""
        queue = self.queue
        if queue is None:
            return False
        own = job.kind, job.queue, job.future.begun
        job.kind, job.queue, job.future.begun = "caller", queue, True
        job.waiting_job = self
        if queue.put(job, if_free=if_free):
            return True
        job.kind, job.queue, job.future.begun = own
        return False


def _nothing(_: Job) -> t.Any: ...


# The job of the request. Its coroutines inherit it, and try its thread first.
current_job: contextvars.ContextVar[Job | None] = contextvars.ContextVar("erlen.job", default=None)
