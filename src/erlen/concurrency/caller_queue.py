"""The queue of jobs that coroutines give to the thread that waits for them."""

from __future__ import annotations

import asyncio
import threading
import typing as t
from functools import partial
from queue import SimpleQueue

if t.TYPE_CHECKING:
    from .loops import Outcome

R = t.TypeVar("R")


class Runnable(t.Protocol):
    """A job for a thread, which reports its errors itself."""

    def run(self) -> None: ...


class CallerQueue:
    """A queue of jobs, which a thread runs while it waits for a coroutine."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Runnable | None] = SimpleQueue()
        # The depth of the thread's nested waits; the number of jobs that are not done yet.
        self._waits = self._unfinished = 0
        self._lock = threading.Lock()

    def open(self) -> None:
        """Accept jobs from now on: a coroutine may be faster than the thread that will wait for it."""
        with self._lock:
            self._waits += 1

    def put(self, job: Runnable, *, if_free: bool = False) -> bool:
        """Queue *job* if the thread is waiting; tell whether it is.

        Jobs that run there at the same time are nested in one stack. So with *if_free*, a thread that has
        one already gets no other.
        """
        with self._lock:
            if not self._waits or (if_free and self._unfinished):
                return False
            self._unfinished += 1
            self._jobs.put(job)
            return True

    def wait(self, outcome: Outcome[R]) -> R:
        """Run the jobs until *outcome* is known, and return or raise it. The queue has to be open."""
        outcome.add_done_callback(lambda _: self._jobs.put(None))
        left: list[Runnable | None] = []
        try:
            while not outcome.done():
                self._run(self._jobs.get())
        finally:
            with self._lock:
                self._waits -= 1
                if not self._waits:
                    left = [self._jobs.get() for _ in range(self._jobs.qsize())]
        for job in left:
            self._run(job)
        return outcome.result()

    def _run(self, job: Runnable | None) -> None:
        if job is not None:
            try:
                job.run()
            finally:
                with self._lock:
                    self._unfinished -= 1


class CallerJob(t.Generic[R]):
    """A call that a coroutine wants made on the thread that waits for it."""

    def __init__(self, function: t.Callable[..., R], *args: t.Any) -> None:
        self._call: t.Callable[[], R] = partial(function, *args)
        self._loop = asyncio.get_running_loop()
        self.result: asyncio.Future[R] = self._loop.create_future()

    def run(self) -> None:
        """Make the call; what it raises is the result, and an exit or an interruption goes on as well."""
        result: t.Any = None
        error: BaseException | None = None
        try:
            result = self._call()
        except Exception as raised:
            error = raised
        except BaseException as raised:
            error = RuntimeError(f"The thread of the request was stopped by {raised!r}.")
            raise
        finally:
            self._loop.call_soon_threadsafe(self._settle, result, error)

    def refuse(self, reason: str) -> None:
        """Let who waits for the call hear that it is not made."""
        self._loop.call_soon_threadsafe(self._settle, None, RuntimeError(reason))

    def _settle(self, result: t.Any, error: BaseException | None) -> None:
        if self.result.done():  # cancelled meanwhile
            return
        if error is None:
            self.result.set_result(result)
        else:
            self.result.set_exception(error)
