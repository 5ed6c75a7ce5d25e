"""The application context on an event loop without a request: around serving and background tasks."""

from __future__ import annotations

import contextlib
import typing as t
from functools import partial

from ..signals import appcontext_pushed
from .teardown import app_context_calls_nothing

if t.TYPE_CHECKING:
    from .contract import Application

OnThread: t.TypeAlias = "t.Callable[[t.Callable[[], t.Any]], t.Awaitable[t.Any]]"


@contextlib.asynccontextmanager
async def active(app: Application, on_thread: OnThread) -> t.AsyncIterator[None]:
    """Make the application's context active. Teardown functions run by *on_thread*.

    They may block, and a plain call cannot wait for a coroutine function on the loop.
    """
    context = app.app_context()
    if appcontext_pushed.receivers:
        await on_thread(context.push)
    else:
        context.push()
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        if not app_context_calls_nothing(app):
            await on_thread(partial(context.pop, error))
        else:
            context.pop(error)
