"""The loops on which coroutines run while a plain function waits for them.

Under WSGI that is one event loop per process, in a thread of its own: connection pools and clients
that belong to a loop survive from one request to the next. A thread that works for an ASGI server
has a portal of its own: coroutines run on the server's loop. Under gevent ``threading`` makes no native
threads: ``gevent_loop`` has the portal there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import typing as t
from concurrent.futures import Future, InvalidStateError

from ..active import cv_request
from ..servers import INTERPRETER_ADVICE
from .caller_queue import CallerQueue

R = t.TypeVar("R")


class Outcome(Future[R]):
    """A future that a thread waits for, and the task that works on it."""

    task: asyncio.Task[None] | None = None
    # Whether the result is a piece of a body, which nobody needs when the client has gone.
    may_be_interrupted = False

    def cancel_task(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel the task that works on it: call this on its loop."""
        task = self.task
        if task is None:
            if not self.done():
                loop.call_soon(self.cancel_task, loop)  # the task is about to be made
            return
        # A task that was cancelled before it began does not report its end.
        task.add_done_callback(self._end)
        task.cancel()

    def _end(self, task: asyncio.Task[None]) -> None:
        if not self.done():
            self.set_exception(asyncio.CancelledError())


class Waiter(t.Protocol):
    """An object by which a thread waits for what runs on a loop."""

    def wait(self, outcome: Outcome[R]) -> R:
        """Wait for *outcome*; return its result or raise its exception."""
        ...


class Portal:
    """A loop, and the way for a thread to wait for what runs on it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.pid = os.getpid()

    def prepare(self) -> Waiter:
        """Prepare for a coroutine, on the thread that will wait for it; return what that thread waits by."""
        return self

    def wait(self, outcome: Outcome[R]) -> R:
        """Wait for *outcome*; return its result or raise its exception."""
        return outcome.result()

    def watch(self, outcome: Outcome[t.Any]) -> None:
        """Make *outcome* fail if the loop ends before it is known."""


_ENDED = (
    "The event loop of this process has ended, and this coroutine with it. Its thread has said why. Where it"
    f" could not start: {INTERPRETER_ADVICE}"
)


class ProcessLoop(Portal):
    """An event loop in a daemon thread, for as long as the process lives."""

    # Whether the loop has ended.
    has_ended = False

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(loop or asyncio.new_event_loop())
        self._awaited: set[Outcome[t.Any]] = set()
        self.start()

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self.run, name="erlen-loop", daemon=True).start()

    def run(self) -> None:
        """Run the loop; called on its thread."""
        asyncio.set_event_loop(self.loop)
        try:
            while not self.loop.is_closed():
                # A task that exits ends run_forever(), and so does stop(): others wait for theirs.
                with contextlib.suppress(SystemExit, KeyboardInterrupt):
                    self.loop.run_forever()
        finally:
            self._end()

    def _end(self) -> None:
        self.has_ended = True
        for outcome in tuple(self._awaited):
            self._fail(outcome)

    def _fail(self, outcome: Outcome[t.Any]) -> None:
        with contextlib.suppress(InvalidStateError):
            outcome.set_exception(RuntimeError(_ENDED))

    def prepare(self) -> Waiter:
        """Prepare the body of the request, which only the request's own thread may read."""
        context = cv_request.get(None)
        return self if context is None else context.prepare_body(self) or self

    def make_queue(self) -> CallerQueue:
        """Make the queue of a thread that waits for a coroutine."""
        return CallerQueue()

    def watch(self, outcome: Outcome[t.Any]) -> None:
        self._awaited.add(outcome)
        outcome.add_done_callback(self._awaited.discard)
        if self.has_ended:
            self._fail(outcome)


_process_loop: ProcessLoop | None = None
_starting = threading.Lock()


def process_loop() -> ProcessLoop:
    """Return the loop of this process; a forked child has none of its parent's threads and starts its own.

    Raises RuntimeError under eventlet.
    """
    global _process_loop
    known = _process_loop
    if known is not None and known.pid == os.getpid() and not known.has_ended:
        return known
    with _starting:
        known = _process_loop
        if known is None or known.pid != os.getpid() or known.has_ended:
            known = _process_loop = _make_process_loop()
        return known


def is_process_loop(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether *loop* is the loop of this process."""
    known = _process_loop
    return known is not None and known.loop is loop


def _make_process_loop() -> ProcessLoop:
    # A module that has not been imported has patched nothing.
    eventlet, gevent = sys.modules.get("eventlet.patcher"), sys.modules.get("gevent.monkey")
    if eventlet is not None and any(map(eventlet.is_monkey_patched, ("thread", "select", "socket"))):
        raise RuntimeError(
            "Coroutine functions do not run under eventlet, which has replaced the threads and sockets that"
            " an event loop needs. Serve the application by gunicorn's worker class 'gthread' or 'gevent', or"
            " by an ASGI server."
        )
    if gevent is not None and any(map(gevent.is_module_patched, ("threading", "select", "socket"))):
        from .gevent_loop import GeventLoop

        return GeventLoop()
    return ProcessLoop()


def _renew_lock() -> None:
    # The parent may have held the lock at the moment of the fork.
    global _starting
    _starting = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class _ThreadPortal(threading.local):
    portal: Portal | None = None


_thread = _ThreadPortal()


def portal_of_thread() -> Portal | None:
    """Return the portal that this thread was given; None for a thread that works for no ASGI server.

    A forked child has none: the server's loop runs in its parent.
    """
    portal = _thread.portal
    return portal if portal is None or portal.pid == os.getpid() else None


def portal_to(loop: asyncio.AbstractEventLoop) -> Portal:
    """Return the portal by which a thread waits for coroutines on *loop*."""
    known = _process_loop
    return known if known is not None and known.loop is loop else Portal(loop)


def loop_of_thread() -> asyncio.AbstractEventLoop:
    """Return the loop for coroutines of this thread: its own, its server's, or that of the process."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return (portal_of_thread() or process_loop()).loop


@contextlib.contextmanager
def using_portal(portal: Portal | None) -> t.Iterator[None]:
    """Run the coroutines that this thread waits for through *portal*, inside the ``with`` block."""
    before = _thread.portal
    _thread.portal = portal
    try:
        yield
    finally:
        _thread.portal = before
