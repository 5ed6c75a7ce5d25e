"""Where coroutines run when a plain function waits for them.

Under WSGI that is one event loop per process, in a thread of its own: connection pools and clients
that belong to a loop survive from one request to the next. A thread that works for an ASGI server
has a place of its own: coroutines run on the server's loop. Under gevent there are no threads to be had
from ``threading``: ``gevent_loop`` is the place there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import typing as t
from concurrent.futures import Future

R = t.TypeVar("R")


class Outcome(Future[R]):
    """Be what a thread waits for; know the task that works on it."""

    task: asyncio.Task[None] | None = None


class Place:
    """Be a loop, and the way in which a thread waits for what runs there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def wait(self, outcome: Outcome[R]) -> R:
        """Return what *outcome* becomes, or raise it."""
        return outcome.result()

    def prepare(self) -> None:
        """Get ready for a coroutine: called on the waiting thread before each one."""


class ProcessLoop(Place):
    """Run an event loop in a daemon thread, for as long as the process lives."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(loop or asyncio.new_event_loop())
        self.pid = os.getpid()
        self.start()

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self.run, name="erlen-loop", daemon=True).start()

    def run(self) -> None:
        """Run the loop: on its thread."""
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


_process_loop: ProcessLoop | None = None
_starting = threading.Lock()


def process_loop() -> Place:
    """Return this process' loop; a forked child has none of its parent's threads and starts its own.

    Raises RuntimeError under eventlet.
    """
    global _process_loop
    known = _process_loop
    if known is not None and known.pid == os.getpid():
        return known
    with _starting:
        if _process_loop is None or _process_loop.pid != os.getpid():
            _process_loop = _make_process_loop()
        return _process_loop


def is_process_loop(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether *loop* is this process' own."""
    known = _process_loop
    return known is not None and known.loop is loop


def _make_process_loop() -> ProcessLoop:
    # Modules that nobody has imported have replaced nothing.
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


class _Here(threading.local):
    place: Place | None = None


_here = _Here()


def place_of_thread() -> Place | None:
    """Return the place that this thread was given; None for a thread that works for no ASGI server."""
    return _here.place


def place_on(loop: asyncio.AbstractEventLoop) -> Place:
    """Return the place for a thread that waits for coroutines on *loop*."""
    known = _process_loop
    return known if known is not None and known.loop is loop else Place(loop)


def loop_of_here() -> asyncio.AbstractEventLoop:
    """Return the loop that coroutines of this thread run on: its own, its server's, or the process'."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return (_here.place or process_loop()).loop


@contextlib.contextmanager
def working_at(place: Place | None) -> t.Iterator[None]:
    """Let coroutines that this thread waits for run at *place*."""
    before = _here.place
    _here.place = place
    try:
        yield
    finally:
        _here.place = before
