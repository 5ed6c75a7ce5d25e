"""The middleware around ``asgi_app``: as ``wsgi`` does for WSGI, for requests and for WebSockets."""

from __future__ import annotations

import typing as t

from .exchange import KEY, Exchange, current, safe_id
from .peers import came_by_trusted_proxy, client_of_scope

if t.TYPE_CHECKING:
    from ... import Erlen
    from .installing import Logs

    Message: t.TypeAlias = t.MutableMapping[str, t.Any]
    Scope: t.TypeAlias = t.MutableMapping[str, t.Any]
    Receive: t.TypeAlias = t.Callable[[], t.Awaitable[Message]]
    Send: t.TypeAlias = t.Callable[[Message], t.Awaitable[None]]


class AsgiLog:
    """An ASGI application with the logs around it."""

    def __init__(
        self, app: t.Callable[[t.Any, t.Any, t.Any], t.Awaitable[None]], logs: Logs, application: Erlen
    ) -> None:
        self.app = app
        self.logs = logs
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or KEY in scope:
            await self.app(scope, receive, send)
            return
        logs = self.logs
        exchange = Exchange(self._given_id(scope), scope=scope)
        sender = _Sender(exchange, send, logs.header_bytes, exchange.request_id.encode())
        before = current.get()
        current.set(exchange)
        failed = False
        try:
            await self.app({**scope, KEY: exchange.request_id}, receive, sender)
        except Exception:
            failed = True
            raise
        finally:
            current.set(before)
            if logs.access.is_on:
                logs.access.write(exchange, client_of_scope(self._application, scope), failed=failed)

    def _given_id(self, scope: Scope) -> str | None:
        wanted = self.logs.header_bytes
        for name, value in scope.get("headers") or ():
            if name == wanted and wanted:
                return safe_id(value.decode("latin1")) if came_by_trusted_proxy(scope) else None
        return None


class _Sender:
    """A ``send`` that adds the id to the headers, and counts."""

    __slots__ = ("_exchange", "_header", "_id", "_send")

    def __init__(self, exchange: Exchange, send: Send, header: bytes, request_id: bytes) -> None:
        self._exchange, self._send, self._header, self._id = exchange, send, header, request_id

    def __call__(self, message: Message) -> t.Awaitable[None]:
        kind = message["type"]
        exchange = self._exchange
        if kind in ("http.response.body", "websocket.http.response.body"):
            exchange.size += len(message.get("body") or b"")
        elif kind in ("http.response.start", "websocket.http.response.start"):
            exchange.status = message["status"]
            message = self._with_id(message)
        elif kind == "websocket.accept":
            exchange.status = 101
            message = self._with_id(message)
        elif kind == "websocket.close" and not exchange.status:
            exchange.status = 403
        elif kind == "http.response.pathsend":
            exchange.size = int(exchange.stated or 0)
        return self._send(message)

    def _with_id(self, message: Message) -> Message:
        headers: list[tuple[bytes, bytes]] = list(message.get("headers") or ())
        has_header = not self._header
        for name, value in headers:
            if name == self._header:
                has_header = True
            elif name == b"content-length" and value.isdigit():
                self._exchange.stated = value.decode()
        if has_header:
            return message
        return {**message, "headers": [*headers, (self._header, self._id)]}
