"""The start and the end of serving, once for each worker and application.

An ASGI server says when: its lifespan. Without one, as under WSGI or where it is turned off, serving
starts with the first request, and the other requests wait. It ends with the server's loop, if that cancels
its tasks at the end, as ``asyncio.run`` does; else when the process ends.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import os
import threading
import typing as t
import weakref
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TimeoutOfFuture
from inspect import iscoroutinefunction

from ..active import NOTHING, get_state, set_state
from ..concurrency.from_thread import run_on_loop
from ..concurrency.job import current_job
from ..concurrency.loops import is_process_loop
from ..concurrency.one_context import RunInContext
from ..concurrency.to_thread import ToThread
from ..servers import at_exit
from .background import BackgroundTasks
from .loop_app_context import active

if t.TYPE_CHECKING:
    from .contract import Application


class _Caller(ToThread):
    """A way to call the functions for the start and the end of serving; plain ones run on a thread."""

    # Waits for a thread as long as it takes, even if requests use them all.
    is_ending = True

    def __init__(self, app: Application, variables: contextvars.Context) -> None:
        self.app: Application = app
        self.variables = variables
        # The thread of the request that waits for the start, if one does: it runs the plain functions itself.
        self._waiting_job = current_job.get()

    async def call(self, function: t.Callable[[], t.Any]) -> None:
        if iscoroutinefunction(function):
            await function()
        else:
            token = current_job.set(self._waiting_job)
            try:
                await self.on_thread(function)
            finally:
                current_job.reset(token)


class Serving:
    """The start and the end of an application in this process."""

    def __init__(self) -> None:
        self._reset()
        _all.add(self)

    def _reset(self) -> None:
        """Begin anew, also in a forked child, where nobody goes on with what the parent has begun."""
        self.background = BackgroundTasks()
        # The id of the process in which it has been started.
        self._pid: int | None = None
        self._variables = contextvars.Context()
        self._generators: list[t.AsyncGenerator[None, None]] = []
        # Whether the start succeeded, for those who wait; cancelled where the task that starts is cancelled.
        self._starting: Future[bool] | None = None
        self._lock = threading.Lock()
        # The loop on which it has been started.
        self._loop: weakref.ref[asyncio.AbstractEventLoop] | None = None
        # The loops whose end is watched; whether the exit of the process is.
        self._ends_with: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()
        self._ends_at_exit = False

    def has_started(self) -> bool:
        """Tell whether the application has been started in this process."""
        return self._pid == os.getpid()

    # on the loop

    async def start(self, app: Application) -> None:
        """Run the functions for the start of serving, once; other callers wait meanwhile.

        Raises what a function raises, and then it has not been started.
        """
        while (waits_for := self._claim()) is not None:
            if await asyncio.wrap_future(waits_for):
                return
        with self._settling(app):
            await RunInContext(self._variables, self._start(app, _Caller(app, self._variables)))

    async def _start(self, app: Application, caller: _Caller) -> None:
        self._generators = []
        async with active(app, caller.call):
            try:
                for function in app.before_serving_funcs:
                    await caller.call(function)
                for make in app.while_serving_gens:
                    generator = make()
                    self._generators.append(generator)
                    await _begin(generator)
            except BaseException:
                await self._give_up(app)
                raise

    async def _give_up(self, app: Application) -> None:
        """Close the generators that have begun: they will not be resumed."""
        generators, self._generators = self._generators, []
        for generator in reversed(generators):
            try:
                await generator.aclose()
            except Exception:
                app.logger.exception("A 'while_serving' generator failed when it was closed.")

    async def stop(self, app: Application) -> None:
        """Wait for background tasks, then run the functions for the end of serving.

        All of them run; then the first exception is raised.
        """
        self._ends_with.discard(asyncio.get_running_loop())
        await self.background.drain(app)
        if self._pid == os.getpid():
            self._pid = None
            app.request_planner.stale("serving")  # who serves on starts it anew
            await RunInContext(self._variables, self._stop(app, _Caller(app, self._variables)))

    async def _stop(self, app: Application, caller: _Caller) -> None:
        errors: list[BaseException] = []
        generators, self._generators = self._generators, []
        async with active(app, caller.call):
            for function in app.after_serving_funcs:
                await _collect(errors, caller.call(function))
            for generator in reversed(generators):
                await _collect(errors, _finish(generator))
        if errors:
            raise errors[0]

    async def start_by_request(self, app: Application) -> None:
        """Do what :meth:`start` does where the server has no lifespan, and arrange for the end."""
        await self.start(app)
        self.stop_at_end(app, asyncio.get_running_loop())

    def start_from_thread(self, app: Application) -> None:
        """Do what :meth:`start_by_request` does, from a thread."""

        async def start() -> None:
            await self.start_by_request(app)

        # Outside of the request, whose body would be received first while all others wait.
        before = get_state()
        set_state(NOTHING)
        try:
            run_on_loop(start)()
        finally:
            set_state(before)

    # the end, where the server has no lifespan

    def leave_end_to_server(self) -> None:
        """Note that the server says when the loop that runs here ends."""
        self._ends_with.add(asyncio.get_running_loop())

    def stop_at_end(self, app: Application, loop: asyncio.AbstractEventLoop) -> None:
        """Stop *app* when *loop* or the process ends, if the application still exists then.

        Any thread may call this.
        """
        with self._lock:
            if loop in self._ends_with:
                return
            self._ends_with.add(loop)
        if not is_process_loop(loop):
            self.background.survive(loop)
            # In a context of its own, or it would keep that of the request.
            context = contextvars.Context()
            loop.call_soon_threadsafe(_wait_for_end, weakref.ref(app), loop, context=context)
        if not self._ends_at_exit:
            self._ends_at_exit = True
            _at_exit(app)

    def loops_to_stop_on(self) -> list[asyncio.AbstractEventLoop]:
        """Return the loops on which *stop* has work to do at exit, with the loop of the start last."""
        loops = [loop for loop in self._ends_with if not loop.is_closed()]
        started_on = None if self._loop is None else self._loop()
        loops.sort(key=lambda loop: loop is started_on)
        return loops

    def stop_from_thread(self, app: Application, seconds: float | None = None) -> None:
        """Stop *app* wherever that is left to the end of the process, and log what fails.

        It takes *seconds* at most, 30 by default.
        """
        seconds = _EXIT_SECONDS if seconds is None else seconds
        for loop in self.loops_to_stop_on():
            _stop_on(loop, app, seconds)
        if self.has_started():  # its loop was closed without cancelling its tasks
            asyncio.run(_stop_and_log(app))

    # once

    def _claim(self) -> Future[bool] | None:
        """Return None to the caller that has to start it, and to others the future that they wait for."""
        with self._lock:
            if self._pid == os.getpid():
                done: Future[bool] = Future()
                done.set_result(True)
                return done
            if self._starting is not None:
                return self._starting
            self._starting = Future()
            # A caller that waits may be cancelled, and must not cancel the future for all.
            self._starting.set_running_or_notify_cancel()
            return None

    @contextlib.contextmanager
    def _settling(self, app: Application) -> t.Iterator[None]:
        """Tell the callers that wait how the start went."""
        try:
            yield
        except BaseException as error:
            self._settle(app, error)
            raise
        self._settle(app, None)

    def _settle(self, app: Application, error: BaseException | None) -> None:
        with self._lock:
            starting, self._starting = self._starting, None
            if error is None:
                self._pid = os.getpid()
                self._loop = weakref.ref(asyncio.get_running_loop())
                _started.add(app)
        assert starting is not None
        if error is None or isinstance(error, asyncio.CancelledError):
            starting.set_result(error is None)
        elif isinstance(error, Exception):
            starting.set_exception(error)
        else:
            starting.set_exception(RuntimeError(f"The start of serving was broken off by {error!r}."))
        app.request_planner.stale("serving")


_EXIT_SECONDS = 30

_all: weakref.WeakSet[Serving] = weakref.WeakSet()
_started: weakref.WeakSet[Application] = weakref.WeakSet()
_kept_after_fork: list[t.Any] = []


def _start_anew() -> None:
    # A forked child has to start it again: its plan is compiled anew, and finds that.
    for serving in list(_all):
        # Kept alive: tasks and generators would be closed here, where their loop does not run.
        _kept_after_fork.append((serving.background, serving._generators))
        serving._reset()
    for app in list(_started):
        app.request_planner.stale("serving")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


# the end


def _wait_for_end(reference: weakref.ref[Application], loop: asyncio.AbstractEventLoop) -> None:
    task: t.Any = loop.create_task(_stop_when_cancelled(reference), name=END)
    # A loop may be closed without cancelling its tasks.
    task._log_destroy_pending = False
    _waiting_for_end.add(task)
    task.add_done_callback(_waiting_for_end.discard)


# References to tasks, which could be collected without them (asyncio's documentation of create_task).
_waiting_for_end: set[asyncio.Task[None]] = set()
# The name of a task that waits for the end of its loop.
END = "erlen-end-of-serving"


async def _stop_when_cancelled(reference: weakref.ref[Application]) -> None:
    """Stop the application when the loop cancels its tasks: it runs on until all of them have ended."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.get_running_loop().create_future()
    app = reference()
    if app is not None:
        await _stop_and_log(app)


async def _stop_and_log(app: Application) -> None:
    try:
        await app.serving_state.stop(app)
    except Exception:
        app.logger.exception("A function for the end of serving failed.")


def _at_exit(app: Application) -> None:
    """Stop *app* when the process ends, unless it was stopped or collected before."""
    pid, reference = os.getpid(), weakref.ref(app)

    def stop() -> None:
        app = reference()
        if app is not None and os.getpid() == pid:
            app.serving_state.stop_from_thread(app)

    at_exit(stop)
    weakref.finalize(app, atexit.unregister, stop).atexit = False


def _stop_on(loop: asyncio.AbstractEventLoop, app: Application, seconds: float) -> None:
    """Stop *app* on a loop that runs in another thread, or that its server has stopped and not closed."""
    stopping = asyncio.wait_for(_stop_and_log(app), seconds)
    try:
        if loop.is_running():
            asyncio.run_coroutine_threadsafe(stopping, loop).result(seconds + 1)
        else:
            loop.run_until_complete(stopping)
    except (asyncio.TimeoutError, TimeoutOfFuture):
        app.logger.error("The end of serving took more than %g seconds and was broken off.", seconds)


async def _collect(errors: list[BaseException], done: t.Awaitable[t.Any]) -> None:
    try:
        await done
    except GeneratorExit:
        raise
    except BaseException as error:  # an exit, too: the others have to run all the same
        errors.append(error)


async def _begin(generator: t.AsyncGenerator[None, None]) -> None:
    try:
        await anext(generator)
    except StopAsyncIteration:
        raise RuntimeError("A 'while_serving' generator has ended before its 'yield'.") from None


async def _finish(generator: t.AsyncGenerator[None, None]) -> None:
    try:
        await anext(generator)
    except StopAsyncIteration:
        return
    await generator.aclose()
    raise RuntimeError("A 'while_serving' generator has a second 'yield'.")
