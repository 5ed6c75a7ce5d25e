"""The lifespan of an ASGI server (ASGI: Lifespan protocol, version 2.0)."""

from __future__ import annotations

import asyncio
import traceback
import typing as t

from ...concurrency.pool import close_pool
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
            await _run_and_report(app, send, "end", _stop(app))
            return


async def _start(app: Application) -> None:
    app.serving_state.leave_end_to_server()
    app.request_planner.current(app)  # an error now is better than one for each request
    if app.request_planner.own(app).proxies is None:
        log_middleware_once(app)
    await app.serving_state.start(app)


async def _stop(app: Application) -> None:
    await _wait_for_cut_off_requests(app)
    await app.serving_state.stop(app)


async def _wait_for_cut_off_requests(app: Application) -> None:
    """Wait, for a limited time, until requests that the server has cancelled have been torn down.

    uvicorn (0.54) ends the process when the lifespan has ended, and does not wait for them itself.
    """
    cut_off = {task for task in asyncio.all_tasks() if _is_cancelled(task) and _is_request(task)}
    if not cut_off:
        return
    seconds = app.config["ASGI_TEARDOWN_TIMEOUT"]
    _, left = await asyncio.wait(cut_off, timeout=seconds)
    if left:
        app.logger.error("Requests that were cut off have not ended in %s seconds: %s", seconds, len(left))


def _is_cancelled(task: asyncio.Task[t.Any]) -> bool:
    """Tell whether *task* was to be cancelled; Python 3.10 does not know, so there every task counts."""
    cancelling = getattr(task, "cancelling", None)
    return cancelling is None or cancelling() > 0


# The modules whose coroutines answer requests.
_ANSWERING = {f"{__package__}.{name}" for name in ("http", "websocket")}


def _is_request(task: asyncio.Task[t.Any]) -> bool:
    """Tell whether *task* waits inside the answer to a request; nobody keeps a list of those."""
    waiting: t.Any = task.get_coro()
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None)
        if frame is not None and frame.f_globals.get("__name__") in _ANSWERING:
            return True
        waiting = getattr(waiting, "cr_await", None)
    return False


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
    app.logger.error("The %s of serving failed.", when, exc_info=error)
    return "".join(traceback.format_exception_only(error)).strip()
