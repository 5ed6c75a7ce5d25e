"""The loop of a process under gevent: it runs in a native thread, and greenlets wait for it.

gevent replaces threads, locks, selectors and sockets by its own. A loop in such a "thread" would
run on the thread of the requests, and ``asyncio.get_running_loop()`` would return it in each of them. So
this module uses the originals, which gevent keeps.

Some libraries start threads inside of coroutines (aiosqlite, ``anyio.to_thread``). Those are greenlets
of the loop's thread, and run while the loop waits.

Only imported where gevent has patched something.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import typing as t
from asyncio.events import _get_running_loop, _set_running_loop
from contextlib import suppress

from gevent import Timeout, get_hub, sleep, spawn
from gevent.event import Event
from gevent.monkey import get_original
from gevent.socket import wait_read

from .caller_queue import CallerQueue, Runnable
from .from_thread import run_on_loop
from .loops import Outcome, ProcessLoop

if t.TYPE_CHECKING:
    from _thread import allocate_lock, start_new_thread
    from concurrent.futures import Executor
    from queue import SimpleQueue
    from selectors import EpollSelector as SystemSelector
else:
    allocate_lock, start_new_thread = get_original("_thread", ["allocate_lock", "start_new_thread"])
    SimpleQueue = get_original("queue", "SimpleQueue")
    SystemSelector = get_original("selectors", "DefaultSelector")

R = t.TypeVar("R")

_EXIT_SECONDS = 5


class GeventLoop(ProcessLoop):
    """An event loop in a native thread, for which greenlets wait."""

    loop: _Loop

    def __init__(self) -> None:
        # What wakes the greenlets that wait.
        self._events: set[_GreenletEvent] = set()
        super().__init__(_Loop())
        atexit.register(self._prepare_exit)

    def start(self) -> None:
        # It must not wait, as Thread.start() does: whoever calls it holds a lock.
        start_new_thread(self.run, ())

    def run(self) -> None:
        threading.current_thread().name = "erlen-loop"
        super().run()

    def make_queue(self) -> _GreenletQueue:
        return _GreenletQueue(self)

    def wait(self, outcome: Outcome[R]) -> R:
        """Let other greenlets run until *outcome* is known."""
        event = _GreenletEvent()
        self._events.add(event)
        try:
            # Added on the loop's thread, so that two threads never wait for the outcome's lock at once.
            self.loop.call_soon_threadsafe(outcome.add_done_callback, event.set)
            if not self.has_ended:
                event.wait()
        finally:
            self._events.discard(event)
        return outcome.result()

    def _end(self) -> None:
        super()._end()
        for event in tuple(self._events):
            event.set(None)

    def _prepare_exit(self) -> None:
        # At exit Python stops daemon threads wherever they are; one inside greenlet's C++ code would crash.
        if os.getpid() == self.pid:
            with suppress(Timeout), Timeout(_EXIT_SECONDS):
                run_on_loop(self.loop.leave_greenlets)()


class _GreenletQueue(CallerQueue):
    """The jobs for the thread of a request: each in a greenlet of its own, while the request's waits."""

    def __init__(self, loop: GeventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._hub = get_hub()

    def open(self) -> None:
        self._waits += 1

    def put(self, job: Runnable, *, if_free: bool = False) -> bool:
        if not self._waits:
            return False
        self._hub.loop.run_callback_threadsafe(spawn, job.run)
        return True

    def wait(self, outcome: Outcome[R]) -> R:
        try:
            return self._loop.wait(outcome)
        finally:
            self._waits -= 1


class _GreenletEvent:
    """An event that any thread sets and a greenlet waits for."""

    def __init__(self) -> None:
        self._event = Event()
        self._watcher = get_hub().loop.async_()
        self._watcher.start(self._event.set)
        self._lock = allocate_lock()
        self._is_gone = False

    def wait(self) -> None:
        """Wait until it has been set. Raises what is thrown into the greenlet meanwhile."""
        try:
            self._event.wait()
        finally:
            with self._lock:
                self._is_gone = True
                self._watcher.close()

    def set(self, _: object) -> None:
        with self._lock:
            if not self._is_gone:
                self._watcher.send()


class _Selector(SystemSelector):
    """A native selector that lets the greenlets of its thread run while it waits."""

    runs_greenlets = True

    def select(self, timeout: float | None = None) -> list[t.Any]:
        if not self.runs_greenlets:
            return super().select(timeout)
        # A greenlet is not part of the loop, so it may wait for a coroutine.
        loop = _get_running_loop()
        _set_running_loop(None)
        try:
            if timeout is not None and timeout <= 0:
                sleep(0)
            else:
                with suppress(TimeoutError):
                    wait_read(self.fileno(), timeout)
        finally:
            _set_running_loop(loop)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop with a native selector, whose executor has native threads."""

    def __init__(self) -> None:
        self._waits_by = _Selector()
        super().__init__(self._waits_by)
        self._threads = _Threads(self)

    async def leave_greenlets(self) -> None:
        """Stop running greenlets, and wait until the executor's threads are idle."""
        self._waits_by.runs_greenlets = False
        await self._threads.rest.wait()

    def run_in_executor(  # type: ignore[override]  # a TypeVarTuple is more than Python 3.10 has
        self, executor: Executor | None, func: t.Callable[..., R], *args: t.Any
    ) -> asyncio.Future[R]:
        if executor is None:
            return self._threads.run(func, args)
        return super().run_in_executor(executor, func, *args)


class _Threads:
    """An executor with native threads, as many as asyncio's own would have.

    All counting is done on the loop's thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._most = min(32, (os.cpu_count() or 1) + 4)
        self._threads = self._calls = 0
        # Set while there is nothing to do.
        self.rest = asyncio.Event()
        self.rest.set()
        self._inbox: SimpleQueue[tuple[asyncio.Future[t.Any], t.Callable[..., t.Any], tuple[t.Any, ...]]]
        self._inbox = SimpleQueue()

    def run(self, function: t.Callable[..., R], args: tuple[t.Any, ...]) -> asyncio.Future[R]:
        """Return a future for the call. It can be cancelled until the call begins."""
        future: asyncio.Future[R] = self._loop.create_future()
        self._calls += 1
        self.rest.clear()
        self._inbox.put((future, function, args))
        if self._threads < min(self._calls, self._most):
            self._threads += 1
            start_new_thread(self._work, ())
        return future

    def _work(self) -> None:
        while True:
            self._call(*self._inbox.get())

    def _call(self, future: asyncio.Future[R], function: t.Callable[..., R], args: tuple[t.Any, ...]) -> None:
        result: t.Any = None
        error: BaseException | None = None
        try:
            if not future.cancelled():
                result = function(*args)
        except BaseException as raised:
            error = raised
        self._loop.call_soon_threadsafe(self._done, future, result, error)

    def _done(self, future: asyncio.Future[R], result: R, error: BaseException | None) -> None:
        self._calls -= 1
        if not self._calls:
            self.rest.set()
        if future.cancelled():
            return
        if isinstance(error, StopIteration):
            error = RuntimeError(f"A plain function raised {error!r}")
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
