"""WebSockets over ASGI, message by message: handshakes, ends of every kind, and what teardown hears."""

from __future__ import annotations

import asyncio
import threading
import typing as t
from io import BytesIO

import pytest
from werkzeug.wsgi import wrap_file

import erlen
from erlen import Blueprint, Erlen, Response, abort, current_app, g, request, session, websocket
from erlen.gateway.connection import WebSocketClosed
from erlen.globals import NOTHING, _state
from tests.gateway.driver import CONNECT, Message, Server, http, run, text
from tests.gateway.driver import websocket as scope_of

ACCEPT = {"type": "websocket.accept", "subprotocol": None, "headers": []}


def close(code: int, reason: str = "") -> Message:
    message: Message = {"type": "websocket.close", "code": code}
    return message | {"reason": reason} if reason else message


class Noted:
    """Be an application that notes what ends, and with what."""

    def __init__(self, **config: t.Any) -> None:
        self.app = app = Erlen("app")
        app.secret_key = "key"
        app.logger.disabled = True
        app.config.update(config)
        self.log: list[t.Any] = []
        self.heard: list[str] = []

        @app.teardown_websocket
        async def teardown(error: BaseException | None) -> None:
            await asyncio.sleep(0)
            self.heard.append(type(error).__name__)

        @app.teardown_appcontext
        def teardown_context(error: BaseException | None) -> None:
            self.heard.append(f"context {type(error).__name__}")

    def handled_by(self, handler: t.Callable[..., t.Awaitable[t.Any]]) -> Noted:
        self.app.websocket("/")(handler)
        return self

    def spoken(self, *messages: Message, **given: t.Any) -> list[Message]:
        """Bring messages to the handler, and then go away; return what was sent."""
        return spoken(self.app, *messages, **given)


def spoken(app: Erlen, *messages: Message, scope: t.Any = None, leaves: bool = True, **given: t.Any) -> t.Any:
    async def main() -> list[Message]:
        server = Server(scope or scope_of("/"), CONNECT, *messages, **given)
        task = server.start(app)
        if leaves:
            await settled(server)
            server.hang_up()
        await task
        return server.sent

    sent = run(main())
    assert _state.get() is NOTHING
    return sent


async def settled(server: Server) -> None:
    """Wait until the application has taken what there is, and waits for more or has ended."""
    assert server.task is not None
    for _ in range(2_000):
        await asyncio.sleep(0)
        if server.task.done():
            return
        # Plain functions are on a thread meanwhile.
        await asyncio.sleep(0.0005) if _ > 100 else None
        if not server._messages and _ > 60:
            return


DONE = ["NoneType", "context NoneType"]


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


def refusal(sent: list[Message]) -> tuple[int, bytes]:
    assert [message["type"] for message in sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    return sent[0]["status"], sent[1]["body"]


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


# ends


@pytest.mark.parametrize("deaf", [True, False], ids=["deaf", "OSError"])
def test_a_client_may_go_away_after_each_message(deaf: bool) -> None:
    """The handler ends, teardown runs once and hears of no exception, and nothing is left."""

    async def echo() -> None:
        while True:
            await websocket.send(await websocket.receive())

    for event in range(1, 9):
        noted = Noted().handled_by(echo)
        spoken(noted.app, *map(text, "abc"), leaves=False, leaves_after=event, deaf=deaf)
        assert noted.heard == DONE


def test_the_handler_learns_code_and_reason() -> None:
    told = []

    async def handler() -> None:
        try:
            await websocket.receive()
        except WebSocketClosed as closed:
            told.append((closed.code, closed.reason))
            raise

    noted = Noted().handled_by(handler)
    noted.spoken({"type": "websocket.disconnect", "code": 4001, "reason": "enough"}, leaves=False)
    noted.spoken({"type": "websocket.disconnect"}, leaves=False)

    assert told == [(4001, "enough"), (1005, "")]


def test_a_handler_that_iterates_ends_by_itself_when_the_client_goes() -> None:
    noted, log = Noted(), []

    async def handler() -> None:
        async for message in websocket:
            log.append(message)
            await asyncio.sleep(0)
        log.append("and on")
        await asyncio.sleep(0)
        log.append("to the end")

    noted.handled_by(handler).spoken(text("a"), text("b"))

    assert log == ["a", "b", "and on", "to the end"]
    assert noted.heard == DONE


def test_a_handler_that_waits_elsewhere_is_cancelled_when_the_client_goes() -> None:
    noted, log = Noted(), []

    async def handler() -> None:
        await websocket.accept()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    noted.handled_by(handler).spoken()

    assert log == ["cancelled"]
    assert noted.heard == DONE


def test_a_handler_that_iterated_and_waits_elsewhere_is_cancelled_after_a_while() -> None:
    noted = Noted(ASGI_TEARDOWN_TIMEOUT=0.01)

    async def handler() -> None:
        async for _ in websocket:
            await asyncio.get_running_loop().create_future()

    noted.handled_by(handler).spoken(text("a"))

    assert noted.heard == DONE


async def for_ever() -> None:
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("group", ["gather", "TaskGroup"])
@pytest.mark.parametrize("other", [for_ever, "receive"])
def test_tasks_of_a_handler_end_with_it(group: str, other: t.Any) -> None:
    """One receives, one waits elsewhere: Quart's documentation says to do so."""
    if group == "TaskGroup" and not hasattr(asyncio, "TaskGroup"):
        pytest.skip("Python 3.10 has none")
    noted, ended = Noted(), []

    async def noting(function: t.Callable[[], t.Awaitable[t.Any]]) -> None:
        try:
            await function()
        finally:
            ended.append(1)

    async def handler() -> None:
        await websocket.accept()
        both = [noting(websocket.receive), noting(websocket.receive if other == "receive" else other)]
        if group == "gather":
            await asyncio.gather(*both)
        else:
            async with asyncio.TaskGroup() as tasks:  # type: ignore[attr-defined,unused-ignore]
                for one in both:
                    tasks.create_task(one)

    noted.handled_by(handler).spoken()

    assert ended == [1, 1]
    assert noted.heard == DONE


def test_a_task_that_iterates_beside_one_that_waits_elsewhere_is_given_a_while() -> None:
    noted, log = Noted(ASGI_TEARDOWN_TIMEOUT=0.01), []

    async def iterate() -> None:
        async for message in websocket:
            log.append(message)
        log.append("end")

    async def handler() -> None:
        await asyncio.gather(iterate(), for_ever())

    noted.handled_by(handler).spoken(text("a"))

    assert log == ["a", "end"]
    assert noted.heard == DONE


@pytest.mark.parametrize("deaf", [True, False], ids=["deaf", "OSError"])
def test_a_task_that_sends_ends_the_others_too(deaf: bool) -> None:
    noted = Noted()

    async def handler() -> None:
        await websocket.accept()

        async def send() -> None:
            while True:
                await websocket.send("a")
                await asyncio.sleep(0)

        await asyncio.gather(send(), for_ever())

    noted.handled_by(handler)
    spoken(noted.app, leaves=False, leaves_after=5, deaf=deaf)

    assert noted.heard == DONE


def test_a_handler_that_closes_it_itself_goes_on() -> None:
    """A frame may still be under way, and the goodbye comes: neither cancels what the handler does then."""
    noted, log = Noted(), []
    closed: list[asyncio.Event] = []

    async def handler() -> None:
        await websocket.receive()
        await websocket.close(4000, "enough")
        closed[0].set()
        for _ in range(50):
            await asyncio.sleep(0)
        log.append("done")
        with pytest.raises(WebSocketClosed) as raised:
            await websocket.send("too late")
        log.append(raised.value.code)
        with pytest.raises(WebSocketClosed):
            await websocket.receive()
        log.append([message async for message in websocket])

    noted.handled_by(handler)

    async def main() -> list[Message]:
        closed.append(asyncio.Event())
        server = Server(scope_of("/"), CONNECT, text("a"))
        task = server.start(noted.app)
        await closed[0].wait()
        server.bring(text("late"))
        for _ in range(20):
            await asyncio.sleep(0)
        server.hang_up()
        await task
        return server.sent

    assert run(main()) == [ACCEPT, close(4000, "enough")]
    assert log == ["done", 4000, []]
    assert noted.heard == DONE


def test_closing_again_says_nothing_and_closing_first_refuses() -> None:
    async def twice() -> None:
        await websocket.accept()
        await websocket.close(4000)
        await websocket.close(4001)

    async def first() -> None:
        await websocket.close(4000)
        with pytest.raises(WebSocketClosed):
            await websocket.accept()

    assert Noted().handled_by(twice).spoken(leaves=False) == [ACCEPT, close(4000)]
    assert Noted().handled_by(first).spoken(leaves=False) == [close(4000)]


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize(
    "message", [text("a" * 11), text("é" * 6), {"type": "websocket.receive", "bytes": b"a" * 11}]
)
def test_a_message_that_is_too_large_closes_it(message: Message, reads: bool) -> None:
    async def handler() -> None:
        await websocket.accept()
        if reads:
            await websocket.receive()
        await for_ever()

    noted = Noted(WEBSOCKET_MAX_MESSAGE_SIZE=10).handled_by(handler)

    sent = noted.spoken(message, leaves=False)

    assert sent == [ACCEPT, close(1009, "The message is too large.")]
    assert noted.heard == DONE


@pytest.mark.parametrize("limit", [10, None])
def test_a_message_up_to_the_limit_is_taken(limit: int | None) -> None:
    got: list[t.Any] = []

    async def handler() -> None:
        got.append(await websocket.receive())

    noted = Noted(WEBSOCKET_MAX_MESSAGE_SIZE=limit).handled_by(handler)
    noted.spoken({"type": "websocket.receive", "bytes": b"a" * 10, "text": None}, leaves=False)
    noted.spoken({"type": "websocket.receive", "bytes": None, "text": "é" * 5}, leaves=False)

    assert got == [b"a" * 10, "é" * 5]


def test_text_and_bytes_go_both_ways_and_nothing_else_does() -> None:
    errors: list[str] = []

    async def handler() -> None:
        for data in ("é", b"\xff", bytearray(b"a"), memoryview(b"b")):
            await websocket.send(data)  # type: ignore[arg-type]
        for wrong in (1, None, {"a": 1}):
            with pytest.raises(TypeError) as raised:
                await websocket.send(wrong)  # type: ignore[arg-type]
            errors.append(str(raised.value))

    sent = Noted().handled_by(handler).spoken(leaves=False)

    assert [message.get("text", message.get("bytes")) for message in sent[1:-1]] == ["é", b"\xff", b"a", b"b"]
    assert "send_json" in errors[0]
    assert len(errors) == 3


@pytest.mark.parametrize("contents", [{}, {"bytes": b""}, {"bytes": None, "text": None}])
def test_a_message_without_contents_is_empty(contents: Message) -> None:
    got: list[t.Any] = []

    async def handler() -> None:
        got.append(await websocket.receive())

    Noted().handled_by(handler).spoken({"type": "websocket.receive", **contents}, leaves=False)

    assert got == [b""]


def test_a_server_that_fails_while_it_is_listened_to_has_gone() -> None:
    noted = Noted()

    @noted.app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        await for_ever()

    async def main() -> None:
        server = Server(scope_of("/"), CONNECT)

        async def receive() -> Message:
            if server.received:
                raise RuntimeError("no more")
            return await server.receive()

        await noted.app(server.scope, receive, server.send)

    run(main())
    assert noted.heard == DONE


def test_a_broadcast_to_a_closed_socket_says_so_and_leaves_the_others_alone() -> None:
    app, sockets, told = Erlen("app"), {}, []

    @app.websocket("/<name>")
    async def handler(name: str) -> None:
        sockets[name] = websocket._get_current_object()
        await websocket.accept()
        if name == "first":
            await websocket.receive()
        for other in sockets.values():
            try:
                await other.send("hello")
            except WebSocketClosed as closed:
                told.append(closed.code)

    async def main() -> list[Message]:
        first = Server(scope_of("/first"), CONNECT)
        task = first.start(app)
        await first.sends(1)
        first.hang_up()
        await task
        second = Server(scope_of("/second"), CONNECT)
        await second.start(app)
        return second.sent

    assert run(main()) == [ACCEPT, {"type": "websocket.send", "text": "hello"}, close(1000)]
    assert told == [1001]


def test_who_does_not_handle_that_another_socket_is_closed_ends_with_an_error() -> None:
    noted, sockets = Noted(), []

    @noted.app.websocket("/<name>")
    async def handler(name: str) -> None:
        sockets.append(websocket._get_current_object())
        await websocket.accept()
        if len(sockets) == 2:
            await sockets[0].send("hello")

    assert noted.spoken(scope=scope_of("/first"), leaves=False) == [ACCEPT, close(1000)]
    assert noted.spoken(scope=scope_of("/second"), leaves=False) == [ACCEPT, close(1011)]
    assert noted.heard == [*DONE, "WebSocketClosed", "context WebSocketClosed"]


@pytest.mark.parametrize("step", ["before", "handler", "receive", "after"])
def test_a_server_that_stops_cancels_and_teardown_hears_of_it(step: str) -> None:
    noted = Noted()
    reached: list[asyncio.Event] = []

    async def wait_at(here: str) -> None:
        if here == step:
            reached[0].set()
            await for_ever()

    @noted.app.before_websocket
    async def before() -> None:
        await wait_at("before")

    @noted.app.after_websocket
    async def after(response: t.Any) -> t.Any:
        await wait_at("after")
        return response

    @noted.app.websocket("/")
    async def handler() -> None:
        await websocket.accept()
        await wait_at("handler")
        if step == "receive":
            reached[0].set()
            await websocket.receive()

    async def main() -> None:
        reached.append(asyncio.Event())
        task = Server(scope_of("/"), CONNECT).start(noted.app)
        await reached[0].wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())

    assert noted.heard == ["CancelledError", "context CancelledError"]


@pytest.mark.parametrize("teardown", ["plain", "coroutine"])
def test_it_may_be_cancelled_after_each_message_and_is_torn_down_once(teardown: str) -> None:
    for event in range(1, 8):
        app, heard = Erlen("app"), []

        def plain(error: BaseException | None, heard: list[str] = heard) -> None:
            heard.append(type(error).__name__)

        async def coroutine(error: BaseException | None, plain: t.Any = plain) -> None:
            await asyncio.sleep(0)
            plain(error)

        app.teardown_websocket(plain if teardown == "plain" else coroutine)
        app.teardown_appcontext(plain if teardown == "plain" else coroutine)

        @app.websocket("/")
        async def echo() -> None:
            while True:
                await websocket.send(await websocket.receive())

        async def main(app: Erlen = app, event: int = event) -> None:
            server = Server(
                scope_of("/"),
                CONNECT,
                *map(text, "abc"),
                at_event=lambda at: at == event and server.task.cancel(),  # type: ignore[union-attr]
            )
            task = server.start(app)
            await asyncio.wait({task})
            assert task.cancelled()

        run(main())
        assert heard == ["CancelledError"] * 2, event


def test_messages_wait_for_a_slow_handler_and_come_in_order() -> None:
    got: list[t.Any] = []

    async def handler() -> None:
        await websocket.accept()
        for _ in range(200):
            await asyncio.sleep(0)
        for _ in range(100):
            got.append(await websocket.receive())

    noted = Noted().handled_by(handler)

    async def main() -> int:
        server = Server(scope_of("/"), CONNECT, *(text(str(number)) for number in range(100)))
        task = server.start(noted.app)
        for _ in range(100):
            await asyncio.sleep(0)
        ahead = len(server.received)
        await task
        return ahead

    ahead = run(main())

    assert got == [str(number) for number in range(100)]
    assert ahead < 30


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
