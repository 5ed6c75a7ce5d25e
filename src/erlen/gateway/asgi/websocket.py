"""WebSockets over ASGI (ASGI: HTTP & WebSocket message format, version 2.5; RFC 6455)."""

from __future__ import annotations

import asyncio
import contextvars
import typing as t
from functools import partial

from ...active import NOTHING, set_state
from ...concurrency.one_context import RunInContext
from ...serve import steps_websocket
from ...serve.teardown import finish_websocket
from ...serve.websocket_context import WebSocketContext
from ...wrappers.websocket import WebSocket
from ..edge import EDGE
from .edge import answer_at_edge
from .environ import MalformedScope, make_environ
from .proxies import apply_proxies
from .websocket_connection import AsgiConnection, WebSocketClosed

if t.TYPE_CHECKING:
    from ...serve.contract import Application
    from ...wrappers import Response
    from .types import Receive, Scope, Send


async def answer(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Handle one WebSocket, from its handshake to its end."""
    plan = app.request_planner.plan or app.request_planner.current(app)
    if plan.edge is not None and scope.get(EDGE) is not plan.edge:
        await answer_at_edge(app, plan.edge, partial(answer, app), scope, (receive, send))
        return
    message = await receive()
    if message["type"] != "websocket.connect":
        return  # the client left before the handshake
    try:
        if plan.own.proxies:
            scope = apply_proxies(scope, plan.own.proxies)
        environ = make_environ(scope)
    except MalformedScope:
        await send({"type": "websocket.close", "code": 1002})
        return
    # Servers keep headers of the connection to themselves; Werkzeug recognises a handshake by them.
    environ.update(REQUEST_METHOD="GET", HTTP_CONNECTION="Upgrade", HTTP_UPGRADE="websocket")
    config = app.config
    connection = AsgiConnection(
        scope, receive, send, config["WEBSOCKET_MAX_MESSAGE_SIZE"], config["ASGI_TEARDOWN_TIMEOUT"]
    )
    variables = contextvars.copy_context()
    websocket = WebSocket(environ, connection)
    websocket.json_module = app.json
    if app.config["TRUSTED_HOSTS"] is not None:
        websocket.trusted_hosts = app.config["TRUSTED_HOSTS"]
    context = variables.run(WebSocketContext, app, websocket, connection.listen, variables)
    connection.at_accept = context.save_session
    await RunInContext(variables, _handle(app, context, connection))


async def _handle(app: Application, context: WebSocketContext, connection: AsgiConnection) -> None:
    set_state(NOTHING)
    context.push()
    error: BaseException | None = None
    try:
        error = await _converse(app, context, connection)
    except asyncio.CancelledError as raised:
        if not (connection.was_interrupted() or isinstance(raised, WebSocketClosed)):
            error = raised
            raise
    except BaseException as raised:
        error = raised
        raise
    finally:
        context.is_ending = True
        try:
            await connection.end()
        finally:
            await finish_websocket(app, context, error)
    if error is not None and steps_websocket.propagates(app):
        raise error


async def _converse(
    app: Application, context: WebSocketContext, connection: AsgiConnection
) -> BaseException | None:
    """Run the cycle, and close; return the exception that nothing handled, which has been answered.

    Raises CancelledError where the client went away, or the server stops.
    """
    error: BaseException | None = None
    try:
        response = await steps_websocket.run(app, context)
    except WebSocketClosed as raised:
        if connection.state == "closed":
            raise
        # Another WebSocket was closed, and the handler did not handle that.
        error = raised
        steps_websocket.log_exception(app, context, raised)
        response = app.response_class(status=500)
    except Exception as raised:
        error = raised
        response = await steps_websocket.handle_exception(app, context, raised)
    await _conclude(context, connection, response)
    return error


async def _conclude(context: WebSocketContext, connection: AsgiConnection, response: Response | None) -> None:
    """Close what was accepted; refuse what was not."""
    if connection.state == "new" and response is not None:
        await _deny(context, connection, response)
    elif response is not None and response.status_code >= 400:
        await connection.close(_ERROR if response.status_code >= 500 else _POLICY, None)
    else:
        await connection.close(_NORMAL, None)


async def _deny(context: WebSocketContext, connection: AsgiConnection, response: Response) -> None:
    try:
        cookies = await context.save_session()
        body = await context.on_thread(_body_of, response)
        headers = response.get_wsgi_headers(context.environ)
        await connection.deny(response.status_code, [*headers, *cookies], body)
    except Exception as error:
        steps_websocket.log_exception(context.app, context, error)
        headers = context.app.response_class(status=500).get_wsgi_headers(context.environ)
        await connection.deny(500, headers, b"")


def _body_of(response: Response) -> bytes:
    """Return the body of a response, of whatever kind it is, and close it."""
    response.direct_passthrough = False
    try:
        return response.get_data()
    finally:
        response.close()


# RFC 6455, section 7.4.1.
_NORMAL, _POLICY, _ERROR = 1000, 1008, 1011
