"""Streams end when their client goes: whatever they are made of, and whatever is left of the request."""

from __future__ import annotations

import asyncio
import threading
import typing as t

import pytest

from erlen import Erlen, EventStream, g, request, stream_request, stream_with_context
from tests.gateway.asgi.driver import Message, Server, body, http, run, threads_of_pools


def wrapped(app: Erlen) -> Erlen:
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]
    return app


def iterating(app: Erlen) -> Erlen:
    """Put middleware around it that takes the body apart."""
    inner = app.wsgi_app

    def outer(environ: t.Any, start: t.Any) -> t.Iterator[bytes]:
        body = inner(environ, start)
        try:
            yield from body
        finally:
            body.close()  # type: ignore[attr-defined]

    app.wsgi_app = outer  # type: ignore[method-assign, assignment]
    return app


AROUND: dict[str, t.Callable[[Erlen], Erlen]] = {
    "nothing": lambda app: app,
    "middleware": wrapped,
    "iterating middleware": iterating,
}


class Ended:
    """Notes what ended; a stream waits for room to send, as slow as its client."""

    def __init__(self) -> None:
        self.app = Erlen("app")
        self.app.logger.disabled = True
        self.pieces = self.closed = 0
        self.heard: list[str] = []
        self.app.teardown_request(lambda error: self.heard.append(type(error).__name__))

    def endless(self) -> t.Iterator[bytes]:
        try:
            while True:
                self.pieces += 1
                yield b"piece"
        finally:
            self.closed += 1

    async def waiting(self) -> t.AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.get_running_loop().create_future()
        finally:
            self.closed += 1


def served_until_it_leaves(app: Erlen, scope: dict[str, t.Any], *messages: Message, after: int) -> Server:
    async def main() -> Server:
        server = Server(scope, *messages, deaf=True)
        task = server.start(app)
        await server.sends(after)
        server.hang_up()
        await task
        return server

    return run(main())


def unread(length: int | None) -> tuple[dict[str, t.Any], list[Message]]:
    """Return a POST whose body is still on its way."""
    announced = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))
    return http("/", "POST", announced), body(b"a" * 100, complete=False)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kept", [False, True])
def test_an_endless_generator_is_closed_when_the_client_of_a_get_goes(around: str, *, kept: bool) -> None:
    ended = Ended()
    ended.app.add_url_rule(
        "/", view_func=lambda: stream_with_context(ended.endless()) if kept else ended.endless()
    )

    for time in (1, 2):
        served_until_it_leaves(
            AROUND[around](ended.app) if time == 1 else ended.app, http("/"), *body(b""), after=4
        )
        assert (ended.closed, ended.heard) == (time, ["GeneratorExit" if kept else "NoneType"] * time)


@pytest.mark.parametrize("length", [1_000, 10_000_000, None])
@pytest.mark.parametrize("reads", ["nothing", "too late", "a piece"])
@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("colour", ["plain", "coroutine"])
def test_it_is_closed_too_where_the_body_of_the_request_was_left(
    around: str, colour: str, reads: str, length: int | None
) -> None:
    """A view that answers early, a body beyond the limit: its end is where the disconnect is said."""
    ended = Ended()
    if reads == "too late":
        ended.app.config["MAX_CONTENT_LENGTH"] = 10

    def plain() -> t.Any:
        if reads == "a piece":
            next(iter(request.stream_pieces()))
        return ended.endless()

    async def coroutine() -> t.Any:
        if reads == "a piece":
            await anext(aiter(request.stream_pieces()))
        return ended.endless()

    view: t.Any = plain if colour == "plain" else coroutine
    ended.app.add_url_rule("/", "view", stream_request(view), methods=["POST"])
    AROUND[around](ended.app)

    scope, messages = unread(length)
    served_until_it_leaves(ended.app, scope, *messages, after=4)

    assert (ended.closed, ended.heard) == (1, ["NoneType"])


def test_a_stream_that_reads_while_it_sends_gets_all_of_the_body() -> None:
    """The watch for the client takes nothing away from who reads."""
    app = Erlen("app")
    app.config["ASGI_BODY_MEMORY"] = 100

    @app.post("/")
    @stream_request
    def echo() -> t.Any:
        return (piece for piece in request.stream_pieces())

    pieces = [bytes([65 + at % 26]) * 50 for at in range(200)]

    async def main() -> bytes:
        return (
            await Server(http("/", "POST", ("Transfer-Encoding", "chunked")), *body(*pieces)).serve(app)
        ).body

    assert run(main()) == b"".join(pieces)


# asynchronous bodies of plain views


@pytest.mark.parametrize("events", [False, True])
@pytest.mark.parametrize("around", ["nothing", "middleware"])
def test_an_asynchronous_body_of_a_plain_view_costs_no_thread(around: str, *, events: bool) -> None:
    ended = Ended()
    ended.app.config.update(ASGI_THREADS=1, ASGI_STREAMS=0)

    @ended.app.get("/stream")
    def stream() -> t.Any:
        return EventStream(ended.waiting_items(), heartbeat=None) if events else ended.waiting()

    async def items() -> t.AsyncIterator[str]:
        async for piece in ended.waiting():
            yield piece.decode()

    ended.waiting_items = items  # type: ignore[attr-defined]
    ended.app.add_url_rule("/", "quick", lambda: "quick")
    AROUND[around](ended.app)

    async def main() -> None:
        streams = [Server(http("/stream"), *body(b"")) for _ in range(5)]
        for server in streams:
            server.start(ended.app)
            await server.sends(2)
        assert (await Server(http("/"), *body(b"")).serve(ended.app)).text == "quick"
        for server in streams:
            server.hang_up()
            assert server.task is not None
            await server.task

    run(main())
    assert (ended.closed, ended.heard) == (5, ["NoneType"] * 6)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("end", ["gone", "cancelled"])
@pytest.mark.parametrize("colour", ["plain", "coroutine"])
def test_it_is_ended_where_it_waits(colour: str, end: str, around: str) -> None:
    ended = Ended()

    async def coroutine() -> t.Any:
        return ended.waiting()

    ended.app.add_url_rule("/", "view", coroutine if colour == "coroutine" else lambda: ended.waiting())
    AROUND[around](ended.app)

    async def main() -> None:
        server = Server(http("/"), *body(b""))
        task = server.start(ended.app)
        await server.sends(2)
        for _ in range(20):
            await asyncio.sleep(0)
        if end == "gone":
            server.hang_up()
        else:
            task.cancel()
        await asyncio.wait({task})

    run(main())
    assert (ended.closed, len(ended.heard)) == (1, 1)


def test_a_coroutine_view_behind_middleware_is_cancelled_with_its_request() -> None:
    ended, begun = Ended(), []

    @ended.app.get("/")
    async def view() -> str:
        begun.append(True)
        return await asyncio.get_running_loop().create_future()

    wrapped(ended.app)

    async def main() -> None:
        server = Server(http("/"), *body(b""))
        task = server.start(ended.app)
        for _ in range(10_000):
            await asyncio.sleep(0)
            if begun:
                break
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert ended.heard == ["CancelledError"]


@pytest.mark.parametrize("around", ["nothing", "middleware"])
def test_what_a_plain_view_keeps_is_there_in_its_asynchronous_body(around: str) -> None:
    app, told = Erlen("app"), []

    @app.get("/")
    def view() -> t.Any:
        g.name = "g"

        async def pieces() -> t.AsyncIterator[str]:
            await asyncio.sleep(0)
            yield f"{g.name} {request.path}"

        return pieces()

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        told.append((g.name, threading.current_thread() is threading.main_thread()))

    AROUND[around](app)

    async def main() -> str:
        return (await Server(http("/"), *body(b"")).serve(app)).text

    for _ in range(2):
        assert run(main()) == "g /"
    assert told == [("g", False)] * 2


def test_a_response_that_is_closed_calls_what_waits_for_that() -> None:
    from erlen import make_response

    app, told = Erlen("app"), []

    @app.get("/")
    def view() -> t.Any:
        async def pieces() -> t.AsyncIterator[str]:
            yield "a"

        response = make_response(pieces())
        response.call_on_close(lambda: told.append(threading.current_thread() is threading.main_thread()))
        return response

    async def main() -> str:
        return (await Server(http("/"), *body(b"")).serve(app)).text

    before = threads_of_pools()
    assert run(main()) == "a"
    assert told == [False]
    assert len(threads_of_pools() - before) <= 1
