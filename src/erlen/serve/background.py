"""Background tasks: work that goes on when the response has been made, in this process.

They end with it: what must survive a restart belongs into a task queue (docs: Celery).
"""

from __future__ import annotations

import asyncio
import contextvars
import typing as t
from inspect import iscoroutinefunction

from ..globals import NOTHING, _set_state

if t.TYPE_CHECKING:
    from ..typing import Application


class BackgroundTasks:
    """Hold the tasks of one application that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self, app: Application, loop: asyncio.AbstractEventLoop, function: t.Callable[[], t.Any]
    ) -> None:
        """Run *function* on *loop*, or on a thread where it is plain. Any thread may call this."""
        context = contextvars.copy_context()
        context.run(_set_state, NOTHING)
        loop.call_soon_threadsafe(self._create, app, loop, function, context=context)

    def _create(
        self, app: Application, loop: asyncio.AbstractEventLoop, function: t.Callable[[], t.Any]
    ) -> None:
        task = loop.create_task(_run(app, function))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, app: Application) -> None:
        """Wait for the tasks of this loop, so long as BACKGROUND_TASK_SHUTDOWN_TIMEOUT says; cancel the rest."""
        loop = asyncio.get_running_loop()
        tasks = {task for task in self._tasks if task.get_loop() is loop}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=app.config["BACKGROUND_TASK_SHUTDOWN_TIMEOUT"])
        for task in late:
            app.logger.error("A background task was not done in time and is cancelled: %r", task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _run(app: Application, function: t.Callable[[], t.Any]) -> None:
    try:
        if iscoroutinefunction(function):
            with app.app_context():
                await function()
        else:
            context = contextvars.copy_context()
            await asyncio.get_running_loop().run_in_executor(None, context.run, _call_plainly, app, function)
    except Exception:
        app.logger.exception("A background task failed: %r", function)


def _call_plainly(app: Application, function: t.Callable[[], t.Any]) -> None:
    with app.app_context():
        function()
