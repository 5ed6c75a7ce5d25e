"""The edge of an application by ASGI: what ``erlen.gateway.edge`` does to an environ is done to a scope."""

from __future__ import annotations

import typing as t

from ..edge import EDGE, HSTS, items_of, refusal_of
from ..forwarded import PROXY
from .environ import MalformedScope, make_environ
from .messages import encoded, head_of, send_whole
from .proxies import with_items

if t.TYPE_CHECKING:
    from ...plan.edge import Edge
    from ...serve.contract import Application
    from ..edge import Refusal
    from .types import Message, Receive, Scope, Send

    AsgiApplication: t.TypeAlias = t.Callable[[Scope, Receive, Send], t.Awaitable[None]]


def answer_at_edge(
    app: Application,
    edge: Edge,
    application: AsgiApplication,
    scope: Scope,
    server: tuple[Receive, Send],
) -> t.Awaitable[None]:
    """Answer a request or a WebSocket by *application*, which *edge* is around."""
    receive, send = server
    refusal = None
    try:
        environ = make_environ(scope)
    except MalformedScope:
        scope = {**scope, EDGE: edge}  # the usual way says what is wrong with it
    else:
        items = items_of(edge, environ)
        beside = {key: value for key, value in items.items() if key in _BESIDE}
        scope = {**with_items(scope, items, {**beside, EDGE: edge}), EDGE: edge}
        if PROXY in items:
            scope[PROXY] = items[PROXY]
        environ.update(items)
        refusal = refusal_of(app, edge, environ)
    if edge.hsts is not None and scope.get("scheme") in ("https", "wss"):
        send = _with_hsts(edge.hsts, send)
    if refusal is None:
        return application(scope, receive, send)
    if scope["type"] == "websocket":
        return _refuse_websocket(scope, receive, send, refusal)
    body = b"" if scope["method"] == "HEAD" else refusal.body
    return send_whole(send, head_of(refusal.status, refusal.headers), body)


# What a scope has no place for.
_BESIDE = (PROXY, "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT")


async def _refuse_websocket(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    """Refuse a handshake without TLS: browsers follow no redirect of one."""
    if (await receive())["type"] != "websocket.connect":
        return
    if "websocket.http.response" not in (scope.get("extensions") or ()):
        await send({"type": "websocket.close", "code": 1008})
        return
    is_redirect = refusal.status.startswith("3")
    body = b"This WebSocket needs TLS: wss://\n" if is_redirect else refusal.body
    start = {
        "status": 403 if is_redirect else 400,
        "headers": [(b"content-type", b"text/plain; charset=utf-8")],
    }
    await send({"type": "websocket.http.response.start", **start})
    await send({"type": "websocket.http.response.body", "body": body})


def _with_hsts(value: str, send: Send) -> Send:
    header = encoded([(HSTS, value)])

    def send_securely(message: Message) -> t.Awaitable[None]:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers: list[tuple[bytes, bytes]] = list(message.get("headers") or ())
            if not any(name.lower() == header[0][0] for name, _ in headers):
                message = {**message, "headers": headers + header}
        return send(message)

    return send_securely
