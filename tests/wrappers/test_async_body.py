"""Asynchronous bodies: what they send, what they see, and that each is closed once and torn down."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import typing as t

import pytest

from erlen import Erlen, EventStream, Response, current_app, g, request, session
from erlen.wrappers.async_body import AsyncBody
from tests.gateway.asgi.driver import Server, ask_once, body, http, run
from tests.serve.beside import call, environ


def noting(log: list[t.Any], colour: str = "plain") -> Erlen:
    app = Erlen("app")
    app.secret_key = "key"
    app.logger.disabled = True

    def teardown(error: BaseException | None) -> None:
        log.append(f"teardown {type(error).__name__}")

    async def coroutine(error: BaseException | None) -> None:
        await asyncio.sleep(0)
        teardown(error)

    app.teardown_request(teardown if colour == "plain" else coroutine)
    return app


async def letters(log: list[t.Any], *pieces: t.Any) -> t.AsyncIterator[t.Any]:
    try:
        for piece in pieces:
            yield piece
    finally:
        log.append("closed")


def answers(app: Erlen) -> list[tuple[int | None, bytes]]:
    """Return what it answers by each protocol."""
    wsgi = call(app, environ("/"))
    asgi = ask_once(app, http())
    return [(int(wsgi.status[:3]), wsgi.body), (asgi.status, asgi.body)]


@pytest.mark.parametrize("teardown", ["plain", "coroutine"])
def test_text_and_bytes_of_every_kind_are_sent(teardown: str) -> None:
    log: list[t.Any] = []
    app = noting(log, teardown)

    @app.get("/")
    async def view() -> t.Any:
        return letters(log, "é", b"\xff", bytearray(b"a"), memoryview(b"b"), "", b"")

    assert answers(app) == [(200, "é".encode() + b"\xffab")] * 2
    assert log == ["closed", "teardown NoneType"] * 2


@pytest.mark.parametrize("wrong", [5, None, ["a"], 1 << 40, {"a": 1}])
def test_a_piece_that_is_neither_is_an_error_and_no_row_of_zeros(wrong: t.Any) -> None:
    log: list[t.Any] = []
    app = noting(log)
    app.add_url_rule("/", view_func=lambda: letters(log, "a", wrong, "b"))

    with pytest.raises(TypeError, match=type(wrong).__name__):
        call(app, environ("/"))
    with pytest.raises(TypeError, match=type(wrong).__name__):
        ask_once(app, http())

    assert log == ["closed", "teardown TypeError"] * 2


class Iterator:
    """Be an asynchronous iterator that is no generator, and cannot be closed."""

    def __init__(self) -> None:
        self._left = 3

    def __aiter__(self) -> Iterator:
        return self

    async def __anext__(self) -> str:
        self._left -= 1
        if self._left < 0:
            raise StopAsyncIteration
        return str(self._left)


class Iterable:
    def __aiter__(self) -> Iterator:
        return Iterator()


@pytest.mark.parametrize("source", [Iterator, Iterable])
def test_whatever_can_be_iterated_over_is_a_body(source: type[t.Any]) -> None:
    log: list[t.Any] = []
    app = noting(log)
    app.add_url_rule("/", view_func=lambda: Response(AsyncBody(source()), mimetype="text/x"))

    assert answers(app) == [(200, b"210")] * 2
    assert log == ["teardown NoneType"] * 2


def test_request_session_and_g_answer_in_it_until_it_is_closed() -> None:
    log: list[t.Any] = []
    app = noting(log)

    @app.get("/")
    async def view() -> t.Any:
        g.x, session["n"] = "x", 1

        async def pieces() -> t.AsyncIterator[str]:
            try:
                yield f"{g.x} {session['n']} {request.path} {current_app.name}"
            finally:
                log.append(f"{g.x} {request.path}")

        return pieces()

    assert answers(app) == [(200, b"x 1 / app")] * 2
    assert log == ["x /", "teardown NoneType"] * 2


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_an_error_in_it_closes_it_reaches_teardown_and_the_server(protocol: str) -> None:
    log: list[t.Any] = []
    app = noting(log)

    async def pieces() -> t.AsyncIterator[str]:
        try:
            yield "a"
            raise LookupError
        finally:
            log.append("closed")

    app.add_url_rule("/", view_func=pieces)

    with pytest.raises(LookupError):
        call(app, environ("/")) if protocol == "wsgi" else ask_once(app, http())

    assert log == ["closed", "teardown LookupError"]


def test_closing_it_twice_closes_it_once() -> None:
    log: list[t.Any] = []
    app = noting(log)

    async def main() -> None:
        with app.test_request_context():
            made = AsyncBody(letters(log, "a", "b"))
            assert await anext(made) == b"a"
            await made.aclose()
            await made.aclose()
        assert log == ["closed", "teardown NoneType"]

    run(main())


def test_one_that_was_never_begun_is_closed_without_running() -> None:
    log: list[t.Any] = []
    app = noting(log)

    async def main() -> None:
        with app.test_request_context():
            made = AsyncBody(letters(log, "a"))
            await made.aclose()
        assert log == ["teardown NoneType"]

    run(main())


def test_without_an_active_application_the_loop_is_unknown() -> None:
    made = AsyncBody(letters([], "a"))

    with pytest.raises(RuntimeError, match="no application is active"):
        next(made)


@pytest.mark.parametrize("hook", ["plain", "coroutine"])
@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_one_that_a_hook_throws_away_is_closed_and_its_request_torn_down(protocol: str, hook: str) -> None:
    """Nobody closes the response that is replaced: it is left to the collector."""
    log: list[t.Any] = []
    app, torn_down = noting(log), threading.Event()
    app.teardown_appcontext(lambda error: torn_down.set())

    def replace(response: t.Any) -> t.Any:
        return Response("other")

    async def coroutine(response: t.Any) -> t.Any:
        return Response("other")

    app.after_request(replace if hook == "plain" else coroutine)

    @app.get("/")
    async def view() -> t.Any:
        return letters(log, "a")

    async def main() -> str:
        text = (await Server(http(), *body(b"")).serve(app)).text
        for _ in range(200):
            gc.collect()
            if torn_down.is_set():
                break
            await asyncio.sleep(0.005)
        return text

    if protocol == "wsgi":
        assert call(app, environ("/")).body == b"other"
        gc.collect()
    else:
        assert run(main()) == "other"

    assert torn_down.wait(60)
    assert log == ["teardown NoneType"]


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_head_and_empty_statuses_close_it_without_running_it(protocol: str) -> None:
    log: list[t.Any] = []
    app = noting(log)
    app.add_url_rule("/", "view", lambda: letters(log, "a"))
    app.add_url_rule("/204", "empty", lambda: (letters(log, "a"), 204))

    for path, method in (("/", "HEAD"), ("/204", "GET")):
        if protocol == "wsgi":
            assert call(app, environ(path, method=method)).body == b""
        else:
            assert ask_once(app, http(path, method)).body == b""

    assert log == ["teardown NoneType"] * 2


def test_a_slow_client_holds_the_source_up() -> None:
    """A piece is asked for when the one before it was taken."""
    app, made = Erlen("app"), []

    @app.get("/")
    async def view() -> t.Any:
        async def pieces() -> t.AsyncIterator[str]:
            for number in range(100):
                made.append(number)
                yield str(number)

        return pieces()

    async def main() -> int:
        server = Server(http(), *body(b""))
        taken = asyncio.Event()

        async def send(message: t.Any) -> None:
            await server.send(message)
            if len(server.sent) == 4:
                taken.set()
                await asyncio.get_running_loop().create_future()

        task = asyncio.ensure_future(app(server.scope, server.receive, send))
        await taken.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        count = len(made)
        task.cancel()
        await asyncio.wait({task})
        return count

    assert run(main()) <= 4


@pytest.mark.parametrize("teardown", ["plain", "coroutine"])
@pytest.mark.parametrize("events", [False, True], ids=["generator", "event stream"])
def test_a_server_that_is_not_written_in_python_closes_it_when_it_has_handled_the_error(
    teardown: str, events: bool
) -> None:
    """Where C or Rust calls close(), nothing is being handled any longer: uWSGI, granian."""
    log: list[t.Any] = []
    app = noting(log, teardown)

    async def failing() -> t.AsyncIterator[str]:
        try:
            yield "a"
            raise ValueError("in the middle")
        finally:
            log.append("closed")

    app.add_url_rule("/", view_func=lambda: EventStream(failing()) if events else failing())
    pieces: t.Any = app(environ("/"), lambda status, headers, exc_info=None: None)
    with contextlib.suppress(ValueError):
        list(pieces)
    pieces.close()
    assert log == ["closed", "teardown ValueError"]


def test_a_body_whose_client_disconnected_is_torn_down_without_an_error() -> None:
    log: list[t.Any] = []
    app = noting(log)
    app.add_url_rule("/", view_func=lambda: letters(log, "a", "b"))
    pieces: t.Any = app(environ("/"), lambda status, headers, exc_info=None: None)
    assert next(iter(pieces)) == b"a"
    pieces.close()
    assert log == ["closed", "teardown NoneType"]
