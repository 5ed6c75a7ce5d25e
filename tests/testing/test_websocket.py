"""The test client speaks with WebSockets."""

from __future__ import annotations

import asyncio
import typing as t

import pytest

from erlen import Erlen, session, websocket
from erlen.testing import WebSocketDenied, WebSocketEnded

# WebSockets


def test_a_websocket_is_spoken_with(app: Erlen) -> None:
    @app.websocket("/")
    async def echo() -> None:
        await websocket.accept(subprotocol=(websocket.requested_subprotocols or [None])[0])
        async for message in websocket:
            await websocket.send(message)

    with app.test_client().websocket("/", subprotocols=["b", "a"], headers={"X-A": "1"}) as ws:
        assert ws.accepted_subprotocol == "b"
        ws.send("é")
        ws.send(b"\xff")
        ws.send_json({"a": 1})
        assert (ws.receive(), ws.receive(), ws.receive_json()) == ("é", b"\xff", {"a": 1})


def test_the_end_says_code_and_reason(app: Erlen) -> None:
    @app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        await websocket.close(4000, "enough")

    with app.test_client().websocket("/") as ws, pytest.raises(WebSocketEnded) as ended:
        ws.receive()

    assert (ended.value.code, ended.value.reason) == (4000, "enough")


def test_a_refusal_has_the_response_and_its_cookies(app: Erlen) -> None:
    @app.websocket("/")
    async def handler() -> t.Any:
        session["n"] = 1
        return {"error": "no"}, 403

    @app.get("/n")
    async def n() -> str:
        return str(session.get("n"))

    client = app.test_client()
    with pytest.raises(WebSocketDenied) as denied, client.websocket("/"):
        pass

    assert (denied.value.response.status_code, denied.value.response.json) == (403, {"error": "no"})
    assert client.get("/n").text == "1"


def test_an_error_of_the_handler_is_raised_in_the_test(app: Erlen) -> None:
    @app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        raise LookupError

    with pytest.raises(LookupError), app.test_client().websocket("/") as ws, pytest.raises(WebSocketEnded):
        ws.receive()


@pytest.mark.parametrize("wrong", ["test", "handler"])
def test_an_error_of_the_test_is_the_one_that_is_seen(app: Erlen, wrong: str) -> None:
    @app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        if wrong == "handler":
            await asyncio.sleep(0)

    with pytest.raises(ZeroDivisionError), app.test_client().websocket("/"):
        _ = 1 // 0


def test_leaving_the_block_ends_the_handler(app: Erlen) -> None:
    log: list[str] = []
    app.teardown_websocket(lambda error: log.append("teardown"))

    @app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            log.append("ends")

    with app.test_client().websocket("/"):
        assert log == []

    assert log == ["ends", "teardown"]
