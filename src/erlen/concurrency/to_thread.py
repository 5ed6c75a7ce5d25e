"""From a task to a thread and back, with the context variables of the request."""

from __future__ import annotations

import asyncio
import contextvars
import typing as t

from .from_thread import create_task_in, take_over
from .job import ThreadFuture
from .pool import pool_of

if t.TYPE_CHECKING:
    from ..typing import Erlen

R = t.TypeVar("R")
P = t.ParamSpec("P")


class ToThread:
    """Call plain functions for what runs on a loop."""

    __slots__ = ()

    app: Erlen
    # The context that all functions run in; None: that of the task.
    variables: contextvars.Context | None
    # Whether only teardown is left, which is not left out where the pool is full.
    is_ending = False

    async def plainly(self, function: t.Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a plain function where it may block: on a thread, unless ASGI_PLAIN_HOOKS says otherwise."""
        if self.app.config["ASGI_PLAIN_HOOKS"] == "loop":
            return function(*args, **kwargs)
        return await self.on_thread(function, *args, **kwargs)

    async def prepare_coroutine(self) -> None:
        """Get ready for a coroutine function: there is no body to be received."""

    async def on_thread(self, function: t.Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a plain function on a thread."""
        pool = pool_of(self.app, asyncio.get_running_loop())
        variables, ends = self.variables, self.is_ending
        if variables is not None:
            return await pool.run_in(variables, lambda _: function(*args, **kwargs), patient=ends)
        # The task's own context is no thread's to enter: a copy, whose changes are taken over.
        variables = contextvars.copy_context()
        try:
            return await pool.run_in(variables, lambda _: function(*args, **kwargs), patient=ends)
        finally:
            take_over(variables)

    async def shielded(self, coroutine: t.Coroutine[t.Any, t.Any, None]) -> None:
        """Await what has to be done to its end, also when this task is cancelled; not without end, though."""
        await run_to_its_end(coroutine, self.variables, self.app.config["ASGI_TEARDOWN_TIMEOUT"])


async def run_to_its_end(
    coroutine: t.Coroutine[t.Any, t.Any, None], variables: contextvars.Context | None, seconds: float
) -> None:
    """Await *coroutine*, also when this task is cancelled meanwhile; cancel it after *seconds*.

    It raises what the coroutine raises, or TimeoutError. The cancellation comes when it is done: a thread
    may be inside the context that this task would need to hear of it sooner.
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
