"""One call of a check on a thread of its own, and those who wait for it until its deadline.

A check that hangs is not called a second time while it hangs, so there is never more than one thread for
each check. Everybody who asks meanwhile is told at once that it is late. Two who ask at the same time share
one call.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
import traceback
import typing as t
from inspect import isawaitable, iscoroutinefunction

from ...concurrency.loops import Portal, portal_to, using_portal

if t.TYPE_CHECKING:
    from ...app import Erlen

Status: t.TypeAlias = t.Literal["ok", "failed", "late"]


class Check(t.NamedTuple):
    """A check as it was registered; *function* is plain or a coroutine function without parameters."""

    name: str
    function: t.Callable[[], t.Any]
    timeout: float


class CheckFailed(Exception):
    """An error: what was checked is not as it has to be."""


class Result(t.NamedTuple):
    """A check's result, for the answer."""

    name: str
    status: Status
    milliseconds: float


class Run:
    """One call of a check, and what to call when it has ended."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.begun = time.monotonic()
        self.error: BaseException | None = None
        # The seconds that it took; None while it is under way.
        self.seconds: float | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._wakes: list[t.Callable[[], None]] = []

    def start(self, app: Erlen, loop: asyncio.AbstractEventLoop | None) -> None:
        """Call the check on a thread; coroutine functions run on *loop*, or on the loop of this process."""
        portal = None if loop is None else portal_to(loop)
        self._thread = thread = threading.Thread(
            target=self._work,
            # gevent's loop has a portal of its own, for its native threads.
            args=(app, portal if type(portal) is Portal else None),
            name=f"erlen-health-{self.check.name}",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError as error:  # no more threads, or the process ends
            self._end(error)

    def _work(self, app: Erlen, portal: Portal | None) -> None:
        try:
            with using_portal(portal):
                call(app, self.check)
        except BaseException as error:  # an exit, too: nobody else would hear of it
            self._end(error)
        else:
            self._end(None)

    def _end(self, error: BaseException | None) -> None:
        with self._lock:
            self.error = error
            self.seconds = time.monotonic() - self.begun
            wakes, self._wakes = self._wakes, []
        for wake in wakes:
            wake()

    def left(self) -> float:
        """Return the seconds until the deadline, 0 after it."""
        return max(self.begun + self.check.timeout - time.monotonic(), 0)

    def wait(self) -> None:
        """Wait on this thread until the check or its deadline has come."""
        event = threading.Event()
        wake = event.set
        self._watch(wake)
        try:
            event.wait(self.left())
        finally:
            self._unwatch(wake)

    async def wait_on_loop(self) -> None:
        """Do what :meth:`wait` does, on the running loop."""
        loop = asyncio.get_running_loop()
        event = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed just now
                loop.call_soon_threadsafe(event.set)

        self._watch(wake)
        waiting = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait({waiting}, timeout=self.left())
        finally:
            waiting.cancel()
            self._unwatch(wake)

    def _watch(self, wake: t.Callable[[], None]) -> None:
        with self._lock:
            if self.seconds is None:
                self._wakes.append(wake)
                return
        wake()

    def _unwatch(self, wake: t.Callable[[], None]) -> None:
        with self._lock:
            if wake in self._wakes:
                self._wakes.remove(wake)

    def stack(self) -> str:
        """Return where its thread is now; empty where that is not known."""
        thread = self._thread
        frame = None if thread is None or thread.ident is None else sys._current_frames().get(thread.ident)
        return "".join(traceback.format_stack(frame)) if frame is not None else ""

    def result(self) -> Result:
        """Return how it went so far: late where it has not ended, or ended behind its deadline."""
        with self._lock:
            seconds, error = self.seconds, self.error
        late = seconds is None or seconds > self.check.timeout
        status: Status = "late" if late else "ok" if error is None else "failed"
        taken = time.monotonic() - self.begun if seconds is None else seconds
        return Result(self.check.name, status, round(taken * 1000, 1))


def call(app: Erlen, check: Check) -> None:
    """Call a check with the application's context; raise what it raises, or CheckFailed for False."""
    function = check.function
    with app.app_context():
        if is_coroutine_function(function):
            result = app.ensure_sync(_with_deadline(check))()
        else:
            result = function()
    if isawaitable(result):
        close = getattr(result, "close", None)
        if close is not None:
            close()
        raise TypeError(f"The plain check {check.name!r} returned a coroutine: write it with 'async def'.")
    if result is False:
        raise CheckFailed(f"The check {check.name!r} returned False.")


def is_coroutine_function(function: t.Any) -> bool:
    """Tell whether *function* is a coroutine function, or an object whose ``__call__`` is one."""
    return iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__)


def _with_deadline(check: Check) -> t.Callable[[], t.Awaitable[t.Any]]:
    """Return a coroutine function that cancels the check's coroutine at the deadline."""

    async def call() -> t.Any:
        return await asyncio.wait_for(check.function(), check.timeout)

    return call


class Runner:
    """What calls one check of an application again and again, and logs when its state changes."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self._run: Run | None = None
        self._logged: Status = "ok"
        self._lock = threading.Lock()

    def begin(self, app: Erlen, loop: asyncio.AbstractEventLoop | None = None) -> Run:
        """Return the call that is under way, or begin one."""
        with self._lock:
            run = self._run
            if run is not None and run.seconds is None:
                return run
            run = self._run = Run(self.check)
        run.start(app, loop)
        return run

    def conclude(self, app: Erlen, run: Run) -> Result:
        """Return the result of *run*; log the reason where it is another one than before.

        SECURITY: the reason may name hosts, users and files, and is for the log alone.
        """
        result = run.result()
        with self._lock:
            before, self._logged = self._logged, result.status
        if result.status == before:
            return result
        if result.status == "ok":
            app.logger.info("The health check %r is ok again.", result.name)
        elif result.status == "late":
            seconds = self.check.timeout
            app.logger.error(
                "The health check %r took more than %s s.\n%s", result.name, seconds, run.stack()
            )
        else:
            app.logger.error("The health check %r failed.", result.name, exc_info=run.error)
        return result
