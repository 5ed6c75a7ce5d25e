"""The object behind ``websocket``: JSON, subprotocols, iteration; and where it does not answer."""

from __future__ import annotations

import asyncio
import typing as t

import pytest
from werkzeug.test import create_environ

import erlen
from erlen import Erlen, websocket
from erlen.wrappers.websocket import HANDLER, UpgradeRequired, WebSocket, http_view


class Connection:
    """Speak to nobody: give what a test has brought, keep what is sent."""

    def __init__(self, *messages: str | bytes) -> None:
        self.messages = list(messages)
        self.said: list[t.Any] = []

    async def accept(self, headers: t.Iterable[tuple[str, str]], subprotocol: str | None) -> None:
        self.said.append(("accept", list(headers), subprotocol))

    async def receive(self) -> str | bytes:
        return self.messages.pop(0)

    async def receive_or_end(self) -> str | bytes | None:
        return self.messages.pop(0) if self.messages else None

    async def send(self, data: str | bytes) -> None:
        self.said.append(data)

    async def close(self, code: int, reason: str | None) -> None:
        self.said.append(("close", code, reason))


def made(*messages: str | bytes, **headers: str) -> tuple[WebSocket, Connection]:
    connection = Connection(*messages)
    environ = create_environ("/path?q=1", headers={k.replace("_", "-"): v for k, v in headers.items()})
    socket = WebSocket(environ, connection)
    socket.json_module = Erlen("app").json
    return socket, connection


def test_json_goes_both_ways_as_the_application_writes_it() -> None:
    socket, connection = made('{"a": [1]}', b"[2]", "null")

    async def main() -> list[t.Any]:
        await socket.send_json({"a": 1})
        await socket.send_json(1, 2)
        await socket.send_json(b=2)
        await socket.send_json([])
        return [await socket.receive_json() for _ in range(3)]

    assert asyncio.run(main()) == [{"a": [1]}, [2], None]
    assert [Erlen("app").json.loads(text) for text in connection.said] == [{"a": 1}, [1, 2], {"b": 2}, []]


def test_invalid_json_and_values_of_both_kinds_are_errors() -> None:
    socket, connection = made("{", b"\xff")

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(ValueError):  # noqa: PT011  # both JSONDecodeError and UnicodeDecodeError
                await socket.receive_json()
        with pytest.raises(TypeError, match="not both"):
            await socket.send_json(1, a=2)
        with pytest.raises(TypeError):
            await socket.send_json(object())

    asyncio.run(main())
    assert connection.said == []


@pytest.mark.parametrize("offered", [None, [], ["chat"], ["chat.v2", "chat"]])
def test_subprotocols_come_as_the_client_likes_them(offered: list[str] | None) -> None:
    """Of the scope: some servers keep the header to themselves."""
    socket, _ = made()
    if offered is not None:
        socket.environ["asgi.scope"] = {"subprotocols": offered}

    assert socket.requested_subprotocols == (offered or [])


def test_it_reads_the_handshake_as_a_request_does() -> None:
    socket, _ = made(X_A="1", Cookie="c=2")

    assert (socket.path, socket.args["q"], socket.headers["X-A"], socket.cookies["c"]) == (
        "/path",
        "1",
        "1",
        "2",
    )
    assert "werkzeug.request" not in socket.environ


def test_iterating_ends_with_the_messages() -> None:
    socket, _ = made("a", b"b")

    async def main() -> list[t.Any]:
        return [message async for message in socket]

    assert asyncio.run(main()) == ["a", b"b"]


@pytest.mark.parametrize(
    "headers", [{"X-A": "1"}, [("X-A", "1")], erlen.Response(headers={"X-A": "1"}).headers, None]
)
def test_headers_may_be_whatever_names_headers(headers: t.Any) -> None:
    socket, connection = made()

    asyncio.run(socket.accept(headers=headers, subprotocol="chat"))

    kind, pairs, subprotocol = connection.said[0]
    assert (kind, subprotocol) == ("accept", "chat")
    assert (("X-A", "1") in pairs) == (headers is not None)


def test_a_header_with_a_line_break_is_refused() -> None:
    socket, connection = made()

    with pytest.raises(ValueError, match="newline"):
        asyncio.run(socket.accept(headers={"X-A": "1\r\nSet-Cookie: a=b"}))
    assert connection.said == []


def test_closing_says_why() -> None:
    socket, connection = made()

    async def main() -> None:
        await socket.close()
        await socket.close(4000, reason="enough")

    asyncio.run(main())
    assert connection.said == [("close", 1000, None), ("close", 4000, "enough")]


def test_outside_of_a_websocket_it_does_not_answer_and_says_where_it_does() -> None:
    app = Erlen("app")

    with pytest.raises(RuntimeError, match="websocket context"):
        _ = websocket.path
    with app.test_request_context(), pytest.raises(RuntimeError, match="websocket context"):
        _ = websocket.path


def test_the_view_of_a_websockets_url_keeps_its_name_and_raises() -> None:
    async def handler() -> None:
        """Speak."""

    view = http_view(handler)

    assert (view.__name__, view.__doc__, getattr(view, HANDLER)) == ("handler", "Speak.", handler)
    with pytest.raises(UpgradeRequired):
        view(room=1)
