"""The thread pool for plain functions under ASGI, with limits for threads, waiting jobs and their wait.

A request that needs no coroutine runs on one thread from its first hook to its last. A thread that
sends a stream, or waits for a slow body, stays with it, and a new one is started for the pool, so that slow
clients do not use the pool up.

All counting is done on the loop's own thread.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
import typing as t
import weakref
from collections import deque
from queue import Empty, SimpleQueue

from .job import Job, current_job

if t.TYPE_CHECKING:
    from ..config import Config

    class Configured(t.Protocol):
        """An application, as far as threads are concerned."""

        config: Config


R = t.TypeVar("R")


class PoolIsFull(Exception):
    """An error: no thread was free in time, or too many requests are waiting."""


class Pool:
    """The threads that call plain functions for the tasks of one loop.

    *threads* work at once, and *queue* requests wait for one, at most *seconds* long; *streams* more
    threads may be busy sending.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, threads: int, queue: int, seconds: float, streams: int
    ) -> None:
        self.loop = loop
        self.most_threads = threads
        self.most_waiting = queue
        self.seconds = seconds
        self.most_streams = streams
        # How many threads are at work without a stream; how many send streams; how many there are.
        self.busy = self.streaming = self.threads = 0
        self._inbox: SimpleQueue[Job | None] = SimpleQueue()
        self._waiting: deque[Job] = deque()
        self._closed = False

    async def run(
        self,
        function: t.Callable[[Job], R],
        *,
        patient: bool = False,
        when_cancelled: t.Callable[[], None] | None = None,
    ) -> R:
        """Return what *function* returns on a thread; it is given its job.

        Raises PoolIsFull where no thread is free in time; with *patient* it waits as long as that takes.
        *when_cancelled* is called where the task is to be cancelled while the thread is at work.
        """
        job: Job = Job(self, function)
        job.future.when_cancelled = when_cancelled
        job.future.begun = patient  # it is done even if the task is cancelled now
        # Not before the task waits: the thread may want to enter the context that the task is in.
        self.loop.call_soon(self._dispatch, job, current_job.get(), patient)
        try:
            result: R = await job.future
            return result
        except asyncio.CancelledError:
            self._withdraw(job)
            raise

    def run_in(
        self,
        context: contextvars.Context,
        function: t.Callable[[Job], R],
        *,
        patient: bool = False,
        when_cancelled: t.Callable[[], None] | None = None,
    ) -> t.Awaitable[R]:
        """Do what :meth:`run` does, inside *context*."""
        return self.run(
            lambda job: context.run(_carry_out, job, function),
            patient=patient,
            when_cancelled=when_cancelled,
        )

    def reserve_stream(self) -> None:
        """Reserve a stream slot, for a stream that is to come. Raises PoolIsFull where none is left."""
        if self.streaming >= self.most_streams:
            raise PoolIsFull
        self.streaming += 1

    def release_stream(self) -> None:
        """Release a stream slot that was reserved and is not needed."""
        self.streaming -= 1

    def run_stream(
        self,
        context: contextvars.Context,
        function: t.Callable[[Job], R],
        when_cancelled: t.Callable[[], None],
    ) -> t.Awaitable[R]:
        """Do what :meth:`run_in` does on a thread of its own, for whose stream a slot was reserved.

        It runs even if the task is cancelled: what was made for the stream has to be closed.
        """
        job: Job = Job(self, lambda job: context.run(_carry_out, job, function))
        job.kind = "stream"
        job.future.when_cancelled = when_cancelled
        job.future.begun = True
        self.loop.call_soon(self._start, job)
        result: t.Awaitable[R] = job.future
        return result

    def count_as_stream(self, job: Job) -> bool:
        """Count the job's thread as a stream: another may replace it in the pool. Call it on the loop."""
        while job.kind == "caller" and job.waiting_job is not None:
            job = job.waiting_job
        if job.kind != "pool":
            return True
        if self.streaming >= self.most_streams:
            return False
        job.kind = "stream"
        self.streaming += 1
        self._free()
        return True

    def close(self) -> None:
        """Let idle threads end; those at work end when there is no more to do."""
        self._closed = True
        self._end_idle_threads()

    # A pool whose application was collected is collected, too: its threads must not wait for more jobs.
    __del__ = close

    def _end_idle_threads(self) -> None:
        while self.threads > self.busy + self.streaming:
            self.threads -= 1
            self._inbox.put(None)

    def _dispatch(self, job: Job, waiting_job: Job | None, patient: bool) -> None:
        if job.future.done():  # cancelled meanwhile
            return
        free = self.busy < self.most_threads
        if (
            waiting_job is None
            or waiting_job.loop is not self.loop
            or not waiting_job.hand_over(job, if_free=free)
        ):
            self._take_thread(job, patient)

    def _take_thread(self, job: Job, patient: bool) -> None:
        if self.busy < self.most_threads:
            self.busy += 1
            self._start(job)
        elif not patient and len(self._waiting) >= self.most_waiting:
            job.future.set_exception(PoolIsFull())
        else:
            if not patient:
                job.timer = self.loop.call_later(self.seconds, self._give_up, job)
            self._waiting.append(job)

    def _start(self, job: Job) -> None:
        job.future.begun = True
        if self.threads < self.busy + self.streaming and not self._start_thread() and not self.threads:
            # The process ends: what is left to be done there is done on the loop's own thread.
            self.loop.call_soon(job.run)
        else:
            self._inbox.put(job)

    def _start_thread(self) -> bool:
        """Start one more thread; tell whether there may be one: Python 3.12 starts none for atexit."""
        thread = threading.Thread(
            target=_work, args=(self.loop, self._inbox), name=f"erlen-pool-{self.threads + 1}", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            return False
        self.threads += 1
        return True

    def _give_up(self, job: Job) -> None:
        self._withdraw(job)
        if not job.future.done():
            job.future.set_exception(PoolIsFull())

    def _withdraw(self, job: Job) -> None:
        """Remove *job* from the queue."""
        if job in self._waiting:
            self._waiting.remove(job)
        if job.timer is not None:
            job.timer.cancel()

    def done(self, job: Job, result: t.Any, error: BaseException | None) -> None:
        """Tell the task that waits for *job* how it ended, and give its thread to another: on the loop."""
        if job.kind == "pool":
            self._free()
        elif job.kind == "stream":
            self.streaming -= 1
        if self._closed:
            self._end_idle_threads()
        job.future.when_cancelled = None
        if job.future.done():
            return
        if error is None:
            job.future.set_result(result)
        elif isinstance(error, StopIteration):
            job.future.set_exception(RuntimeError("A plain function raised StopIteration"))
        else:
            job.future.set_exception(error)

    def _free(self) -> None:
        """Give the thread, or the permission to start one, to the next job that waits."""
        while self._waiting:
            job = self._waiting.popleft()
            if job.timer is not None:
                job.timer.cancel()
            if not job.future.done():  # its task may have been cancelled just now
                self._start(job)
                return
        self.busy -= 1


def _carry_out(job: Job, function: t.Callable[[Job], R]) -> R:
    token = current_job.set(job)
    try:
        return function(job)
    finally:
        current_job.reset(token)


# Seconds after which an idle thread looks whether its loop is still there.
_IDLE = 10


def _work(loop: asyncio.AbstractEventLoop, inbox: SimpleQueue[Job | None]) -> None:
    pid = os.getpid()
    # A function that forks may return in the child as well, where this is the only thread: nobody gives it
    # more to do, and the child ends with it.
    while os.getpid() == pid:
        try:
            job = inbox.get(timeout=_IDLE)
        except Empty:
            if loop.is_closed():
                return
            continue
        if job is None:
            return
        job.run()
        # Dropped: an idle thread would keep its last request alive.
        del job


_pools: weakref.WeakKeyDictionary[t.Any, dict[asyncio.AbstractEventLoop, Pool]] = weakref.WeakKeyDictionary()


def pool_of(app: Configured) -> Pool:
    """Return the pool of an application on the running loop, with the bounds of its configuration."""
    loop = asyncio.get_running_loop()
    pools = _pools.get(app)
    if pools is None:
        pools = _pools[app] = {}
    pool = pools.get(loop)
    if pool is None:
        for other in [other for other in pools if other.is_closed()]:
            pools.pop(other).close()
        config = app.config
        pool = pools[loop] = Pool(
            loop,
            threads=config["ASGI_THREADS"],
            queue=config["ASGI_QUEUE"],
            seconds=config["ASGI_QUEUE_TIMEOUT"],
            streams=config["ASGI_STREAMS"],
        )
    return pool


def close_pool(app: Configured, loop: asyncio.AbstractEventLoop) -> None:
    """Let the threads of an application on *loop* end."""
    pool = _pools.get(app, {}).pop(loop, None)
    if pool is not None:
        pool.close()
