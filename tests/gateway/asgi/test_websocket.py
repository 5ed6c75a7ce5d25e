"""WebSockets over ASGI, message by message: handshakes, refusals, errors, and what is active inside."""

from __future__ import annotations

import asyncio
import typing as t
from io import BytesIO

import pytest
from werkzeug.wsgi import wrap_file

import erlen
from erlen import (
    Erlen,
    Response,
    url_for,
    websocket,
)
from tests.gateway.asgi.driver import Message, Server, run, text
from tests.gateway.asgi.driver import websocket as scope_of
from tests.gateway.asgi.speaking import ACCEPT, DONE, Noted, close, refusal, spoken

# accepting


def test_the_first_message_of_either_side_accepts() -> None:
    async def sends() -> None:
        await websocket.send("a")

    async def receives() -> None:
        await websocket.send(await websocket.receive())

    for handler in (sends, receives):
        noted = Noted().handled_by(handler)
        assert noted.spoken(text("a"), leaves=False) == [
            ACCEPT,
            {"type": "websocket.send", "text": "a"},
            close(1000),
        ]
        assert noted.heard == DONE


def test_it_is_accepted_once_however_many_tasks_begin() -> None:
    saved = 0

    async def handler() -> None:
        await asyncio.gather(*(websocket.send(str(number)) for number in range(3)), websocket.accept())

    noted = Noted().handled_by(handler)
    interface = noted.app.session_interface

    class Slow(type(interface)):  # type: ignore[misc]
        def save_session(self, *args: t.Any) -> None:
            nonlocal saved
            saved += 1
            super().save_session(*args)

    noted.app.session_interface = Slow()
    sent = noted.spoken(leaves=False)

    assert [message["type"] for message in sent].count("websocket.accept") == 1
    assert sent[0] == ACCEPT
    assert sorted(message["text"] for message in sent[1:-1]) == ["0", "1", "2"]
    assert saved == 1


def test_headers_and_a_subprotocol_are_sent_with_the_accept() -> None:
    async def handler() -> None:
        offered = websocket.requested_subprotocols
        await websocket.accept(headers={"X-A": "é"}, subprotocol=offered[1])
        await websocket.accept()

    scope = scope_of("/", ("Sec-WebSocket-Protocol", "chat, chat.v2"), subprotocols=["chat", "chat.v2"])

    sent = Noted().handled_by(handler).spoken(scope=scope, leaves=False)

    assert sent == [
        {"type": "websocket.accept", "subprotocol": "chat.v2", "headers": [(b"x-a", "é".encode("latin1"))]},
        close(1000),
    ]


def test_nothing_runs_for_a_client_that_disconnects_before_the_handshake() -> None:
    async def handler() -> None:
        pytest.fail("not to be reached")

    noted = Noted().handled_by(handler)

    async def main() -> list[Message]:
        server = Server(scope_of("/"), {"type": "websocket.disconnect", "code": 1006})
        await server.start(noted.app)
        return server.sent

    assert run(main()) == []
    assert noted.heard == []


# refusing


@pytest.mark.parametrize("answer", ["generator", "asynchronous", "file"])
def test_a_refusal_may_have_a_body_of_any_kind(answer: str) -> None:
    async def pieces() -> t.AsyncIterator[str]:
        yield "a"
        yield "b"

    answers: dict[str, t.Callable[[], t.Any]] = {
        "generator": lambda: (str(n) for n in range(2)),
        "asynchronous": pieces,
        "file": lambda: Response(wrap_file({}, BytesIO(b"file")), direct_passthrough=True),
    }
    noted = Noted()

    @noted.app.websocket("/")
    async def handler() -> t.Any:
        return answers[answer]()

    status, body = refusal(noted.spoken(leaves=False))

    assert status == 200
    assert body in (b"01", b"ab", b"file")
    assert noted.heard == DONE


# URLs


def test_a_background_task_of_a_websocket_has_left_it() -> None:
    app, seen = Erlen("app"), []
    app.add_url_rule("/page", "page", lambda: "")

    @app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        app.add_background_task(task)
        await asyncio.sleep(0.01)

    async def task() -> None:
        seen.append(erlen.has_websocket_context())
        with pytest.raises(RuntimeError, match="no request is active"):
            url_for("page")

    spoken(app, leaves=False)

    assert seen == [False]
