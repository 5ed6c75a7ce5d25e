"""The steps of a WebSocket: handshake judged, hooks, handler, error handlers, hooks, teardown."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from inspect import iscoroutinefunction
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, NotFound

from ..plan.hooks import BACKWARDS
from ..signals import got_request_exception
from ..websockets import HANDLER
from .cycle_async import _handling, _is_something, _send, fold
from .results import make_response

if t.TYPE_CHECKING:
    from ..typing import Application
    from ..wrappers import Response
    from .websocket_context import WebSocketContext

Function: t.TypeAlias = "t.Callable[..., t.Any]"


async def run(app: Application, context: WebSocketContext) -> Response | None:
    """Judge the handshake, run hooks and handler; return what is to be answered instead, or None."""
    try:
        judge_origin(app, context)
        context.match()
        handler = _handler_of(app, context)
        result = await fold(context, _each(app, context, "before"), None, lambda f, _: f(), _is_something)
        if result is None:
            result = await handler(**(context.websocket.view_args or {}))
    except Exception as error:
        result = await handle_exception(app, context, error)
    response = None if result is None else make_response(app, t.cast(t.Any, context), result)
    return t.cast(
        "Response | None",
        await fold(context, _each(app, context, "after"), response, lambda f, value: f(value)),
    )


def judge_origin(app: Application, context: WebSocketContext) -> None:
    """Raise Forbidden for the page of another site: browsers send cookies along with any handshake.

    SECURITY: there is no same-origin policy for WebSockets (RFC 6455, section 10.2). A client without
    Origin is no browser.
    """
    websocket, allowed = context.websocket, app.config["WEBSOCKET_ORIGINS"]
    origin = websocket.headers.get("Origin")
    if origin is None or allowed == "*" or (allowed is not None and origin in allowed):
        return
    if allowed is None:
        url = urlsplit(origin)
        scheme = "https" if websocket.is_secure else "http"
        if url.scheme == scheme and _with_port(url.netloc, scheme) == _with_port(websocket.host, scheme):
            return
    raise Forbidden(f"The page at {origin} may not open this WebSocket. WEBSOCKET_ORIGINS lists who may.")


def _with_port(host: str, scheme: str) -> str:
    host = host.lower()
    if host.rpartition(":")[2].isdigit():
        return host
    return f"{host}:{'443' if scheme == 'https' else '80'}"


def _handler_of(app: Application, context: WebSocketContext) -> Function:
    rule = context.websocket.url_rule
    view = None if rule is None else app.view_functions.get(rule.endpoint)
    handler: Function | None = getattr(view, HANDLER, None)
    if handler is None:
        raise NotFound
    return handler


async def handle_exception(app: Application, context: WebSocketContext, error: Exception) -> t.Any:
    """Return what answers an exception; one that nothing handles is logged, and becomes a 500."""
    handler = app._find_error_handler(error, context.websocket.blueprints)
    if handler is not None:
        if iscoroutinefunction(handler):
            return await handler(error)
        return await context.plainly(_handling, error, handler)
    if isinstance(error, HTTPException):
        return error
    if got_request_exception.receivers:
        await context.plainly(_send, got_request_exception, app, exception=error)
    exc_info = (type(error), error, error.__traceback__)
    app.logger.error("Exception on %s [WebSocket]", context.websocket.path, exc_info=exc_info)
    if app.config["PROPAGATE_EXCEPTIONS"] or (app.config["PROPAGATE_EXCEPTIONS"] is None and app.testing):
        raise error
    return InternalServerError(original_exception=error)


async def tear_down(app: Application, context: WebSocketContext, exc: BaseException | None) -> None:
    """Run the teardown functions of the WebSocket, and let its context go."""
    try:
        await fold(context, _each(app, context, "teardown"), exc, lambda f, _: f(exc), keep=True)
    finally:
        if app.teardown_appcontext_funcs or not app._planner.current(app).quiet:
            await context.on_thread(context.pop, exc)
        else:
            context.pop(exc)


def _each(app: Application, context: WebSocketContext, kind: str) -> Iterator[Function]:
    """Yield the hooks of a kind in the order in which they run."""
    table: t.Mapping[str | None, list[Function]] = getattr(app, f"{kind}_websocket_funcs")
    names: list[str | None] = [*context.websocket.blueprints, None]
    for name in names if kind in BACKWARDS else reversed(names):
        functions = table.get(name, ())
        yield from reversed(functions) if kind in BACKWARDS else functions
