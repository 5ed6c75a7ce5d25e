"""The stacks of contexts, over the context variables that took their place."""

from __future__ import annotations

import sys
import threading
import typing as t
from contextvars import ContextVar

from ..active import (
    State,
    cv_app,
    cv_request,
    get_state,
    require_app_context,
    require_request_context,
    set_state,
)


class ContextStack:
    """What ``_request_ctx_stack`` and ``_app_ctx_stack`` were: ``top`` is the active context, or None.

    A context belongs to one flow of control, as it does everywhere in Erlen: each thread, greenlet and task
    has its own.
    """

    def __init__(self, variable: t.Any) -> None:
        self._variable = variable
        # What was active before each push by hand.
        self._before: ContextVar[tuple[State, ...]] = ContextVar(f"erlen.legacy.{variable.name}", default=())

    @property
    def top(self) -> t.Any:
        """The active context; None where there is none."""
        return self._variable.get(None)

    def push(self, obj: t.Any) -> None:
        """Make *obj* the top, without what a context's own ``push`` does."""
        self._before.set((*self._before.get(), get_state()))
        self._variable.set(obj)

    def pop(self) -> t.Any:
        """Remove the top and return it: None where there is none.

        A context that was pushed by its own method ends by that: its teardown functions run.
        """
        top = self.top
        before = self._before.get()
        if before:
            self._before.set(before[:-1])
            set_state(before[-1])
        elif top is not None:
            top.pop()
        return top

    @property
    def __ident_func__(self) -> t.Callable[[], t.Any]:
        """A function that identifies the flow of control; old extensions keep one session for each."""
        return identify


def identify() -> t.Any:
    """Identify the thread or greenlet; within an ASGI request and in a coroutine, the application context.

    Many requests share the thread of a loop, and one request may use several threads.
    """
    return id(cv_app.get(None)) if _is_on_loop_or_job() else threading.get_ident()


def _is_on_loop_or_job() -> bool:
    # Neither module is imported before the first coroutine.
    asyncio, jobs = sys.modules.get("asyncio"), sys.modules.get("erlen.concurrency.job")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        return True
    return jobs is not None and jobs.current_job.get() is not None


request_stack = ContextStack(cv_request)
app_stack = ContextStack(cv_app)


def lookup_request_object(name: str) -> t.Any:
    """Return an attribute of the active request context; raises RuntimeError where there is none."""
    return getattr(require_request_context(), name)


def lookup_app_object(name: str) -> t.Any:
    """Return an attribute of the active application context; raises RuntimeError where there is none."""
    return getattr(require_app_context(), name)
