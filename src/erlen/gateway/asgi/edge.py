"""The edge of an application by ASGI: what ``erlen.gateway.edge`` does to an environ is done to a scope."""

from __future__ import annotations

import typing as t

from ..edge import EDGE, HSTS, items_of, refusal_of
from ..forwarded import PROXY
from .environ import MalformedScope, make_environ
from .messages import encoded, refuse

if t.TYPE_CHECKING:
    from ...plan.edge import Edge
    from ...serve.contract import Application
    from ..edge import Refusal
    from ..forwarded import Items
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
        scope = _changed(scope, edge, items)
        environ.update(items)
        refusal = refusal_of(app, edge, environ)
    if edge.hsts is not None and scope.get("scheme") in ("https", "wss"):
        send = _with_hsts(edge.hsts, send)
    if refusal is None:
        return application(scope, receive, send)
    if scope["type"] == "websocket":
        return _refuse_websocket(scope, receive, send, refusal)
    return refuse(send, *refusal[:2], *refusal.headers)


def _changed(scope: Scope, edge: Edge, items: Items) -> Scope:
    """Return a scope of which an environ with *items* is made."""
    extensions = scope.get("extensions") or {}
    beside = {key: items[key] for key in (PROXY, *_BESIDE) if items.get(key) is not None}
    beside = {**(extensions.get("erlen.environ") or {}), **beside, EDGE: edge}
    changed = {**scope, EDGE: edge, "extensions": {**extensions, "erlen.environ": beside}}
    if "REMOTE_ADDR" in items:
        address = items["REMOTE_ADDR"]
        # The port of the client is not told: as uvicorn says it.
        changed["client"] = None if address is None else (address, 0)
    scheme, host = items.get("wsgi.url_scheme"), items.get("HTTP_HOST")
    if scheme is not None:
        is_secure = scheme == "https"
        changed["scheme"] = ("wss" if is_secure else "ws") if scope["type"] == "websocket" else scheme
    if host is not None:
        others = [pair for pair in scope.get("headers") or () if pair[0].lower() != b"host"]
        changed["headers"] = [(b"host", host.encode("latin1")), *others]
    return changed


# Items of an environ for which a scope has no place, or one that means something else: ``path`` begins with
# ``root_path``, and a proxy has taken its prefix off.
_BESIDE = ("SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT")


async def _refuse_websocket(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    """Refuse a handshake without TLS: browsers follow no redirect of one."""
    if (await receive())["type"] != "websocket.connect":
        return
    if "websocket.http.response" not in (scope.get("extensions") or ()):
        await send({"type": "websocket.close", "code": 1008})
        return
    text = "This WebSocket needs TLS: wss://" if refusal.headers else refusal.text
    start = {"status": 403, "headers": [(b"content-type", b"text/plain; charset=utf-8")]}
    await send({"type": "websocket.http.response.start", **start})
    await send({"type": "websocket.http.response.body", "body": f"{text}\n".encode()})


def _with_hsts(value: str, send: Send) -> Send:
    header = encoded([(HSTS, value)])

    def send_securely(message: Message) -> t.Awaitable[None]:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = list(message.get("headers") or ())
            if not any(name.lower() == header[0][0] for name, _ in headers):
                message = {**message, "headers": headers + header}
        return send(message)

    return send_securely
