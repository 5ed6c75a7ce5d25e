"""A client for tests that are coroutines: the application runs on the test's own loop."""

from __future__ import annotations

import asyncio
import typing as t

from werkzeug.datastructures import Headers

from . import FlaskClient
from .exchange import body_of, data_of, scope_of
from .websocket import WebSocketDenied, WebSocketEnded

if t.TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.test import TestResponse

    from ..app import Erlen
    from .exchange import Message, Scope


class AsyncClient:
    """A client that sends requests by ASGI and keeps cookies; use it in an ``async with`` block.

    The application is started when the block is entered, and stopped when it is left. Arguments of requests
    are those of the plain client. Responses have the same class, and their bodies are complete.
    """

    def __init__(self, app: Erlen, client: FlaskClient) -> None:
        self.application = app
        self._client = client
        self._lifespan: _Lifespan | None = None

    async def __aenter__(self) -> AsyncClient:
        self._lifespan = _Lifespan(self.application)
        await self._lifespan.ask("startup")
        return self

    async def __aexit__(
        self, exc_type: type | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        assert self._lifespan is not None
        await self._lifespan.ask("shutdown")

    def session_transaction(self, *args: t.Any, **kwargs: t.Any) -> t.ContextManager[t.Any]:
        """Open the session of the next request in a plain ``with`` block, as the plain client does."""
        return self._client.session_transaction(*args, **kwargs)

    async def open(self, *args: t.Any, follow_redirects: bool = False, **kwargs: t.Any) -> TestResponse:
        """Send a request: a path and the arguments of the plain client."""
        response = await self._ask(self._client._request_from_builder_args(args, kwargs).environ)
        history: list[TestResponse] = []
        while follow_redirects and response.status_code in (301, 302, 303, 305, 307, 308):
            if len(history) == _MOST_REDIRECTS:
                raise RuntimeError(
                    f"More than {_MOST_REDIRECTS} redirects; the last one leads to {response.location}."
                )
            history.append(response)
            keeps = response.status_code in (307, 308)
            again = {**kwargs, "method": kwargs.get("method", "GET") if keeps else "GET"}
            if not keeps:
                for name in ("data", "json", "content_type", "query_string"):
                    again.pop(name, None)
            environ = self._client._request_from_builder_args((response.location,), again).environ
            response = await self._ask(environ)
        response.history = tuple(history)
        return response

    async def get(self, *args: t.Any, **kwargs: t.Any) -> TestResponse:
        """Send a GET request."""
        return await self.open(*args, **{**kwargs, "method": "GET"})

    async def post(self, *args: t.Any, **kwargs: t.Any) -> TestResponse:
        """Send a POST request."""
        return await self.open(*args, **{**kwargs, "method": "POST"})

    async def put(self, *args: t.Any, **kwargs: t.Any) -> TestResponse:
        """Send a PUT request."""
        return await self.open(*args, **{**kwargs, "method": "PUT"})

    async def patch(self, *args: t.Any, **kwargs: t.Any) -> TestResponse:
        """Send a PATCH request."""
        return await self.open(*args, **{**kwargs, "method": "PATCH"})

    async def delete(self, *args: t.Any, **kwargs: t.Any) -> TestResponse:
        """Send a DELETE request."""
        return await self.open(*args, **{**kwargs, "method": "DELETE"})

    async def head(self, *args: t.Any, **kwargs: t.Any) -> TestResponse:
        """Send a HEAD request."""
        return await self.open(*args, **{**kwargs, "method": "HEAD"})

    async def options(self, *args: t.Any, **kwargs: t.Any) -> TestResponse:
        """Send an OPTIONS request."""
        return await self.open(*args, **{**kwargs, "method": "OPTIONS"})

    def websocket(
        self, path: str, *args: t.Any, subprotocols: t.Sequence[str] = (), **kwargs: t.Any
    ) -> AsyncWebSocket:
        """Open a WebSocket in an ``async with`` block; arguments are those of a GET request."""
        environ, scope = self._client.handshake(path, args, kwargs, subprotocols)
        return AsyncWebSocket(self._client, environ, scope)

    async def _ask(self, environ: WSGIEnvironment) -> TestResponse:
        client = self._client
        client._add_cookies_to_wsgi(environ)
        exchange = _Conversation(self.application, scope_of(environ))
        exchange.tell({"type": "http.request", "body": body_of(environ), "more_body": False})
        messages = [message async for message in exchange]
        head = messages[0]
        headers = Headers((k.decode("latin1"), v.decode("latin1")) for k, v in head["headers"])
        client.keep_cookies(environ, headers)
        return client.response_of(environ, head["status"], headers, b"".join(map(data_of, messages[1:])))


_MOST_REDIRECTS = 20


class _Conversation:
    """A run of the application for one scope, in a task of its own; iterate over what it sends."""

    def __init__(self, app: Erlen, scope: Scope) -> None:
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._outgoing: asyncio.Queue[Message | None] = asyncio.Queue()
        self.closed = False
        self._task = asyncio.create_task(self._run(app, scope))

    async def _run(self, app: Erlen, scope: Scope) -> None:
        try:
            await app(scope, self._incoming.get, self._send)
        finally:
            self._outgoing.put_nowait(None)

    async def _send(self, message: Message) -> None:
        if self.closed:
            raise OSError("The client has gone away.")
        self._outgoing.put_nowait(message)

    def tell(self, message: Message) -> None:
        self._incoming.put_nowait(message)

    async def next(self) -> Message | None:
        """Return the next message; at the end None, or raise what the application raised."""
        message = None if self._task.done() and self._outgoing.empty() else await self._outgoing.get()
        if message is None:
            await self._task
        return message

    async def __aiter__(self) -> t.AsyncIterator[Message]:
        while (message := await self.next()) is not None:
            yield message


class _Lifespan:
    """A lifespan, from the server's side."""

    def __init__(self, app: Erlen) -> None:
        self._conversation = _Conversation(app, {"type": "lifespan", "asgi": {"version": "3.0"}})

    async def ask(self, what: str) -> None:
        self._conversation.tell({"type": f"lifespan.{what}"})
        answer = await self._conversation.next()
        assert answer is not None
        if answer["type"].endswith("failed"):
            raise RuntimeError(f"The application's {what} failed: {answer.get('message', '')}")


class AsyncWebSocket:
    """A WebSocket to an application: use it in an ``async with`` block."""

    def __init__(self, client: FlaskClient, environ: WSGIEnvironment, scope: Scope) -> None:
        self._client = client
        self._environ = environ
        self._scope = scope
        self.accepted_subprotocol: str | None = None
        self.headers = Headers()

    async def __aenter__(self) -> AsyncWebSocket:
        self._conversation = _Conversation(self._client.application, self._scope)
        self._conversation.tell({"type": "websocket.connect"})
        message = await self._conversation.next()
        if message is None or message["type"] != "websocket.accept":
            messages = [] if message is None else [message]
            messages += [message async for message in self._conversation]
            raise WebSocketDenied(self._client.denial(self._environ, messages))
        self.accepted_subprotocol = message.get("subprotocol")
        self.headers = self._client.keep_headers(self._environ, message)
        return self

    async def __aexit__(
        self, exc_type: type | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, data: str | bytes) -> None:
        """Send a message."""
        kind = "text" if isinstance(data, str) else "bytes"
        self._conversation.tell({"type": "websocket.receive", kind: data})

    async def send_json(self, value: t.Any) -> None:
        """Send a message that is JSON."""
        await self.send(self._client.application.json.dumps(value))

    async def receive(self) -> str | bytes:
        """Wait for a message. Raises WebSocketEnded, and what the handler raised."""
        message = await self._conversation.next()
        if message is None or message["type"] == "websocket.close":
            message = message or {}
            raise WebSocketEnded(message.get("code", 1005), message.get("reason", ""))
        data = message.get("text")
        received: str | bytes = message["bytes"] if data is None else data
        return received

    async def receive_json(self) -> t.Any:
        """Wait for a message that is JSON."""
        return self._client.application.json.loads(await self.receive())

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the WebSocket, and wait for the handler's end. Raises what the handler raised."""
        if not self._conversation.closed:
            self._conversation.closed = True
            self._conversation.tell({"type": "websocket.disconnect", "code": code, "reason": reason})
            async for _ in self._conversation:
                pass
