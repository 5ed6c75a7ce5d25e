"""WebSockets: the object behind ``websocket``, and the answer where there can be none (RFC 6455)."""

from __future__ import annotations

import typing as t
from collections.abc import AsyncIterator
from functools import update_wrapper

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from ..servers import refuses_hop_headers
from . import Request

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Data: t.TypeAlias = "str | bytes"
HANDLER = "websocket_handler"

if t.TYPE_CHECKING:

    class Connection(t.Protocol):
        """The connection of a WebSocket, as a gateway implements it."""

        async def accept(self, headers: t.Iterable[tuple[str, str]], subprotocol: str | None) -> None: ...
        async def receive(self) -> Data: ...
        async def receive_or_end(self) -> Data | None: ...
        async def send(self, data: Data) -> None: ...
        async def close(self, code: int, reason: str | None) -> None: ...


class WebSocket(Request):
    """The WebSocket of a handler: the request that opened it, and its messages.

    The first message, in either direction, accepts it, unless :meth:`accept` was called before.
    """

    def __init__(self, environ: WSGIEnvironment, connection: Connection) -> None:
        super().__init__(environ, populate_request=False)
        self._connection = connection

    @property
    def scheme(self) -> str:  # type: ignore[override]
        """``ws`` or ``wss``."""
        return "wss" if self.environ["wsgi.url_scheme"] == "https" else "ws"

    @property
    def requested_subprotocols(self) -> list[str]:
        """The subprotocols that the client offers, the preferred one first."""
        scope: t.Mapping[str, t.Any] = self.environ.get("asgi.scope") or {}
        return list(scope.get("subprotocols") or ())

    async def accept(self, headers: t.Any = None, subprotocol: str | None = None) -> None:
        """Accept the WebSocket, with further response headers and one of the client's subprotocols.

        The session is saved now. Accepting again does nothing.
        """
        await self._connection.accept(list(Headers(headers)), subprotocol)

    async def receive(self) -> Data:
        """Wait for a message: text or bytes.

        Raises WebSocketClosed where the client has gone; it is a CancelledError, so that a handler which
        does not catch it ends.
        """
        return await self._connection.receive()

    async def receive_json(self) -> t.Any:
        """Wait for a message that is JSON. Raises ValueError for one that is not."""
        return self.json_module.loads(await self.receive())

    async def send(self, data: Data) -> None:
        """Send text or bytes, as soon as the client takes it. Raises WebSocketClosed as above."""
        await self._connection.send(data)

    async def send_json(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Send a value as JSON, or several as ``jsonify`` takes them."""
        if args and kwargs:
            raise TypeError("send_json() takes values or keyword arguments, not both.")
        value = args[0] if len(args) == 1 else list(args) or kwargs
        await self.send(self.json_module.dumps(value))

    async def close(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, code: int = 1000, reason: str | None = None
    ) -> None:
        """Close the WebSocket, or refuse it where it was not accepted (RFC 6455, section 7.4)."""
        await self._connection.close(code, reason)

    async def __aiter__(self) -> AsyncIterator[Data]:
        """Yield each message until the WebSocket is closed, by either side."""
        while (message := await self._connection.receive_or_end()) is not None:
            yield message


class UpgradeRequired(HTTPException):
    """An error (426) about a plain request to the URL of a WebSocket (RFC 9110, section 15.5.22)."""

    code = 426
    name = "Upgrade Required"  # pyright: ignore[reportIncompatibleMethodOverride, reportAssignmentType]
    description = (
        "This URL is a WebSocket. Its server has to speak ASGI: start it with"
        " 'uvicorn module:app', 'hypercorn module:app' or 'granian --interface asgi module:app'."
    )

    def get_headers(
        self, environ: WSGIEnvironment | None = None, scope: dict[str, t.Any] | None = None
    ) -> list[tuple[str, str]]:
        headers = super().get_headers(environ, scope)
        if environ is not None and refuses_hop_headers(environ):
            return headers
        return [*headers, ("Upgrade", "websocket"), ("Connection", "Upgrade")]


def http_view(handler: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Return the view function for the URL of a WebSocket: it answers that a WebSocket is needed."""

    def view(**_: t.Any) -> t.NoReturn:
        raise UpgradeRequired

    update_wrapper(view, handler)
    del vars(view)["__wrapped__"]
    setattr(view, HANDLER, handler)
    return view
