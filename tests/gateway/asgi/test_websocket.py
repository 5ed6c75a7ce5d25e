"""WebSockets over ASGI, message by message: handshakes, refusals, errors, and what is active inside."""

from __future__ import annotations

import asyncio
import threading
import typing as t
from io import BytesIO

import pytest
from werkzeug.routing import BaseConverter
from werkzeug.wsgi import wrap_file

import erlen
from erlen import (
    Blueprint,
    Erlen,
    Response,
    abort,
    current_app,
    g,
    render_template_string,
    request,
    session,
    url_for,
    websocket,
)
from tests.gateway.asgi.driver import CONNECT, Message, Server, http, run, text
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


def test_a_client_that_went_away_before_the_handshake_runs_nothing() -> None:
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


def test_a_url_without_a_websocket_is_not_found() -> None:
    noted = Noted()
    noted.app.add_url_rule("/http", "http", lambda: "")

    assert refusal(noted.spoken(scope=scope_of("/nowhere"), leaves=False))[0] == 404
    assert refusal(noted.spoken(scope=scope_of("/http"), leaves=False))[0] in (400, 404)


def test_a_handler_that_ends_without_a_word_closes_before_it_accepted() -> None:
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


def test_inside_the_websocket_answers_and_the_request_does_not() -> None:
    seen: list[t.Any] = []

    async def handler(room: int) -> None:
        seen.append((room, websocket.path, websocket.args["q"], websocket.headers["X-A"]))
        seen.append(websocket.view_args)
        seen.append((current_app.name, g.user, session.get("n"), erlen.has_request_context()))
        with pytest.raises(RuntimeError, match="request"):
            _ = request.path

    noted = Noted()
    noted.app.websocket("/<int:room>")(handler)

    @noted.app.before_websocket
    def before() -> None:
        g.user = "amy"

    noted.spoken(scope=scope_of("/7?q=1", ("X-A", "2")), leaves=False)

    assert seen == [(7, "/7", "1", "2"), {"room": 7}, ("app", "amy", None, False)]


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


@pytest.mark.parametrize("end", ["accepted", "refused"])
def test_the_session_is_saved_with_what_answers_the_handshake(end: str) -> None:
    async def handler() -> t.Any:
        session["n"] = 1
        if end == "refused":
            return "no", 403
        await websocket.accept()
        session["n"] = 2
        return None

    sent = Noted().handled_by(handler).spoken(leaves=False)

    headers = dict(sent[0]["headers"])
    assert headers[b"set-cookie"].startswith(b"session=")
    assert headers[b"vary"] == b"Cookie"
    assert sum(b"set-cookie" in dict(message.get("headers", ())) for message in sent) == 1


def test_a_session_that_nobody_touched_sets_no_cookie() -> None:
    async def handler() -> None:
        await websocket.accept()

    assert Noted().handled_by(handler).spoken(leaves=False) == [ACCEPT, close(1000)]


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


# URLs


def linked(scope: dict[str, t.Any]) -> tuple[list[t.Any], Noted]:
    """Build URLs in each function of a WebSocket; return what the handler built."""
    noted, urls = Noted(), []
    app, part = noted.app, Blueprint("part", "part", url_prefix="/part")
    app.add_url_rule("/page/<int:n>", "page", lambda n: "")
    part.add_url_rule("/in", "in", lambda: "")

    @part.websocket("/ws")
    async def socket() -> None:
        for arguments in (
            {"endpoint": "page", "n": 1},
            {"endpoint": "page", "n": 1, "_external": True},
            {"endpoint": "page", "n": 1, "_scheme": "https"},
            {"endpoint": "page", "n": 1, "_anchor": "x"},
            {"endpoint": ".in"},
            {"endpoint": "part.socket"},
            {"endpoint": ".socket", "_scheme": "https"},
        ):
            urls.append(url_for(**arguments))
        text = "{{ url_for('.in') }} {{ url_for('page', n=2, _external=True) }}"
        urls.append(await erlen.render_template_string_async(text))
        assert urls[-1] == render_template_string(text)

    app.register_blueprint(part)
    noted.spoken(scope=scope, leaves=False)
    return urls, noted


def test_urls_are_built_in_a_handler_as_quart_builds_them() -> None:
    assert linked(scope_of("/part/ws"))[0] == [
        "/page/1",
        "http://localhost/page/1",
        "https://localhost/page/1",
        "/page/1#x",
        "/part/in",
        "ws://localhost/part/ws",
        "wss://localhost/part/ws",
        "/part/in http://localhost/page/2",
    ]


def test_urls_have_host_scheme_and_root_of_the_handshake() -> None:
    scope = scope_of("/root/part/ws", scheme="wss", root_path="/root")
    scope["headers"] = [(b"host", b"shop.example:8443")]
    assert linked(scope)[0] == [
        "/root/page/1",
        "https://shop.example:8443/root/page/1",
        "https://shop.example:8443/root/page/1",
        "/root/page/1#x",
        "/root/part/in",
        "wss://shop.example:8443/root/part/ws",
        "wss://shop.example:8443/root/part/ws",
        "/root/part/in https://shop.example:8443/root/page/2",
    ]


@pytest.mark.parametrize("colour", ["def", "async def"])
@pytest.mark.parametrize(
    "where", ["before_websocket", "after_websocket", "teardown_websocket", "origin", "nowhere"]
)
def test_urls_are_built_around_the_handler(where: str, colour: str) -> None:
    noted, urls = Noted(), []
    noted.app.add_url_rule("/page", "page", lambda: "")

    def plain(*values: t.Any) -> t.Any:
        urls.append((url_for("page"), url_for(".page", _external=True)))
        return values[0] if where == "after_websocket" else None

    async def coroutine(*values: t.Any) -> t.Any:
        return plain(*values)

    function = plain if colour == "def" else coroutine
    if where in ("origin", "nowhere"):
        noted.app.register_error_handler(403 if where == "origin" else 404, lambda _: (plain(), "no")[1])
    else:
        getattr(noted.app, where)(function)

    @noted.app.websocket("/")
    async def handler() -> None:
        await websocket.accept()

    headers = [("Origin", "https://evil.test")] if where == "origin" else []
    noted.spoken(scope=scope_of("/nowhere" if where == "nowhere" else "/", *headers), leaves=False)

    assert urls == [("/page", "http://localhost/page")]


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


def test_a_converter_of_the_application_runs_off_the_loop_with_the_contexts() -> None:
    noted, seen = Noted(), []

    class Converter(BaseConverter):
        def to_python(self, value: str) -> str:
            seen.append(
                (current_app.name, websocket.path, threading.current_thread() is threading.main_thread())
            )
            return value.upper()

    noted.app.url_map.converters["own"] = Converter

    @noted.app.websocket("/<own:value>")
    async def handler(value: str) -> None:
        await websocket.send(value)

    async def main() -> Message:
        server = Server(scope_of("/x"), CONNECT)
        task = server.start(noted.app)
        await server.sends(2)
        server.hang_up()
        await task
        return server.sent[1]

    for _ in range(2):
        assert run(main())["text"] == "X"
    assert seen == [("app", "/x", False)] * 2
