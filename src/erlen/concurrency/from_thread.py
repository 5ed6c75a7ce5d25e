"""Adapt a coroutine function: a plain function that waits for its result.

It runs on the loop that ``erlen.concurrency.loops`` names. Both sides share context variables: the coroutine
starts with the caller's, and what it sets is set for the caller afterwards.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import typing as t
from functools import wraps

from ..active import cv_request
from . import runs_loop
from .loops import Outcome, Portal, Waiter, portal_of_thread, process_loop

P = t.ParamSpec("P")
R = t.TypeVar("R")

_MISSING = object()


def run_on_loop(func: t.Callable[P, t.Coroutine[t.Any, t.Any, R]]) -> t.Callable[P, R]:
    """Wrap a coroutine function into a plain one that waits for its result.

    It runs on the loop of the ASGI server that the calling thread works for, else on that of the process.

    The wrapper raises RuntimeError where it is called on a thread that runs a loop: it would wait
    for itself.
    """

    @wraps(func)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        _refuse_on_a_loop(func)
        portal = portal_of_thread() or process_loop()
        active = cv_request.get(None)
        if active is not None:
            active.had_coroutine = True
        outcome: Outcome[R] = Outcome()
        outcome.may_be_interrupted = getattr(func, "may_be_interrupted", False)
        after: list[contextvars.Context] = []

        handled = sys.exc_info()[1]

        async def body() -> R:
            try:
                if handled is None:
                    return await func(*args, **kwargs)
                # An error handler that is a coroutine function handles what its caller does:
                # sys.exc_info() and a bare raise mean the same exception.
                traceback = handled.__traceback__
                try:
                    raise handled
                except BaseException:
                    handled.__traceback__ = traceback
                    return await func(*args, **kwargs)
            finally:
                after.append(contextvars.copy_context())

        waiter = portal.prepare()
        portal.watch(outcome)
        before = contextvars.copy_context()
        portal.loop.call_soon_threadsafe(_start, body, outcome, portal.loop, context=before)
        try:
            return _wait(waiter, portal, outcome)
        finally:
            for context in after:
                take_over(context)

    return call


def _start(
    body: t.Callable[[], t.Coroutine[t.Any, t.Any, R]], outcome: Outcome[R], loop: asyncio.AbstractEventLoop
) -> None:
    async def report() -> None:
        # Reported here and not by a callback: an exit would end the loop before its callbacks run.
        try:
            result = await body()
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    outcome.task = loop.create_task(report())


def _wait(waiter: Waiter, portal: Portal, outcome: Outcome[R]) -> R:
    try:
        return waiter.wait(outcome)
    except BaseException:
        # KeyboardInterrupt or a server's time-out: nobody waits for the task any longer.
        if not outcome.done():
            portal.loop.call_soon_threadsafe(_give_up, outcome)
        raise


def _give_up(outcome: Outcome[t.Any]) -> None:
    # On the loop, where the task has been made by now.
    if outcome.task is not None:
        outcome.task.cancel()


def take_over(context: contextvars.Context) -> None:
    """Set the context variables that a coroutine has set in *context*."""
    for variable, value in context.items():
        if variable.get(_MISSING) is not value:
            variable.set(value)


def _refuse_on_a_loop(func: t.Callable[..., t.Any]) -> None:
    if runs_loop():
        name = getattr(func, "__qualname__", repr(func))
        raise RuntimeError(
            f"'{name}' is a coroutine function and was to be waited for on the thread that runs the event"
            " loop, which would wait for itself. Await it there, or call it from a plain function in another"
            " thread (asyncio.to_thread)."
        )
