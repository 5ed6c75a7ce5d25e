"""From a task to a thread and back, with the context variables of the request.

Every request context has these methods, and most of them serve no loop: what needs asyncio is imported here
where it is used.
"""

from __future__ import annotations

import contextvars
import typing as t
from collections.abc import Iterator
from inspect import iscoroutinefunction

if t.TYPE_CHECKING:
    from .pool import Configured

R = t.TypeVar("R")
P = t.ParamSpec("P")


Function: t.TypeAlias = "t.Callable[..., t.Any]"


def _is_never_last(value: t.Any) -> bool:
    return False


class ToThread:
    """The methods by which code on a loop calls plain functions, and functions of either colour."""

    __slots__ = ()

    # A Configured; subclasses know more of it.
    app: t.Any
    # The context that all functions run in; None: that of the task.
    variables: contextvars.Context | None
    # Whether only teardown is left, which runs even where the pool is full.
    is_ending = False

    async def call_plain(self, function: t.Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a plain function where it may block: on a thread, unless ASGI_PLAIN_HOOKS says otherwise."""
        if self.app.config["ASGI_PLAIN_HOOKS"] == "loop":
            return function(*args, **kwargs)
        return await self.on_thread(function, *args, **kwargs)

    async def prepare_coroutine(self) -> None:
        """Prepare for a coroutine function; there is no body to receive here."""

    async def on_thread(self, function: t.Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a plain function on a thread."""
        from .from_thread import take_over
        from .pool import pool_of

        pool = pool_of(self.app)
        variables, ends = self.variables, self.is_ending
        if variables is not None:
            return await pool.run_in(variables, lambda _: function(*args, **kwargs), patient=ends)
        # A thread cannot enter the task's own context: it enters a copy, whose changes are taken over.
        variables = contextvars.copy_context()
        try:
            return await pool.run_in(variables, lambda _: function(*args, **kwargs), patient=ends)
        finally:
            take_over(variables)

    async def shielded(self, coroutine: t.Coroutine[t.Any, t.Any, None]) -> None:
        """Await *coroutine* to its end even if this task is cancelled, for a limited time."""
        from .tasks import run_to_its_end

        await run_to_its_end(coroutine, self.variables, self.app.config["ASGI_TEARDOWN_TIMEOUT"])

    async def call_each(
        self,
        functions: Iterator[Function],
        value: t.Any,
        step: t.Callable[[Function, t.Any], t.Any],
        is_last: t.Callable[[t.Any], bool] = _is_never_last,
        *,
        keep: bool = False,
    ) -> t.Any:
        """Call functions of either colour one after another; return the last value.

        ``step(function, value)`` calls one and gives the next value, or what has to be awaited for it; with
        *keep* the value stays. It ends early where *is_last* says so of a value. Each run of adjacent plain
        functions is one job for a thread.
        """

        def run_plain(function: Function | None) -> tuple[t.Any, Function | None]:
            """Call *function* and the plain ones behind it; return the value and the first other one."""
            now = value
            while function is not None and not iscoroutinefunction(function):
                made = step(function, now)
                now = now if keep else made
                function = None if is_last(now) else next(functions, None)
            return now, function

        for function in functions:
            following: Function | None = function
            while following is not None and not is_last(value):
                if iscoroutinefunction(following):
                    await self.prepare_coroutine()
                    made = await step(following, value)
                    value = value if keep else made
                    following = None
                else:
                    value, following = await self.call_plain(run_plain, following)
            if is_last(value):
                break
        return value

    async def send_signal(self, signal: t.Any, app: Configured, **values: t.Any) -> None:
        """Send a signal; receivers that are coroutine functions are awaited, plain ones may block."""

        def hand_over(receiver: Function) -> Function:
            async def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
                return await self.call_plain(receiver, *args, **kwargs)

            return call

        await self.prepare_coroutine()
        await signal.send_async(app, _sync_wrapper=hand_over, **values)
