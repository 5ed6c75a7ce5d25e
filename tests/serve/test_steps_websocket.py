"""The steps of a WebSocket: who is refused, who handles errors, which hooks run."""

from __future__ import annotations

import asyncio
import threading
import typing as t

import pytest

from erlen import (
    Blueprint,
    Erlen,
    abort,
    websocket,
)
from tests.gateway.asgi.driver import CONNECT, Message, Server, http, run
from tests.gateway.asgi.driver import websocket as scope_of
from tests.gateway.asgi.speaking import ACCEPT, DONE, Noted, close, refusal, spoken

# refusing


def test_a_hook_that_returns_something_refuses_with_it() -> None:
    async def handler() -> None:
        pytest.fail("not to be reached")

    for answer in (("no", 401), {"error": "no"}, (b"no", 401, {"X-A": "1"})):
        noted = Noted().handled_by(handler)
        noted.app.before_websocket(lambda answer=answer: answer)
        status, body = refusal(noted.spoken(leaves=False))
        assert (status, body[:2]) in ((401, b"no"), (200, b'{"'))
        assert noted.heard == DONE


def test_without_the_extension_it_is_closed_before_it_is_accepted_which_is_a_403() -> None:
    noted = Noted()

    @noted.app.websocket("/")
    async def handler() -> None:
        abort(401)

    assert noted.spoken(scope=scope_of("/", extensions=None), leaves=False) == [close(1000)]
    assert noted.heard == DONE


def test_a_url_without_a_websocket_is_not_found() -> None:
    noted = Noted()
    noted.app.add_url_rule("/http", "http", lambda: "")

    assert refusal(noted.spoken(scope=scope_of("/nowhere"), leaves=False))[0] == 404
    assert refusal(noted.spoken(scope=scope_of("/http"), leaves=False))[0] in (400, 404)


def test_a_handler_that_ends_without_accepting_refuses_the_websocket() -> None:
    async def handler() -> None: ...

    assert Noted().handled_by(handler).spoken(leaves=False) == [close(1000)]


@pytest.mark.parametrize(
    ("origin", "config", "fine"),
    [
        (None, None, True),
        ("http://localhost", None, True),
        ("http://LOCALHOST:80", None, True),
        ("https://localhost", None, False),
        ("http://localhost:81", None, False),
        ("http://evil.example", None, False),
        ("http://localhost.evil.example", None, False),
        ("http://user@localhost", None, False),
        ("null", None, False),
        ("", None, False),
        ("http://[", None, False),
        ("http://localhost:x", None, False),
        ("http://evil.example", "*", True),
        ("http://a.example", ["http://a.example"], True),
        ("http://localhost", ["http://a.example"], False),
        ("http://a.exam", "http://a.example", False),
        ("http://a.example", "http://a.example", True),
        ("http://a.example", [], False),
    ],
)
def test_a_page_of_another_origin_may_not_open_it(origin: str | None, config: t.Any, fine: bool) -> None:
    async def handler() -> None:
        await websocket.accept()

    noted = Noted(WEBSOCKET_ORIGINS=config).handled_by(handler)
    headers = () if origin is None else (("Origin", origin),)

    sent = noted.spoken(scope=scope_of("/", *headers), leaves=False)

    if fine:
        assert sent == [ACCEPT, close(1000)]
    else:
        assert refusal(sent)[0] == 403
    assert noted.heard == DONE


def test_a_host_that_is_not_trusted_is_refused() -> None:
    async def handler() -> None:
        pytest.fail("not to be reached")

    noted = Noted(TRUSTED_HOSTS=["example.org"]).handled_by(handler)

    assert refusal(noted.spoken(leaves=False))[0] == 400


# errors


@pytest.mark.parametrize("accepted", [True, False])
def test_an_error_of_the_handler_is_logged_and_told_as_1011_or_500(accepted: bool) -> None:
    async def handler() -> None:
        if accepted:
            await websocket.accept()
        raise LookupError

    noted = Noted().handled_by(handler)
    after: list[t.Any] = []
    noted.app.after_websocket(lambda response: after.append(response.status_code) or response)

    sent = noted.spoken(leaves=False)

    if accepted:
        assert sent == [ACCEPT, close(1011)]
    else:
        assert refusal(sent)[0] == 500
    assert noted.heard == ["LookupError", "context LookupError"]
    assert after == [500]


@pytest.mark.parametrize("accepted", [True, False])
def test_under_test_the_error_is_raised_besides(accepted: bool) -> None:
    async def handler() -> None:
        if accepted:
            await websocket.accept()
        raise LookupError

    noted = Noted(TESTING=True).handled_by(handler)

    async def main() -> list[Message]:
        server = Server(scope_of("/"), CONNECT)
        with pytest.raises(LookupError):
            await server.start(noted.app)
        return server.sent

    assert run(main())[-1]["type"] in ("websocket.close", "websocket.http.response.body")
    assert noted.heard == ["LookupError", "context LookupError"]


@pytest.mark.parametrize("colour", ["plain", "coroutine"])
def test_error_handlers_answer(colour: str) -> None:
    noted = Noted()

    def plain(error: Exception) -> t.Any:
        return type(error).__name__, 418

    async def coroutine(error: Exception) -> t.Any:
        await asyncio.sleep(0)
        return plain(error)

    handler = plain if colour == "plain" else coroutine
    noted.app.register_error_handler(LookupError, handler)
    noted.app.register_error_handler(500, handler)
    noted.app.register_error_handler(404, handler)

    @noted.app.websocket("/<name>")
    async def view(name: str) -> None:
        raise {"lookup": LookupError, "value": ValueError}[name]

    assert refusal(noted.spoken(scope=scope_of("/lookup"), leaves=False)) == (418, b"LookupError")
    assert refusal(noted.spoken(scope=scope_of("/value"), leaves=False)) == (418, b"InternalServerError")
    assert refusal(noted.spoken(scope=scope_of("/no/where"), leaves=False)) == (418, b"NotFound")
    assert noted.heard == [*DONE, "ValueError", "context ValueError", *DONE]


@pytest.mark.parametrize("where", ["before", "after", "result", "session", "save"])
def test_errors_around_the_handler_are_500s_too(where: str) -> None:
    noted = Noted()

    def fail(*_: t.Any) -> t.NoReturn:
        raise LookupError(where)

    @noted.app.websocket("/")
    async def handler() -> t.Any:
        return object() if where == "result" else ("no", 403)

    if where == "before":
        noted.app.before_websocket(fail)
    elif where == "after":
        noted.app.after_websocket(fail)
    elif where in ("session", "save"):
        kind = type(noted.app.session_interface)
        name = "open_session" if where == "session" else "save_session"
        noted.app.session_interface = type("Broken", (kind,), {name: fail})()

    assert refusal(noted.spoken(leaves=False))[0] == 500
    assert len(noted.heard) == 2


def test_an_error_of_teardown_reaches_the_server_and_the_context_goes_all_the_same() -> None:
    app, log = Erlen("app"), []

    @app.teardown_websocket
    def teardown(error: BaseException | None) -> None:
        raise LookupError

    app.teardown_appcontext(lambda error: log.append("context"))

    @app.websocket("/")
    async def handler() -> None: ...

    with pytest.raises(LookupError):
        spoken(app, leaves=False)

    assert log == ["context"]


# inside


def test_hooks_of_requests_do_not_run_and_those_of_blueprints_do_in_flasks_order() -> None:
    app, log = Erlen("app"), []
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    app.before_request(lambda: pytest.fail("no request"))
    app.teardown_request(lambda error: pytest.fail("no request"))
    for name, where in (("app", app), ("outer", outer), ("inner", inner)):

        def before(name: str = name) -> None:
            log.append(f"before {name}")

        async def after(response: t.Any, name: str = name) -> t.Any:
            log.append(f"after {name} {response}")
            return response

        def teardown(error: t.Any, name: str = name) -> None:
            log.append(f"teardown {name}")

        where.before_websocket(before)
        where.after_websocket(after)
        where.teardown_websocket(teardown)

    @inner.websocket("/")
    async def handler() -> None:
        log.append(websocket.endpoint)

    outer.register_blueprint(inner)
    app.register_blueprint(outer)

    spoken(app, leaves=False)

    assert log == [
        *(f"before {name}" for name in ("app", "outer", "inner")),
        "outer.inner.handler",
        *(f"after {name} None" for name in ("inner", "outer", "app")),
        *(f"teardown {name}" for name in ("inner", "outer", "app")),
    ]


def test_plain_teardowns_run_where_the_pool_is_full() -> None:
    """Nobody may be left without teardown because others use the threads."""
    noted = Noted(ASGI_THREADS=1, ASGI_QUEUE=0)
    noted.app.teardown_websocket(lambda error: noted.heard.append("plain"))
    free, taken = threading.Event(), threading.Event()

    @noted.app.get("/http")
    def view() -> str:
        taken.set()
        free.wait(30)
        return ""

    @noted.app.websocket("/")
    async def handler() -> None:
        await websocket.accept()

    async def main() -> None:
        blocking = Server(http("/http")).start(noted.app)
        await asyncio.get_running_loop().run_in_executor(None, taken.wait)
        task = Server(scope_of("/"), CONNECT).start(noted.app)
        for _ in range(50):
            await asyncio.sleep(0)
        free.set()
        await asyncio.gather(blocking, task)

    run(main())

    assert noted.heard.count("plain") == 1
    assert noted.heard.count("context NoneType") == 2
