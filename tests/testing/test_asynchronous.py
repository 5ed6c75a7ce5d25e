"""The client for tests that are coroutines: the application runs on the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from erlen import Erlen, redirect, request, session, websocket
from erlen.testing import WebSocketDenied, WebSocketEnded

R = TypeVar("R")


def run(main: Coroutine[Any, Any, R]) -> R:
    return asyncio.run(asyncio.wait_for(main, 30))


# start and stop


def test_the_application_is_started_and_stopped_with_the_block(app: Erlen) -> None:
    log: list[str] = []
    app.before_serving(lambda: log.append("start"))
    app.after_serving(lambda: log.append("stop"))

    async def main() -> None:
        async with app.async_test_client() as client:
            assert client.application is app
            assert log == ["start"]
        assert log == ["start", "stop"]

    run(main())


def test_a_start_that_fails_is_an_error_of_the_test(app: Erlen) -> None:
    @app.before_serving
    def fail() -> None:
        raise LookupError("no database")

    async def main() -> None:
        async with app.async_test_client():
            pytest.fail("It was started.")

    with pytest.raises((RuntimeError, LookupError), match="no database"):
        run(main())


# requests


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_requests_of_each_method_are_answered_on_the_tests_loop(app: Erlen, method: str) -> None:
    loops: list[object] = []

    @app.route("/", methods=[method.upper()], provide_automatic_options=False)
    async def view() -> str:
        loops.append(asyncio.get_running_loop())
        return f"{request.method} {request.args.get('x')}"

    async def main() -> str:
        async with app.async_test_client() as client:
            response = await getattr(client, method)("/", query_string={"x": "é"})
            assert loops == [asyncio.get_running_loop()]
            assert response.status_code == 200
            return str(response.text)

    assert run(main()) == f"{method.upper()} é"


def test_head_is_answered_without_a_body(app: Erlen) -> None:
    app.add_url_rule("/", "view", lambda: "text")

    async def main() -> tuple[bytes, int | None]:
        async with app.async_test_client() as client:
            response = await client.head("/")
            return response.data, response.content_length

    assert run(main()) == (b"", 4)


def test_bodies_are_sent_and_json_is_read(app: Erlen) -> None:
    @app.post("/")
    async def view() -> Any:
        return {"json": request.get_json(silent=True), "form": request.form.to_dict()}

    async def main() -> list[Any]:
        async with app.async_test_client() as client:
            answers = [await client.post("/", json=[1]), await client.post("/", data={"a": "b"})]
            return [answer.json for answer in answers]

    assert run(main()) == [{"json": [1], "form": {}}, {"json": None, "form": {"a": "b"}}]


def test_cookies_and_sessions_are_kept(app: Erlen) -> None:
    @app.get("/")
    async def count() -> str:
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    async def main() -> list[str]:
        async with app.async_test_client() as client:
            with client.session_transaction() as stored:
                stored["n"] = 5
            return [(await client.get("/")).text for _ in range(2)]

    assert run(main()) == ["6", "7"]


def test_an_error_that_propagates_is_raised_in_the_test(app: Erlen) -> None:
    @app.get("/")
    def view() -> str:
        raise ZeroDivisionError

    async def main() -> None:
        async with app.async_test_client() as client:
            with pytest.raises(ZeroDivisionError):
                await client.get("/")

    run(main())


@pytest.mark.parametrize(("code", "method"), [(302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_redirects_are_followed_when_asked(app: Erlen, code: int, method: str) -> None:
    app.add_url_rule("/", "start", lambda: redirect("/end", code), methods=["POST"])

    @app.route("/end", methods=["GET", "POST"])
    async def end() -> str:
        return f"{request.method} {request.get_data(as_text=True)}"

    async def main() -> tuple[Any, ...]:
        async with app.async_test_client() as client:
            first = await client.post("/", data="body")
            last = await client.post("/", data="body", follow_redirects=True)
            return first.status_code, last.text, [one.status_code for one in last.history]

    assert run(main()) == (code, f"{method} {'body' if method == 'POST' else ''}", [code])


def test_redirects_without_end_are_an_error(app: Erlen) -> None:
    app.add_url_rule("/", "view", lambda: redirect("/"))

    async def main() -> None:
        async with app.async_test_client() as client:
            with pytest.raises(RuntimeError, match="More than 20 redirects; the last one leads to /"):
                await client.get("/", follow_redirects=True)

    run(main())


# WebSockets


def test_a_websocket_is_spoken_with(app: Erlen) -> None:
    @app.websocket("/")
    async def handler() -> None:
        await websocket.accept(subprotocol=websocket.requested_subprotocols[0], headers={"X-A": "1"})
        async for message in websocket:
            await websocket.send(message)

    async def main() -> list[Any]:
        async with app.async_test_client() as client, client.websocket("/", subprotocols=["b"]) as ws:
            await ws.send("é")
            await ws.send(b"\xff")
            await ws.send_json({"a": 1})
            received = [await ws.receive(), await ws.receive(), await ws.receive_json()]
            return [ws.accepted_subprotocol, ws.headers["X-A"], *received]

    assert run(main()) == ["b", "1", "é", b"\xff", {"a": 1}]


def test_a_refused_websocket_has_the_response(app: Erlen) -> None:
    @app.websocket("/")
    async def handler() -> Any:
        return {"error": "no"}, 403

    async def main() -> tuple[int, Any]:
        async with app.async_test_client() as client:
            with pytest.raises(WebSocketDenied) as denied:
                await client.websocket("/").__aenter__()
            return denied.value.response.status_code, denied.value.response.json

    assert run(main()) == (403, {"error": "no"})


def test_the_end_of_a_websocket_has_code_and_reason(app: Erlen) -> None:
    @app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        await websocket.close(4000, "enough")

    async def main() -> tuple[int, str]:
        async with app.async_test_client() as client, client.websocket("/") as ws:
            with pytest.raises(WebSocketEnded) as ended:
                await ws.receive()
            return ended.value.code, ended.value.reason

    assert run(main()) == (4000, "enough")


def test_leaving_the_block_ends_the_handler_of_a_websocket(app: Erlen) -> None:
    log: list[str] = []
    app.teardown_websocket(lambda error: log.append("teardown"))

    @app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            log.append("ends")

    async def main() -> None:
        async with app.async_test_client() as client:
            async with client.websocket("/"):
                assert log == []
            assert log == ["ends", "teardown"]

    run(main())
