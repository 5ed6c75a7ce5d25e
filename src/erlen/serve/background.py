"""Background tasks: work that continues after the response, in this process.

They end with the process: what must survive a restart belongs in a task queue (docs: Celery).
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import typing as t
import weakref
from inspect import iscoroutinefunction

from ..active import NOTHING, cv_websocket, set_state
from ..concurrency.from_thread import take_over
from ..concurrency.loops import Outcome, Portal, ProcessLoop, portal_to, using_portal
from .loop_app_context import active

if t.TYPE_CHECKING:
    from .contract import Application

R = t.TypeVar("R")

# The number of plain functions that may run at once, in one process.
_MOST_THREADS = 32
# The seconds that a cancelled task has to end.
_LAST_SECONDS = 1


class BackgroundTasks:
    """The running background tasks of one application."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        # Loops that cancel all their tasks at the end, before the application is stopped.
        self._to_survive: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()

    def survive(self, loop: asyncio.AbstractEventLoop) -> None:
        """Keep tasks on *loop* running when it cancels all its tasks: they will be waited for."""
        self._to_survive.add(loop)

    def start(
        self, app: Application, loop: asyncio.AbstractEventLoop, function: t.Callable[[], t.Any]
    ) -> None:
        """Run *function* on *loop*, or on a thread where it is plain. Any thread may call this."""
        context = contextvars.copy_context()
        context.run(set_state, NOTHING)
        context.run(cv_websocket.set, None)
        loop.call_soon_threadsafe(self._create, app, loop, function, context=context)

    def _create(
        self, app: Application, loop: asyncio.AbstractEventLoop, function: t.Callable[[], t.Any]
    ) -> None:
        task = loop.create_task(_run(app, function))
        if loop in self._to_survive:
            # As asyncio does with a task that has ended: all_tasks() leaves it out from now on.
            asyncio._unregister_task(task)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, app: Application) -> None:
        """Wait for the tasks of this loop, up to BACKGROUND_TASK_SHUTDOWN_TIMEOUT; cancel the rest.

        Tasks that these start are waited for, too. A thread cannot be stopped: its work is left alone,
        and does not keep the process from ending.
        """
        loop, seconds = asyncio.get_running_loop(), app.config["BACKGROUND_TASK_SHUTDOWN_TIMEOUT"]
        end = None if seconds is None else loop.time() + seconds
        await asyncio.sleep(0)  # starts what another thread has just requested
        while tasks := self._tasks_of(loop):
            left = None if end is None else end - loop.time()
            done, _ = await asyncio.wait(tasks, timeout=left and max(left, 0))
            if not done:
                break
        late = self._tasks_of(loop)
        for task in late:
            app.logger.error("A background task was not done in time and is cancelled: %r", task.get_name())
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_LAST_SECONDS)

    def _tasks_of(self, loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[None]]:
        return {task for task in self._tasks if task.get_loop() is loop}


async def _run(app: Application, function: t.Callable[[], t.Any]) -> None:
    try:
        if iscoroutinefunction(function):
            async with active(app, on_own_thread):
                await function()
        else:
            await on_own_thread(lambda: _call_plainly(app, function))
    except asyncio.CancelledError:
        raise
    except BaseException:
        # An exit, too: it would end the loop, and with it all other tasks.
        app.logger.exception("A background task failed: %r", function)


def _call_plainly(app: Application, function: t.Callable[[], t.Any]) -> None:
    with app.app_context():
        function()


async def on_own_thread(function: t.Callable[[], R]) -> R:
    """Call a plain function on a thread of its own; its coroutines run on this loop.

    The loop's own executor is not for long calls: Python waits for its threads at exit, however
    long that takes, and starts no more of them.
    """
    loop = asyncio.get_running_loop()
    portal, variables = portal_to(loop), contextvars.copy_context()
    call = lambda: variables.run(function)  # noqa: E731
    try:
        async with _semaphore_of(loop):
            if type(portal) in (Portal, ProcessLoop):
                return await asyncio.wrap_future(_started(portal, call))
            # gevent's loop has native threads, which end with the process.
            return await loop.run_in_executor(None, _call_with_portal, portal, call)
    finally:
        take_over(variables)


def _started(portal: Portal, function: t.Callable[[], R]) -> Outcome[R]:
    outcome: Outcome[R] = Outcome()
    # A thread cannot be stopped: a task that waits for it may be cancelled, this future may not.
    outcome.set_running_or_notify_cancel()

    def work() -> None:
        try:
            result = _call_with_portal(portal, function)
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    try:
        threading.Thread(target=work, name="erlen-background", daemon=True).start()
    except RuntimeError:
        # The process ends, and Python 3.12 starts no more threads: the call is made here.
        work()
    return outcome


def _call_with_portal(portal: Portal, function: t.Callable[[], R]) -> R:
    with using_portal(portal if type(portal) is Portal else None):
        return function()


_semaphores: weakref.WeakKeyDictionary[t.Any, asyncio.Semaphore] = weakref.WeakKeyDictionary()


def _semaphore_of(loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    """Return the semaphore for the threads that *loop* may start."""
    room = _semaphores.get(loop)
    if room is None:
        room = _semaphores[loop] = asyncio.Semaphore(_MOST_THREADS)
    return room
