"""Ask an application by ASGI as a server does: on the loop that is running, without a socket."""

from __future__ import annotations

import asyncio
import typing as t
from urllib.parse import unquote

Headers: t.TypeAlias = "t.Sequence[tuple[str, str]]"
Message: t.TypeAlias = "dict[str, t.Any]"


class Answer:
    """Be what a client got: complete is False where the application broke off."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.pieces: list[bytes] = []
        self.complete = False

    def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not self.status, "the head was sent twice"
            self.status = message["status"]
            self.headers = [(name.decode(), value.decode("latin1")) for name, value in message["headers"]]
        else:
            assert not self.complete, "a piece was sent after the end"
            self.pieces.append(message.get("body", b""))
            self.complete = not message.get("more_body", False)

    @property
    def text(self) -> str:
        return b"".join(self.pieces).decode()

    def values(self, name: str) -> list[str]:
        """List the values of a header, in their order."""
        return [value for given, value in self.headers if given.lower() == name.lower()]


def scope_of(kind: str, path: str, headers: Headers = (), root_path: str = "") -> Message:
    """Make the scope of a connection: ASGI 3, spec version 2.5."""
    raw, _, query = path.partition("?")
    pairs = [("host", "localhost"), *headers]
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": root_path,
        "headers": [(name.lower().encode(), value.encode("latin1")) for name, value in pairs],
        "client": ("192.0.2.7", 4000),
        "server": ("localhost", 80),
        "state": {},
    }


async def ask(
    app: t.Any,
    path: str,
    *,
    method: str = "GET",
    headers: Headers = (),
    body: t.Sequence[bytes] = (),
    pause: t.Callable[[], t.Awaitable[None]] | None = None,
) -> Answer:
    """Send a request and return its answer; *body* comes in these pieces.

    *pause* is awaited before each message is taken. It raises what the application raises.
    """
    answer = Answer()
    pieces = list(body)
    if pieces:
        headers = [*headers, ("content-length", str(sum(map(len, pieces))))]
    left: list[bytes] = pieces or [b""]

    async def receive() -> Message:
        if left:
            data = left.pop(0)
            return {"type": "http.request", "body": data, "more_body": bool(left)}
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(message: Message) -> None:
        if pause is not None:
            await pause()
        answer.take(message)

    await app({**scope_of("http", path, headers), "method": method}, receive, send)
    return answer


class Lifespan:
    """Be the life of a server: start-up on entering, shutdown on leaving."""

    def __init__(self, app: t.Any) -> None:
        self._app = app
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Future[None] | None = None

    async def __aenter__(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self._task = asyncio.ensure_future(self._app(scope, self._to_app.get, self._from_app.put))
        await self._step("startup")

    async def __aexit__(self, *_: object) -> None:
        await self._step("shutdown")
        assert self._task is not None
        await self._task

    async def _step(self, name: str) -> None:
        await self._to_app.put({"type": f"lifespan.{name}"})
        answer = await self._from_app.get()
        assert answer == {"type": f"lifespan.{name}.complete"}, answer


class Socket:
    """Be the client of one WebSocket."""

    def __init__(self, app: t.Any, path: str, headers: Headers = ()) -> None:
        self._app = app
        self._scope = {**scope_of("websocket", path, headers), "subprotocols": []}
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Socket:
        self._task = asyncio.ensure_future(self._app(self._scope, self._to_app.get, self._from_app.put))
        await self._to_app.put({"type": "websocket.connect"})
        message = await self._from_app.get()
        assert message["type"] == "websocket.accept", message
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._to_app.put({"type": "websocket.disconnect", "code": 1000})
        assert self._task is not None
        await self._task

    async def send(self, text: str) -> None:
        await self._to_app.put({"type": "websocket.receive", "text": text})

    async def receive(self) -> str:
        message = await self._from_app.get()
        assert message["type"] == "websocket.send", message
        return str(message["text"])
