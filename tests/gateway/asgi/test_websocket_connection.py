"""How WebSockets end: by either side, by the server, by messages that may not come."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import typing as t

import pytest

import erlen
from erlen import Erlen, websocket
from erlen.gateway.asgi.websocket_connection import WebSocketClosed
from erlen.sessions import SecureCookieSessionInterface
from tests.gateway.asgi.driver import CONNECT, Message, Server, run, text
from tests.gateway.asgi.driver import websocket as scope_of
from tests.gateway.asgi.speaking import ACCEPT, DONE, Noted, close, for_ever, refusal, settled, spoken


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
    noted = Noted(ASGI_TEARDOWN_TIMEOUT=0.3)

    async def handler() -> None:
        async for _ in websocket:
            await asyncio.get_running_loop().create_future()

    noted.handled_by(handler).spoken(text("a"))

    assert noted.heard == DONE


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
    noted, log = Noted(ASGI_TEARDOWN_TIMEOUT=0.3), []

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


def test_sending_to_another_closed_socket_is_an_error_of_the_handler() -> None:
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


# before it is accepted


@pytest.mark.parametrize("first", [True, False], ids=["first request", "later request"])
@pytest.mark.parametrize("where", ["before hook", "handler", "task", "session"])
def test_a_client_that_goes_before_it_is_accepted_ends_what_waits(where: str, first: bool) -> None:
    noted, log = Noted(), []

    async def wait_at(here: str) -> None:
        if where == here and websocket.args:
            try:
                await for_ever()
            except asyncio.CancelledError:
                log.append("cancelled")
                raise

    @noted.app.before_websocket
    async def before() -> None:
        await wait_at("before hook")

    @noted.app.websocket("/")
    async def handler() -> None:
        await wait_at("handler")
        await asyncio.gather(wait_at("task"))
        if websocket.args:
            pytest.fail("not to be reached")

    if where == "session":
        release = threading.Event()

        class Slow(SecureCookieSessionInterface):
            def open_session(self, app: t.Any, request: t.Any) -> t.Any:
                if request.args:
                    release.wait(10)
                    log.append("cancelled")
                return super().open_session(app, request)

        noted.app.session_interface = Slow()

    async def main() -> list[Message]:
        if not first:
            await Server(scope_of("/"), CONNECT).start(noted.app)
            noted.heard.clear()
        server = Server(scope_of("/?wait"), CONNECT)
        task = server.start(noted.app)
        await settled(server)
        server.hang_up()
        if where == "session":
            await settled(server)
            release.set()
        await task
        return server.sent

    assert run(main()) == []
    assert log == ["cancelled"]
    assert noted.heard == DONE


def test_a_plain_before_hook_ends_and_the_handler_does_not_begin() -> None:
    noted, log = Noted(), []
    begun, free = threading.Event(), threading.Event()

    @noted.app.before_websocket
    def before() -> None:
        begun.set()
        free.wait(10)
        log.append("before")

    async def handler() -> None:
        pytest.fail("not to be reached")

    noted.handled_by(handler)

    async def main() -> list[Message]:
        server = Server(scope_of("/"), CONNECT)
        task = server.start(noted.app)
        await asyncio.get_running_loop().run_in_executor(None, begun.wait, 10)
        server.hang_up()
        for _ in range(10):
            await asyncio.sleep(0)
        free.set()
        await task
        return server.sent

    assert run(main()) == []
    assert log == ["before"]
    assert noted.heard == DONE


def test_accepting_and_sending_when_the_client_has_gone_say_so() -> None:
    noted, told = Noted(), []

    async def handler() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await for_ever()
        for function in (websocket.accept, websocket.receive, lambda: websocket.send("late")):
            try:
                await function()
            except WebSocketClosed as closed:
                told.append((closed.code, closed.reason))

    assert noted.handled_by(handler).spoken() == []
    assert told == [(1001, "away")] * 3


def test_a_refusal_is_sent_whole_though_the_server_says_at_once_that_it_is_over() -> None:
    noted = Noted()

    @noted.app.websocket("/")
    async def handler() -> t.Any:
        return "no", 401

    @noted.app.after_websocket
    async def after(response: t.Any) -> t.Any:
        await asyncio.sleep(0)
        return response

    for event in range(2, 5):
        sent = noted.spoken(leaves=False, leaves_after=event, deaf=True)
        kinds = [message["type"].rpartition(".")[2] for message in sent]
        assert kinds in ([], ["start"], ["start", "body"])
        assert noted.heard == DONE
        noted.heard.clear()

    async def main() -> list[Message]:
        server = Server(scope_of("/"), CONNECT)
        server._at_event = lambda _: server.sent and server.bring({"type": "websocket.disconnect"})
        await server.start(noted.app)
        return server.sent

    assert [message["type"] for message in run(main())] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]


# what may be sent with the answer

BAD_HEADERS = [
    *((f"X-A{bad}", "b") for bad in ("\r\nX-B: c", "\n", "\0", " ", ":", "é")),
    *(("X-A", f"b{bad}") for bad in ("\r\nX-B: c", "\r", "\n", "\0", "\x7f", "☃")),
    ("", "b"),
]


@pytest.mark.parametrize(
    "arguments",
    [
        *({"headers": [header]} for header in BAD_HEADERS),
        *({"subprotocol": name} for name in ("evil", "chat\r\nX-B: c", "chat\0", "", "CHAT", b"chat", 1)),
    ],
)
@pytest.mark.parametrize("hook", [True, False], ids=["hook", "handler"])
def test_what_cannot_be_sent_with_the_accept_is_refused_before_anything_is_sent(
    arguments: t.Any, hook: bool
) -> None:
    noted, errors = Noted(), []

    async def accept() -> None:
        try:
            await websocket.accept(**arguments)
        except ValueError as error:
            errors.append(error)
        await websocket.accept({"X-A": "b\té"}, "chat")

    async def handler() -> None:
        if not hook:
            await accept()

    if hook:
        noted.app.before_websocket(accept)
    noted.handled_by(handler)
    sent = noted.spoken(scope=scope_of("/", subprotocols=["chat"]), leaves=False)

    assert len(errors) == 1
    assert sent == [
        ACCEPT | {"subprotocol": "chat", "headers": [(b"x-a", "b\té".encode("latin1"))]},
        close(1000),
    ]


@pytest.mark.parametrize("offered", [None, [], ["other"]])
def test_a_subprotocol_that_was_not_offered_is_an_error(offered: t.Any) -> None:
    noted = Noted()

    async def handler() -> None:
        await websocket.accept(subprotocol="chat")

    sent = noted.handled_by(handler).spoken(scope=scope_of("/", subprotocols=offered), leaves=False)

    assert refusal(sent)[0] == 500


@pytest.mark.parametrize("header", BAD_HEADERS)
@pytest.mark.parametrize("extension", [True, False])
def test_a_refusal_that_cannot_be_sent_is_a_500(header: tuple[str, str], extension: bool) -> None:
    noted = Noted()

    async def handler() -> t.Any:
        response = erlen.Response("no", 401)
        response.headers._list.append(header)
        return response

    scope = scope_of("/") if extension else scope_of("/", extensions={})
    sent = noted.handled_by(handler).spoken(scope=scope, leaves=False)

    if extension:
        assert refusal(sent) == (500, b"")
        assert not any(name.startswith(b"x-") for name, _ in sent[0]["headers"])
    else:
        assert sent == [close(1000)]
    assert noted.heard == DONE


@pytest.mark.parametrize("status", [0, 101, 199, 600, 1000])
def test_a_refusal_with_a_status_that_refuses_nothing_is_a_500(status: int) -> None:
    async def handler() -> t.Any:
        return "no", status

    assert refusal(Noted().handled_by(handler).spoken(leaves=False)) == (500, b"")


@pytest.mark.parametrize("accepts", [True, False])
def test_a_foreign_session_that_sets_what_cannot_be_sent_is_refused(accepts: bool) -> None:
    class Careless(SecureCookieSessionInterface):
        def save_session(self, app: t.Any, session: t.Any, response: t.Any) -> None:
            response.headers._list.append(("Set-Cookie", "a=b\r\nX-B: c"))

    noted = Noted()
    noted.app.session_interface = Careless()

    async def handler() -> t.Any:
        if accepts:
            await websocket.accept()
        return "no", 401

    assert refusal(noted.handled_by(handler).spoken(leaves=False)) == (500, b"")
