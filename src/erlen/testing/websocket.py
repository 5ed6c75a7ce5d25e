"""A WebSocket in a test, from the client's side and without a server."""

from __future__ import annotations

import typing as t

from werkzeug.datastructures import Headers

from .exchange import Exchange, scope_of

if t.TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.test import TestResponse

    from . import FlaskClient
    from .exchange import Scope


class WebSocketDenied(Exception):
    """An exception that says that the application refused the WebSocket, with its ``response``."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__(f"The WebSocket was refused: {response.status}")
        self.response = response


class WebSocketEnded(Exception):
    """An exception that says that the application closed the WebSocket, with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"The application closed the WebSocket: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


def scope_of_handshake(environ: WSGIEnvironment, subprotocols: t.Sequence[str]) -> Scope:
    """Return the scope of the WebSocket handshake in *environ*."""
    scope = scope_of(environ)
    scope.update(
        type="websocket",
        scheme="wss" if scope["scheme"] == "https" else "ws",
        subprotocols=list(subprotocols),
    )
    del scope["method"]
    scope["extensions"]["websocket.http.response"] = {}
    return scope


class WebSocketSession:
    """A WebSocket to an application: use it in a ``with`` block."""

    def __init__(self, client: FlaskClient, environ: WSGIEnvironment, scope: Scope) -> None:
        self._client = client
        self._environ = environ
        self._exchange = Exchange(scope)
        # The response to the handshake.
        self.accepted_subprotocol: str | None = None
        self.headers = Headers()

    def __enter__(self) -> WebSocketSession:
        self._exchange.tell({"type": "websocket.connect"})
        self._exchange.begin(self._client.application)
        message = self._exchange.next()
        if message is None or message["type"] != "websocket.accept":
            messages = iter(self._exchange.next, None)
            answer = messages if message is None else [message, *messages]
            raise WebSocketDenied(self._client.denial(self._environ, answer))
        self.accepted_subprotocol = message.get("subprotocol")
        self.headers = self._client.keep_headers(self._environ, message)
        return self

    def __exit__(
        self, exc_type: type | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def send(self, data: str | bytes) -> None:
        """Send a message."""
        kind = "text" if isinstance(data, str) else "bytes"
        self._exchange.tell({"type": "websocket.receive", kind: data})

    def send_json(self, value: t.Any) -> None:
        """Send a message that is JSON."""
        self.send(self._client.application.json.dumps(value))

    def receive(self) -> str | bytes:
        """Wait for a message. Raises WebSocketEnded, and what the handler raised."""
        message = self._exchange.next()
        if message is None or message["type"] == "websocket.close":
            message = message or {}
            raise WebSocketEnded(message.get("code", 1005), message.get("reason", ""))
        data = message.get("text")
        received: str | bytes = message["bytes"] if data is None else data
        return received

    def receive_json(self) -> t.Any:
        """Wait for a message that is JSON."""
        return self._client.application.json.loads(self.receive())

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the WebSocket, and wait for the handler's end. Raises what the handler raised."""
        self._exchange.hang_up({"type": "websocket.disconnect", "code": code, "reason": reason})
