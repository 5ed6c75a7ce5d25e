"""Under ASGI it is as under WSGI, for every way that a request takes, and for WebSockets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from erlen import Erlen, EventStream, Response, abort, send_file, websocket
from erlen.deploy import logs
from tests.deploy.logs.test_wsgi import accesses
from tests.gateway.asgi.driver import CONNECT, Server, ask_once, http, run, text
from tests.gateway.asgi.driver import websocket as websocket_scope

Make = Callable[..., Erlen]


@pytest.fixture
def app(make: Make) -> Erlen:
    app = make(LOG_ACCESS=True)

    @app.get("/coroutine")
    async def coroutine() -> str:
        await asyncio.sleep(0)
        app.logger.info("here")
        return str(logs.request_id())

    @app.get("/plain")
    def plain() -> str:
        app.logger.info("here")
        return str(logs.request_id())

    @app.get("/hooks")
    async def hooks() -> str:
        app.logger.info("here")
        return str(logs.request_id())

    @app.get("/broken")
    async def broken() -> str:
        raise ValueError(str(logs.request_id()))

    @app.get("/stream")
    async def stream() -> EventStream:
        async def source() -> AsyncIterator[str]:
            await asyncio.sleep(0)
            yield str(logs.request_id())

        return EventStream(source())

    @app.get("/file")
    async def file() -> Response:
        return send_file(__file__)

    return app


@pytest.mark.parametrize("path", ["/coroutine", "/plain", "/hooks"])
def test_every_way_of_a_request_has_one_id(
    app: Erlen, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    if path == "/hooks":
        app.before_request(lambda: None)
    answer = ask_once(app, http(path))
    own = answer.headers["x-request-id"]
    assert answer.text == own
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(f" [{own}]: " in line for line in lines)
    (record,) = accesses(caplog)
    assert (record["status"], record["bytes"], record["path"]) == (200, len(own), path)


def test_coroutine_views_stay_on_the_loop(app: Erlen) -> None:
    threads: list[int] = []

    @app.get("/thread")
    async def thread() -> str:
        threads.append(threading.get_ident())
        return ""

    ask_once(app, http("/thread"))
    assert threads == [threading.get_ident()]
    assert app.request_planner.current(app).on_loop


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/missing", 404)])
def test_errors_have_the_id_too(app: Erlen, caplog: pytest.LogCaptureFixture, path: str, status: int) -> None:
    answer = ask_once(app, http(path))
    assert len(answer.headers["x-request-id"]) == 24
    assert [record["status"] for record in accesses(caplog)] == [status]


def test_an_answer_of_the_gateway_itself_is_logged(app: Erlen, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask_once(app, http("/plain", "GET", ("Content-Length", "x")))
    assert answer.status == 400
    assert "x-request-id" in answer.headers
    assert [record["status"] for record in accesses(caplog)] == [400]


def test_a_stream_is_logged_at_its_end_and_its_source_has_the_id(
    app: Erlen, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ask_once(app, http("/stream"))
    assert answer.headers["x-request-id"] in answer.text
    assert [record["bytes"] for record in accesses(caplog)] == [len(answer.body)]


def test_a_file_that_the_server_sends_has_the_stated_length(
    app: Erlen, caplog: pytest.LogCaptureFixture
) -> None:
    scope = http("/file", extensions={"http.response.pathsend": {}})

    async def main() -> list[Any]:
        server = Server(scope, {"type": "http.request", "body": b""})
        await server.start(app)
        return server.sent

    sent = run(main())
    assert sent[-1]["type"] == "http.response.pathsend"
    with open(__file__, "rb") as file:
        assert [record["bytes"] for record in accesses(caplog)] == [len(file.read())]


def test_a_request_that_is_cancelled_is_logged_without_a_status(
    app: Erlen, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(60)
        return ""

    async def main() -> None:
        task = Server(http("/slow"), {"type": "http.request", "body": b""}).start(app)
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert [(record["status"], record.get("failed")) for record in accesses(caplog)] == [(0, None)]


def test_an_exception_that_the_server_gets_is_logged_as_its_500(
    app: Erlen, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ValueError, match=r"^[0-9a-f]{24}$"):
        ask_once(app, http("/broken"))
    assert [(record["status"], record["failed"]) for record in accesses(caplog)] == [(500, True)]


@pytest.mark.parametrize(("peer", "taken"), [("10.0.0.1", True), ("10.0.0.2", False)])
def test_a_trusted_proxy_may_name_the_id(app: Erlen, peer: str, taken: bool) -> None:
    app.config["TRUSTED_PROXIES"] = "10.0.0.1"
    for given, is_safe in (("trace-1", True), ("a b", False)):
        answer = ask_once(app, http("/plain", "GET", ("X-Request-ID", given), client=(peer, 1)))
        assert (answer.text == given) is (taken and is_safe)


def test_two_applications_one_in_the_other_have_one_id(
    app: Erlen, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    outer = make(LOG_ACCESS=True)
    outer.asgi_app.app = app.asgi_app  # type: ignore[attr-defined]
    answer = ask_once(outer, http("/coroutine"))
    assert answer.text == answer.headers["x-request-id"]
    assert len(accesses(caplog)) == 1


def test_other_wsgi_middleware_leaves_one_id_and_one_record(
    app: Erlen, caplog: pytest.LogCaptureFixture
) -> None:
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start_response: inner(environ, start_response)  # type: ignore[method-assign]
    answer = ask_once(app, http("/coroutine"))
    assert answer.text == answer.headers["x-request-id"]
    assert len(accesses(caplog)) == 1


def test_a_proxy_fix_around_it_names_the_client_and_the_loop_is_kept(
    app: Erlen, caplog: pytest.LogCaptureFixture
) -> None:
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    ask_once(app, http("/coroutine", "GET", ("X-Forwarded-For", "9.9.9.9")))
    assert [record["client"] for record in accesses(caplog)] == ["9.9.9.9"]
    assert app.request_planner.current(app).on_loop


def test_the_lifespan_passes(app: Erlen) -> None:
    async def main() -> list[str]:
        messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        sent: list[str] = []

        async def receive() -> Any:
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
        return sent

    assert run(main()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def speak(app: Erlen, path: str) -> list[Any]:
    async def main() -> list[Any]:
        server = Server(websocket_scope(path), CONNECT, text("a"))
        await server.start(app)
        return server.sent

    return run(main())


def test_a_websocket_has_an_id_in_its_records_and_its_handshake(
    app: Erlen, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.websocket("/echo")
    async def echo() -> None:
        await websocket.accept(headers={"X-A": "b"})
        app.logger.info("here")
        await websocket.send(str(logs.request_id()))

    accepted, said, _ = speak(app, "/echo")
    headers = dict(accepted["headers"])
    assert headers[b"x-a"] == b"b"
    assert said["text"] == headers[b"x-request-id"].decode()
    assert capsys.readouterr().err.count(f"[{said['text']}]") == 2
    (record,) = accesses(caplog)
    assert (record["method"], record["path"], record["status"]) == ("WEBSOCKET", "/echo", 101)


def test_a_websocket_that_is_refused_is_logged(app: Erlen, caplog: pytest.LogCaptureFixture) -> None:
    @app.websocket("/refused")
    async def refused() -> None:
        abort(403)

    start = speak(app, "/refused")[0]
    assert b"x-request-id" in dict(start["headers"])
    assert [record["status"] for record in accesses(caplog)] == [403]


def test_a_websocket_that_is_closed_before_it_is_accepted_is_logged_as_the_403_that_servers_send(
    app: Erlen, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        scope = websocket_scope("/x", extensions={})
        await Server(scope, CONNECT).start(app)

    run(main())
    assert [record["status"] for record in accesses(caplog)] == [403]
