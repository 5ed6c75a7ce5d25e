"""The steps of a WebSocket: check of the handshake, hooks, handler, error handlers, hooks, teardown."""

from __future__ import annotations

import typing as t
from inspect import iscoroutinefunction
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, NotFound
from werkzeug.routing import RoutingException

from ..logging import escaped
from ..signals import got_request_exception
from ..wrappers.websocket import HANDLER
from .results import make_response
from .steps import each_websocket_function
from .steps_async import handling, is_not_none

if t.TYPE_CHECKING:
    from ..wrappers import Response
    from ..wrappers.websocket import WebSocket
    from .contract import Application
    from .websocket_context import WebSocketContext

Function: t.TypeAlias = "t.Callable[..., t.Any]"


async def run(app: Application, context: WebSocketContext) -> Response | None:
    """Check the handshake, run hooks and handler; return the response instead of a WebSocket, or None.

    Raises an exception that nothing handles.
    """
    try:
        await context.open()
        check_origin(app, context)
        if getattr(app.url_map, "calls_functions", True):
            await context.on_thread(context.match)  # a converter of the application may block
        else:
            context.match()
        handler = _handler_of(app, context)
        result = None
        if app.before_websocket_funcs:
            functions = each_websocket_function(app, context, "before")
            result = await context.call_each(functions, None, lambda f, _: f(), is_not_none)
        if result is None:
            result = await handler(**(context.websocket.view_args or {}))
    except Exception as error:
        result = await handle_user_exception(app, context, error)
    return await finalize(app, context, result)


async def finalize(app: Application, context: WebSocketContext, result: t.Any) -> Response | None:
    """Make the response of a result that is not None; pass it through the after hooks."""
    like_a_request: t.Any = context  # as far as responses are concerned
    response = None if result is None else make_response(app, like_a_request, result)
    if app.after_websocket_funcs:
        functions = each_websocket_function(app, context, "after")
        response = await context.call_each(functions, response, lambda f, value: f(value))
    return response


def check_origin(app: Application, context: WebSocketContext) -> None:
    """Raise Forbidden for a page of another site: browsers send cookies along with any handshake.

    SECURITY: there is no same-origin policy for WebSockets (RFC 6455, section 10.2). A client without
    Origin is no browser.
    """
    websocket, allowed = context.websocket, app.config["WEBSOCKET_ORIGINS"]
    origin = websocket.environ.get("HTTP_ORIGIN")
    if origin is None or allowed == "*":
        return
    if _is_own(websocket, origin) if allowed is None else origin in _listed(allowed):
        return
    raise Forbidden(f"The page at {origin} may not open this WebSocket. WEBSOCKET_ORIGINS lists who may.")


def _is_own(websocket: WebSocket, origin: str) -> bool:
    """Tell whether *origin* is that of the WebSocket."""
    if len(origin) > 300:
        return False  # no host name is that long, and urlsplit() caches its arguments
    try:
        url = urlsplit(origin)
    except ValueError:
        return False
    scheme = "https" if websocket.is_secure else "http"
    return url.scheme == scheme and _with_port(url.netloc, scheme) == _with_port(websocket.host, scheme)


def _listed(allowed: str | t.Collection[str]) -> t.Collection[str]:
    # A str would be searched for substrings, and a part of an origin is another origin.
    return (allowed,) if isinstance(allowed, str) else allowed


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


async def handle_user_exception(app: Application, context: WebSocketContext, error: Exception) -> t.Any:
    """Return what answers an exception of the handler or a hook; raise it again where nothing does."""
    if isinstance(error, RoutingException):
        return error
    handler = app._find_error_handler(error, context.websocket.blueprints)
    if handler is not None:
        return await _call_handler(context, handler, error)
    if isinstance(error, HTTPException) and not app.trap_http_exception(error):
        return error
    raise error


async def handle_exception(app: Application, context: WebSocketContext, error: Exception) -> Response | None:
    """Log an exception that nothing handled; return what answers it: a 500, or what its handler makes."""
    if got_request_exception.receivers:
        await context.send_signal(got_request_exception, app, exception=error)
    log_exception(app, context, error)
    answer: t.Any = InternalServerError(original_exception=error)
    handler = app._find_error_handler(answer, context.websocket.blueprints)
    try:
        if handler is not None:
            answer = await _call_handler(context, handler, answer)
        return await finalize(app, context, answer)
    except Exception as further:
        log_exception(app, context, further)
        return app.response_class(status=500)


def log_exception(app: Application, context: WebSocketContext, error: BaseException) -> None:
    """Log the exception that ends a WebSocket."""
    exc_info = (type(error), error, error.__traceback__)
    app.logger.error("Exception on %s [WebSocket]", escaped(context.websocket.path), exc_info=exc_info)


def propagates(app: Application) -> bool:
    """Tell whether an exception that nothing handled is also raised to the server."""
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    return bool(propagate or (propagate is None and (app.testing or app.debug)))


async def _call_handler(context: WebSocketContext, handler: Function, error: Exception) -> t.Any:
    if iscoroutinefunction(handler):
        return await handler(error)
    return await context.call_plain(handling, error, handler)
