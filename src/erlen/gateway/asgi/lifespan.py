"""The lifespan of an ASGI server (ASGI: Lifespan protocol, version 2.0)."""

from __future__ import annotations

import asyncio
import traceback
import typing as t

from ...concurrency.pool import close_pool
from ...plan.edge import compile_edge
from .proxies import log_middleware_once

if t.TYPE_CHECKING:
    from ...serve.contract import Application
    from .types import Receive, Scope, Send


async def answer(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Start the application when the server starts, and stop it when that stops.

    A server may take an exception to mean that there is no lifespan, and go on serving: so it is told of an
    exit and of a cancellation as well.
    """
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            if not await _run_and_report(app, send, "start", _start(app)):
                return
        elif message["type"] == "lifespan.shutdown":
            await _run_and_report(app, send, "end", app.serving_state.stop(app))
            return


async def _start(app: Application) -> None:
    app.serving_state.leave_end_to_server()
    compile_edge(app.config)  # an error now is better than one for each request
    if app.request_planner.own(app).proxies is None:
        log_middleware_once(app)
    await app.serving_state.start(app)


async def _run_and_report(
    app: Application, send: Send, when: t.Literal["start", "end"], coroutine: t.Coroutine[t.Any, t.Any, None]
) -> bool:
    """Tell the server how the start or the end went; return whether it went well."""
    kind = "lifespan.startup" if when == "start" else "lifespan.shutdown"
    succeeded = False
    try:
        await coroutine
        succeeded = True
    except GeneratorExit:
        raise  # nobody listens any more
    except BaseException as error:
        await send({"type": f"{kind}.failed", "message": _log_failure(app, error, when)})
        if isinstance(error, asyncio.CancelledError):
            raise
    finally:
        if when == "end" or not succeeded:
            close_pool(app, asyncio.get_running_loop())
    if succeeded:
        await send({"type": f"{kind}.complete"})
    return succeeded


def _log_failure(app: Application, error: BaseException, when: str) -> str:
    app.logger.error("A function for the %s of serving failed.", when, exc_info=error)
    return "".join(traceback.format_exception_only(error)).strip()
