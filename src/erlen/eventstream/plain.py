"""The bodies of a plain source: run on the server's thread, or on a thread of their own.

Both run the source in a copy of the view's ``contextvars.Context``, with the request's contexts in
it. Nothing is pushed: another thread may push and pop the same contexts meanwhile.
"""

from __future__ import annotations

import logging
import sys
import threading
import typing as t
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from contextvars import copy_context

from ..active import cv_app, cv_request, set_state
from .encoding import HEARTBEAT, Item, encode

R = t.TypeVar("R")
P = t.ParamSpec("P")

_END: t.Any = object()


class Events:
    """A plain source's items, encoded, until it is closed; with the contexts of the view's request."""

    def __init__(self, source: Iterable[Item], opening: bytes | None) -> None:
        self._source = source
        self._iterator: Iterator[Item] | None = None
        self._opening = opening
        self._context = copy_context()
        app_context = cv_app.get(None)
        self.logger = logging.getLogger("erlen") if app_context is None else app_context.app.logger
        self._app = None if app_context is None else weakref.ref(app_context.app)
        context = cv_request.get(None)
        self._held = None if context is None else context.contexts_for_stream()
        if context is not None:
            self._context.run(set_state, (context, app_context))

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function where the request's contexts are active."""
        return self._context.run(function, *args, **kwargs)

    def next(self) -> bytes | None:
        """Return what is sent next; None at the end."""
        if self._opening is not None:
            opening, self._opening = self._opening, None
            return opening
        if self._iterator is None:
            self._iterator = iter(self._source)
        item = next(self._iterator, _END)
        return None if item is _END else encode(item)

    def close_unused(self) -> None:
        """Do what :meth:`close` does, from a finalizer: without contexts whose application was collected."""
        if self._app is not None and self._app() is None:
            self._held = None
        self.run(self.close)

    def close(self) -> None:
        """Close the source, then tear the request down, with the exception that is being handled."""
        held, self._held = self._held, None
        # One object may be both; closing it once is enough.
        closing = {id(each): each for each in (self._source, self._iterator)}.values()
        self._source, self._iterator = (), None
        try:
            with ExitStack() as stack:
                for each in closing:
                    close = getattr(each, "close", None)
                    if close is not None:
                        stack.callback(close)
        finally:
            if held is not None:
                held.release(sys.exc_info()[1])


class OnServerThread:
    """A body that runs its source on the server's thread, without heartbeats."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._lock = threading.Lock()
        self._is_running = False
        self._is_closed = False

    def __iter__(self) -> OnServerThread:
        return self

    def __next__(self) -> bytes:
        with self._lock:
            if self._is_closed:
                raise StopIteration
            self._is_running = True
        chunk = self._events.run(self._advance)
        if chunk is None:
            raise StopIteration
        return chunk

    def _advance(self) -> bytes | None:
        chunk = None
        try:
            chunk = self._events.next()
        finally:
            with self._lock:
                self._is_running = False
                self._is_closed = is_over = self._is_closed or chunk is None
            if is_over:
                self._events.close()
        return None if is_over else chunk

    def close(self) -> None:
        """Close the source now; or, from another thread while it works on an item, after that."""
        with self._lock:
            is_due = not self._is_closed and not self._is_running
            self._is_closed = True
        if is_due:
            self._events.run(self._events.close)

    def __del__(self) -> None:
        # As a generator that nobody has closed is closed by the collector.
        if not self._is_closed:
            self._events.close_unused()


class OnThread:
    """A body that runs its source on a thread of its own, with heartbeats while that is silent.

    The thread starts when the first item is asked for, and works on one only when that is asked for.
    """

    def __init__(self, events: Events, heartbeat: float) -> None:
        self._worker = _Worker(events)
        self._heartbeat = heartbeat

    def __iter__(self) -> OnThread:
        return self

    def __next__(self) -> bytes:
        chunk = self._worker.next(self._heartbeat)
        if chunk is None:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Close the source, on its thread, and wait for that, unless the source works on an item.

        Nothing can interrupt it then: it is closed, and the thread ends, when it gives that item.
        """
        self._worker.close()

    def __del__(self) -> None:
        # The garbage collector may run on any thread, so this one waits for nothing.
        self._worker.close_unused()


class _Worker:
    """A source on its thread. The thread refers to this, not to the body, which can so be collected."""

    def __init__(self, events: Events) -> None:
        self._events = events
        # Guards the attributes below, and notifies of changes.
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_wanted = False  # somebody waits for an item
        self._is_busy = False  # the source works on it
        self._chunk: bytes | None = None  # it is there
        self._is_closed = False
        self._has_ended = False
        self._error: BaseException | None = None

    # the side that sends

    def next(self, patience: float) -> bytes | None:
        """Return what is sent next: an item, or a heartbeat after *patience* seconds; None at the end.

        Raises what the source raised.
        """
        with self._changed:
            if self._thread is None and not self._is_closed:
                # A daemon thread: a source that blocks for ever must not keep the process alive.
                self._thread = threading.Thread(
                    target=self._events.run, args=(self._run,), name="erlen-events", daemon=True
                )
                self._thread.start()
            self._is_wanted = True
            self._changed.notify_all()
            if not self._changed.wait_for(self._is_answered, patience):
                return HEARTBEAT
            chunk, self._chunk = self._chunk, None
            error, self._error = self._error, None
        if chunk is None:
            self._join()
        if error is not None:
            raise error
        return chunk

    def _is_answered(self) -> bool:
        return self._chunk is not None or self._has_ended or self._is_closed

    def close(self) -> None:
        """Close the source, and wait until that is done, where it is not working on an item."""
        with self._changed:
            was_closed, self._is_closed = self._is_closed, True
            self._changed.notify_all()
            # The source itself may drop the last reference to the response, on its thread.
            if self._thread not in (None, threading.current_thread()):
                self._changed.wait_for(lambda: self._has_ended or self._is_busy)
        if self._thread is None and not was_closed:
            self._events.run(self._events.close)
        self._join()

    def close_unused(self) -> None:
        """Close the source without waiting for it."""
        with self._changed:
            was_closed, self._is_closed = self._is_closed, True
            self._changed.notify_all()
        if self._thread is None and not was_closed:
            self._events.close_unused()

    def _join(self) -> None:
        """Wait for the thread if the source has ended."""
        thread = self._thread
        if self._has_ended and thread is not None and thread is not threading.current_thread():
            thread.join()

    # the thread

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            try:
                while self._begin() and (chunk := self._events.next()) is not None:
                    self._give(chunk)
            finally:
                self._events.close()
        except BaseException as raised:
            error = raised
        with self._changed:
            self._is_busy = False
            self._has_ended = True
            self._error = None if self._is_closed else error
            self._changed.notify_all()
        if error is not None and self._is_closed:
            self._events.logger.error("The source of a closed event stream failed.", exc_info=error)

    def _begin(self) -> bool:
        """Wait until an item is wanted; return False where the stream was closed instead."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or (self._is_wanted and self._chunk is None))
            self._is_busy = not self._is_closed
            return self._is_busy

    def _give(self, chunk: bytes) -> None:
        with self._changed:
            self._is_wanted = self._is_busy = False
            self._chunk = None if self._is_closed else chunk
            self._changed.notify_all()
