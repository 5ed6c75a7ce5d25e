"""Postpone the end of a request: a stream that keeps its context is torn down when it is closed.

A stream is made in the view, but whether it is sent is known only at the end: another response may have
replaced it, or the request is a HEAD. So teardown waits only for those streams that are part of the body.
"""

from __future__ import annotations

import sys
import threading
import typing as t
import weakref
from collections import deque
from types import FrameType, FunctionType, ModuleType

from werkzeug.wrappers import Request
from werkzeug.wsgi import ClosingIterator

from ..active import OWN, get_state, set_state
from ..concurrency import runs_loop
from ..wrappers.async_body import SentAsyncBody
from .app_context import AppContext, BringsAppContext, _AppCtxGlobals
from .contract import Application

if t.TYPE_CHECKING:
    from ..active import State
    from .request_context import RequestContext

R = t.TypeVar("R")

# Streams of one request may be closed on two threads at once, or here by the garbage collector.
_counting = threading.RLock()


class StreamContexts:
    """The contexts of a request, for a stream that is read and closed on any thread."""

    def __init__(self, context: RequestContext, app_context: AppContext) -> None:
        self._context = context
        self._app_context = app_context
        # The contexts that are active in the stream, which may push further ones.
        self.state: State = (context, app_context)
        self._is_waited_for = False
        # A weak reference, so that the application can be collected together with the stream.
        self.app = weakref.ref(context.app)

    @property
    def is_waited_for(self) -> bool:
        """Whether teardown waits for the stream."""
        return self._is_waited_for

    def run(self, step: t.Callable[[], R]) -> R:
        """Call *step* with the contexts active as the previous step left them; restore them afterwards."""
        before = get_state()
        set_state(self.state)
        try:
            return step()
        finally:
            self.state = get_state()
            set_state(before)

    def wait(self) -> None:
        """Postpone the teardown until :meth:`release`."""
        with _counting:
            if not self._is_waited_for:
                self._is_waited_for = True
                if self not in self._context.made_streams:
                    self._context.made_streams += (self,)
                self._context.open_streams += 1
                self._app_context.open_streams += 1

    def resume(self) -> None:
        """Prepare for a step: a stream that is read after its request is torn down once more.

        COMPAT: Flask does so after each stream. Here it is done after one that was not part of the response.
        """
        if not self._context.pushes:
            self.wait()

    def release(self, exc: BaseException | None) -> None:
        """Tear down with *exc*, if this is the last stream and the contexts are no longer pushed."""
        context, app_context = self._context, self._app_context
        with _counting:
            if not self._is_waited_for:
                return
            self._is_waited_for = False
            context.made_streams = tuple(each for each in context.made_streams if each is not self)
            context.open_streams -= 1
            is_last = not context.open_streams and not context.pushes
        try:
            if is_last:
                context.tear_down_late(app_context, exc)
        finally:
            with _counting:
                app_context.open_streams -= 1
                is_last = not app_context.open_streams and not app_context.pushes
            if is_last:
                context.end_app_context(app_context, exc)

    def drop(self) -> None:
        """Stop the teardown from waiting for this stream: an exception ends the request."""
        with _counting:
            if self._is_waited_for:
                self._is_waited_for = False
                self._context.open_streams -= 1
                self._app_context.open_streams -= 1


class StreamWithContext:
    """An iterator in which the contexts of its request are active, and nowhere else between two items.

    Any thread may read it, and any may close it.
    """

    def __init__(self, items: t.Iterator[t.Any], contexts: StreamContexts) -> None:
        self._items = items
        self._contexts = contexts
        # Guards the attributes below.
        self._lock = threading.Lock()
        self._has_begun = self._is_running = self._is_closed = False

    def __iter__(self) -> StreamWithContext:
        return self

    def __next__(self) -> t.Any:
        with self._lock:
            if self._is_closed:
                raise StopIteration
            if self._is_running:
                raise ValueError("The stream is being read already, by another thread or by itself.")
            self._has_begun = self._is_running = True
        try:
            self._contexts.resume()
            item = self._contexts.run(self._items.__next__)
        except BaseException as error:
            self._end(None if isinstance(error, StopIteration) else error)
            raise
        with self._lock:
            self._is_running = False
            if not self._is_closed:
                return item
        self._end(GeneratorExit())  # closed meanwhile
        raise StopIteration

    def close(self) -> None:
        """Close the iterator, and tear down; after the item that another thread is waiting for, if any."""
        with self._lock:
            is_due = not (self._is_closed or self._is_running)
            self._is_closed = True
        if is_due:
            # COMPAT: teardown functions get a premature end as exception; an unread stream is no failure.
            self._end(GeneratorExit() if self._has_begun else None)

    def _end(self, error: BaseException | None) -> None:
        self._is_closed = True
        # An iterator of another WSGI application may have a close method.
        close = getattr(self._items, "close", None)
        try:
            if close is not None:
                self._contexts.run(close)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._contexts.release(error)

    def __del__(self) -> None:
        if self._is_closed or sys.is_finalizing():
            return
        app = self._contexts.app()
        if app is None:
            self._contexts.drop()  # the application was collected, too
        elif self._contexts.is_waited_for and runs_loop():
            # Teardown functions may block, or be coroutine functions for which this thread must not wait.
            app.start_background_task(self.close)
            return
        self.close()


class WithStreams(BringsAppContext):
    """The streams that were made in a request context."""

    if not t.TYPE_CHECKING:  # what is set here lies in the context's __dict__
        __slots__ = ()

    # The number of streams that teardown waits for; all streams, until the request is over.
    open_streams = 0
    made_streams: tuple[StreamContexts, ...] = ()

    if t.TYPE_CHECKING:
        pushes: t.Any

    def contexts_for_stream(self) -> StreamContexts:
        """Return the contexts for a stream, which may become the body or part of it."""
        app_context = get_state()[1]
        if app_context is OWN:
            app_context = self.make_app_context()
        context: t.Any = self  # a RequestContext, which inherits this
        contexts = StreamContexts(context, app_context)
        self.made_streams += (contexts,)
        return contexts

    def stream(self, items: t.Iterator[t.Any]) -> StreamWithContext:
        """Return *items* with the contexts of this request."""
        return StreamWithContext(items, self.contexts_for_stream())

    def wait_for_streams_in(self, body: t.Any) -> None:
        """Postpone the teardown until the streams in *body*, which is sent now, are closed."""
        streams = self.made_streams
        if type(body) is SentAsyncBody and streams == (body.contexts,):
            body.contexts.wait()
            return
        for contexts in _streams_in(body, streams):
            contexts.wait()

    def abandon_streams(self) -> None:
        for contexts in self.made_streams:
            contexts.drop()

    def forget_unsent_streams(self) -> None:
        """Drop the streams that are not sent: the request is over."""
        self.made_streams = tuple(each for each in self.made_streams if each.is_waited_for)


def _streams_in(body: t.Any, streams: tuple[StreamContexts, ...]) -> t.Collection[StreamContexts]:
    """Return which of *streams* are in *body*, through any iterators that wrap them.

    Iterators do not say what they iterate over, but their references can be followed. Where these are too
    many, all streams are taken to be in it.
    """
    found: set[StreamContexts] = set()
    seen: set[int] = set()
    objects = deque([body])
    while objects and len(found) < len(streams):
        each = objects.popleft()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if len(seen) > _MOST_OBJECTS:
            return streams
        kind = type(each)  # not isinstance(): a proxy answers that for its object
        if kind is StreamContexts:
            found.update({each}.intersection(streams))
        elif not issubclass(kind, _BESIDE):
            objects.extend(_parts_of(each, kind))
    return found


# The number of objects that are looked at: a body with more references is part of something large.
_MOST_OBJECTS = 10_000
# Types that refer to streams without being made of them.
_BESIDE = (type, ModuleType, str, bytes, int, Application, Request, WithStreams, AppContext, _AppCtxGlobals)


def _parts_of(each: t.Any, kind: type) -> t.Iterable[t.Any]:
    import gc  # needed only for streams that keep contexts

    if issubclass(kind, ClosingIterator):
        return (each._next,)  # what it closes is not always what it sends: HEAD, 304
    if kind is FunctionType:
        return (each.__closure__, each.__defaults__, each.__kwdefaults__)  # and not its module
    if kind is FrameType:  # of a generator, before Python 3.11
        module = (each.f_globals, each.f_builtins)
        return [part for part in gc.get_referents(each) if not any(part is known for known in module)]
    return gc.get_referents(each)
