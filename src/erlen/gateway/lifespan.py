"""The lifespan of an ASGI server (ASGI: Lifespan protocol, version 2.0)."""

from __future__ import annotations

import asyncio
import contextvars
import traceback
import typing as t
from inspect import iscoroutinefunction

from .errand import current_errand
from .hops import Hops
from .middleware import say_what_stands_around
from .pool import close_pool

if t.TYPE_CHECKING:
    from ..typing import Application
    from .asgi import Receive, Scope, Send


class ServingCaller(Hops):
    """Call what was registered for the start and the end of serving; plain functions on a thread."""

    # Nobody refuses what has to be done because requests use the threads.
    is_ending = True

    def __init__(self, app: Application) -> None:
        self.app = app  # type: ignore[assignment]
        self.variables: contextvars.Context | None = None
        # The thread that waits for the start, where it is a request's: it does the plain ones itself.
        self._host = current_errand.get()

    async def call(self, function: t.Callable[[], t.Any]) -> None:
        if iscoroutinefunction(function):
            await function()
        else:
            token = current_errand.set(self._host)
            try:
                await self.on_thread(function)
            finally:
                current_errand.reset(token)


async def answer(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Start the application when the server starts, and stop it when that stops."""
    serving = app._serving
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                say_what_stands_around(app)
                await serving.start(app)
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": _told(app, error, "start")})
                close_pool(app, asyncio.get_running_loop())
                return
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            try:
                await serving.stop(app)
            except Exception as error:
                await send({"type": "lifespan.shutdown.failed", "message": _told(app, error, "end")})
                return
            finally:
                close_pool(app, asyncio.get_running_loop())
            await send({"type": "lifespan.shutdown.complete"})
            return


def _told(app: Application, error: Exception, when: str) -> str:
    app.logger.error("A function for the %s of serving failed.", when, exc_info=error)
    return "".join(traceback.format_exception_only(error)).strip()
