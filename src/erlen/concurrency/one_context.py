"""Await a coroutine inside a given ``contextvars.Context``."""

from __future__ import annotations

import contextvars
import typing as t

R = t.TypeVar("R")


class RunInContext(t.Generic[R]):
    """An awaitable that runs a coroutine in a given context, whatever task awaits it.

    The context is entered for each step only. While the coroutine waits, a thread may enter it: so all
    functions of a request share one context, and a token set in one is good in the next. (A task could
    be given a context from Python 3.11 on, but would be one more task for each request.)
    """

    __slots__ = ("_context", "_coroutine")

    def __init__(self, context: contextvars.Context, coroutine: t.Coroutine[t.Any, t.Any, R]) -> None:
        self._context = context
        self._coroutine = coroutine

    def __await__(self) -> t.Generator[t.Any, t.Any, R]:
        run, coroutine = self._context.run, self._coroutine
        step: t.Callable[..., t.Any] = coroutine.send
        value: t.Any = None
        while True:
            try:
                waits_for = run(step, value)
            except StopIteration as stop:
                result: R = stop.value
                return result
            finally:
                value = None  # the traceback of an error keeps this frame: the frame must not keep the error
            try:
                step, value = coroutine.send, (yield waits_for)
            except GeneratorExit:
                run(coroutine.close)
                raise
            except BaseException as error:
                step, value = coroutine.throw, error
