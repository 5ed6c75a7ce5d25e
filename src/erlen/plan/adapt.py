"""Give a function the other colour.

Under WSGI a coroutine function runs on one event loop per process, which lives in a thread of its
own: connection pools and clients that belong to a loop survive from one request to the next. The
caller waits. Both sides share context variables: the coroutine starts with the caller's, and what
it sets is set for the caller afterwards.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import sys
import threading
import typing as t
from concurrent.futures import Future
from functools import wraps

P = t.ParamSpec("P")
R = t.TypeVar("R")

_MISSING = object()


class _ProcessLoop:
    """Run an event loop in a daemon thread, for as long as the process lives."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, name="erlen-loop", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


_process_loop: _ProcessLoop | None = None
_starting = threading.Lock()


def _running_loop() -> _ProcessLoop:
    """Return this process' loop; a forked child has none of its parent's threads and starts its own."""
    global _process_loop
    known = _process_loop
    if known is not None and known.pid == os.getpid():
        return known
    with _starting:
        if _process_loop is None or _process_loop.pid != os.getpid():
            _process_loop = _ProcessLoop()
        return _process_loop


def _renew_lock() -> None:
    # The parent may have held the lock at the moment of the fork.
    global _starting
    _starting = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class _Outcome(Future[R]):
    """Be what a thread waits for; know the task that works on it."""

    task: asyncio.Task[None] | None = None


def run_on_loop(func: t.Callable[P, t.Coroutine[t.Any, t.Any, R]]) -> t.Callable[P, R]:
    """Wrap a coroutine function into a plain one that waits for its result on the process' loop.

    The wrapper raises RuntimeError where it is called on a thread that runs a loop: it would wait
    for itself.
    """

    @wraps(func)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        _refuse_on_a_loop(func)
        running = _running_loop()
        outcome: _Outcome[R] = _Outcome()
        after: list[contextvars.Context] = []

        handled = sys.exc_info()[1]

        async def body() -> R:
            try:
                if handled is None:
                    return await func(*args, **kwargs)
                # An error handler that is a coroutine function handles what its caller does:
                # sys.exc_info() and a bare raise mean the same exception.
                traceback = handled.__traceback__
                try:
                    raise handled
                except BaseException:
                    handled.__traceback__ = traceback
                    return await func(*args, **kwargs)
            finally:
                after.append(contextvars.copy_context())

        before = contextvars.copy_context()
        running.loop.call_soon_threadsafe(_start, body, outcome, running.loop, context=before)
        try:
            return _wait(outcome)
        finally:
            for context in after:
                _take_over(context)

    return call


def _start(
    body: t.Callable[[], t.Coroutine[t.Any, t.Any, R]], outcome: _Outcome[R], loop: asyncio.AbstractEventLoop
) -> None:
    async def report() -> None:
        # Told here and not by a callback: an exit would end the loop, and callbacks with it.
        try:
            result = await body()
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    outcome.task = loop.create_task(report())


def _wait(outcome: _Outcome[R]) -> R:
    try:
        return outcome.result()
    except BaseException:
        # KeyboardInterrupt or a server's time-out: nobody waits for the task any longer.
        if not outcome.done() and outcome.task is not None:
            outcome.task.get_loop().call_soon_threadsafe(outcome.task.cancel)
        raise


def _take_over(context: contextvars.Context) -> None:
    """Set the variables that a coroutine set."""
    for variable, value in context.items():
        if variable.get(_MISSING) is not value:
            variable.set(value)


def _refuse_on_a_loop(func: t.Callable[..., t.Any]) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    name = getattr(func, "__qualname__", repr(func))
    raise RuntimeError(
        f"'{name}' is a coroutine function and was to be waited for on the thread that runs the event loop,"
        " which would wait for itself. Await it there, or call it from a plain function in another thread"
        " (asyncio.to_thread)."
    )
