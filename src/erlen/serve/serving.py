"""The start and the end of serving, once for each worker and application.

An ASGI server says when: its lifespan. Under WSGI nobody does, so it starts with the first request, for
which the others wait, and ends when the process does.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import os
import sys
import threading
import typing as t
import weakref
from concurrent.futures import Future

from ..plan.adapt import run_on_loop
from ..plan.loops import place_of_thread, process_loop
from ..within import Within
from .background import BackgroundTasks
from .loop_app_context import active

if t.TYPE_CHECKING:
    from ..typing import Application


class Caller(t.Protocol):
    """What calls the functions of an application, whatever their colour: a gateway has it."""

    async def call(self, function: t.Callable[[], t.Any]) -> None: ...


class Serving:
    """Know whether an application has been started in this process, and start and stop it."""

    def __init__(self, make_caller: t.Callable[[Application], Caller]) -> None:
        self._make_caller = make_caller
        self._forget()
        _all.add(self)

    def _forget(self) -> None:
        """Be new: also in a forked child, where nobody goes on with what the parent has begun."""
        self.background = BackgroundTasks()
        # The process in which it has been started.
        self._pid: int | None = None
        self._variables = contextvars.Context()
        self._generators: list[t.AsyncGenerator[None, None]] = []
        self._starting: Future[None] | None = None
        self._lock = threading.Lock()
        self._ends_at_exit = False

    def has_started(self) -> bool:
        """Tell whether the application has been started in this process."""
        return self._pid == os.getpid()

    # on the loop

    async def start(self, app: Application) -> None:
        """Run what stands before serving, once; others who call this meanwhile wait.

        Raises what a function raises, and then it has not been started.
        """
        waits_for = self._claim()
        if waits_for is not None:
            await asyncio.wrap_future(waits_for)
            return
        with self._settling(app):
            await Within(self._variables, self._start(app, self._make_caller(app)))

    async def _start(self, app: Application, caller: Caller) -> None:
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
        """Close the generators that have begun: nobody will come back to them."""
        generators, self._generators = self._generators, []
        for generator in reversed(generators):
            try:
                await generator.aclose()
            except Exception:
                app.logger.exception("A 'while_serving' generator failed when it was closed.")

    async def stop(self, app: Application) -> None:
        """Wait for background tasks, then run what stands after serving.

        Each is tried; raises the first exception.
        """
        await self.background.drain(app)
        if self._pid == os.getpid():
            self._pid = None
            app._planner.stale("seams")  # who serves on starts it anew
            await Within(self._variables, self._stop(app, self._make_caller(app)))

    async def _stop(self, app: Application, caller: Caller) -> None:
        errors: list[BaseException] = []
        generators, self._generators = self._generators, []
        async with active(app, caller.call):
            for function in app.after_serving_funcs:
                await _collect(errors, caller.call(function))
            for generator in reversed(generators):
                await _collect(errors, _finish(generator))
        if errors:
            raise errors[0]

    # on a thread

    def start_plainly(self, app: Application) -> None:
        """Do what :meth:`start` does, from a thread: under WSGI. It stops when the process ends."""

        async def start() -> None:
            await self.start(app)

        run_on_loop(start)()
        if place_of_thread() is None:
            self.stop_at_exit(app)

    def stop_at_exit(self, app: Application) -> None:
        """Stop when the process ends, if the application is still there then."""
        if self._ends_at_exit:
            return
        self._ends_at_exit = True
        pid, reference = os.getpid(), weakref.ref(app)

        def stop() -> None:
            app = reference()
            if app is not None and os.getpid() == pid:
                serving = app._serving

                async def stop() -> None:
                    await serving.stop(app)

                future = asyncio.run_coroutine_threadsafe(stop(), process_loop().loop)
                try:
                    future.result(_EXIT_SECONDS)
                except Exception:
                    app.logger.exception("A function for the end of serving failed.")

        atexit.register(stop)
        multiprocessing = sys.modules.get("multiprocessing")
        if multiprocessing is not None and multiprocessing.parent_process() is not None:
            # Such a process ends without what is registered with atexit: a worker of granian is one.
            sys.modules["multiprocessing.util"].Finalize(None, stop, exitpriority=10)
        weakref.finalize(app, atexit.unregister, stop).atexit = False

    # once

    def _claim(self) -> Future[None] | None:
        """Return None to the one who is to start it, and to the others what they have to wait for."""
        with self._lock:
            if self._pid == os.getpid():
                done: Future[None] = Future()
                done.set_result(None)
                return done
            if self._starting is not None:
                return self._starting
            self._starting = Future()
            # One who waits may be cancelled, and is not to cancel it for all.
            self._starting.set_running_or_notify_cancel()
            return None

    @contextlib.contextmanager
    def _settling(self, app: Application) -> t.Iterator[None]:
        """Tell those who wait how starting went."""
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
                _started.add(app)
        assert starting is not None
        if error is None:
            starting.set_result(None)
        elif isinstance(error, Exception):
            starting.set_exception(error)
        else:
            starting.set_exception(RuntimeError(f"The start of serving was broken off by {error!r}."))
        app._planner.stale("seams")


_EXIT_SECONDS = 30

_all: weakref.WeakSet[Serving] = weakref.WeakSet()
_started: weakref.WeakSet[Application] = weakref.WeakSet()
_of_parents: list[t.Any] = []


def _start_anew() -> None:
    # What was started in the parent has to be started in a forked child, too: its plan looks again.
    for serving in list(_all):
        # Kept, or tasks and generators would be ended here, where their loop does not run.
        _of_parents.append((serving.background, serving._generators))
        serving._forget()
    for app in list(_started):
        app._planner.stale("seams")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


async def _collect(errors: list[BaseException], done: t.Awaitable[t.Any]) -> None:
    try:
        await done
    except Exception as error:
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
