"""Tasks that run in a given context, and tasks that are awaited to their end."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import typing as t

from .job import ThreadFuture
from .one_context import RunInContext

R = t.TypeVar("R")


def create_task_in(
    context: contextvars.Context | None, coroutine: t.Coroutine[t.Any, t.Any, R]
) -> asyncio.Task[R]:
    """Start a task whose functions run in *context* itself."""
    loop = asyncio.get_running_loop()
    if context is None:
        return loop.create_task(coroutine)
    if sys.version_info >= (3, 11):
        return loop.create_task(coroutine, context=context)
    return loop.create_task(_awaited(RunInContext(context, coroutine)))


async def _awaited(awaitable: t.Awaitable[R]) -> R:
    return await awaitable


async def run_to_its_end(
    coroutine: t.Coroutine[t.Any, t.Any, None], variables: contextvars.Context | None, seconds: float
) -> None:
    """Await *coroutine* even if this task is cancelled meanwhile; cancel it after *seconds*.

    Raises what the coroutine raises, or TimeoutError. The cancellation is raised when the coroutine is done:
    until then a thread may be inside the context that this task needs.
    """
    loop = asyncio.get_running_loop()
    task = create_task_in(variables, coroutine)
    ended: ThreadFuture[None] = ThreadFuture(loop=loop)
    ended.begun = True
    task.add_done_callback(lambda _: ended.set_result(None))
    timer = loop.call_later(seconds, task.cancel)
    await ended
    timer.cancel()
    if task.cancelled():
        raise TimeoutError(f"Teardown functions took more than {seconds} seconds, and were cancelled.")
    task.result()


def withdraw_cancellation(task: asyncio.Task[t.Any] | None) -> None:
    """Let *task*, whose CancelledError has been caught, go on as one that was not cancelled.

    Time-outs and task groups count cancellations from Python 3.11 on; before that there is nothing to do.
    """
    uncancel = getattr(task, "uncancel", None)
    if uncancel is not None:
        uncancel()
