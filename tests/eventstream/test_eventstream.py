"""Server-sent events: what is sent, what is refused, heartbeats, contexts, and that sources are closed."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest
from werkzeug.test import create_environ

from erlen import g, request, session
from erlen.eventstream import EventStream
from erlen.eventstream.encoding import HEARTBEAT
from tests.eventstream.sources import PATIENCE, SOON, in_a_loop, numbers, numbers_async, serve, source_threads

# sources


class Numbers:
    def __iter__(self):
        return iter(["1", "2"])


class NumbersAsync:
    def __aiter__(self):
        return numbers_async()


SOURCES = [
    lambda: ["1", "2"],
    lambda: ("1", "2"),
    numbers,
    lambda: numbers,
    Numbers,
    lambda: Numbers,
    numbers_async,
    lambda: numbers_async,
    NumbersAsync,
]


@pytest.mark.parametrize("heartbeat", [None, 15.0])
@pytest.mark.parametrize("make", SOURCES)
def test_a_source_may_be(app, make, heartbeat):
    response = serve(app, lambda: EventStream(make(), heartbeat=heartbeat)).get("/")
    assert response.data == b"data: 1\n\ndata: 2\n\n"


async def no_generator():
    return []


@pytest.mark.parametrize("source", ["text", b"bytes", {"a": 1}, 1, None, no_generator])
def test_a_source_may_not_be(source):
    with pytest.raises(TypeError, match="iterable"):
        EventStream(source)


def test_a_coroutine_function_that_is_no_generator_is_named():
    with pytest.raises(TypeError, match="'no_generator' is an 'async def' without 'yield'"):
        EventStream(no_generator)


@pytest.mark.parametrize("heartbeat", [0, -1, float("nan")])
def test_a_heartbeat_that_is_not_above_zero_is_refused(heartbeat):
    with pytest.raises(ValueError, match="heartbeat"):
        EventStream([], heartbeat=heartbeat)


@pytest.mark.parametrize("heartbeat", [None, 15.0])
def test_an_item_of_another_type_ends_the_stream_and_closes_the_source(app, heartbeat):
    closed = []

    def source():
        try:
            yield 1
        finally:
            closed.append(True)

    with pytest.raises(TypeError, match="gave int"):
        serve(app, lambda: EventStream(source, heartbeat=heartbeat)).get("/").get_data()
    assert closed == [True]


# contexts


@pytest.mark.parametrize("heartbeat", [None, 15.0])
@pytest.mark.parametrize("colour", ["plain", "asynchronous"])
def test_the_requests_contexts_answer_until_the_stream_ends(app, torn_down, colour, heartbeat):
    seen = contextvars.ContextVar("seen")

    @app.before_request
    def load():
        g.name, session["user"] = "Ada", "ada"
        seen.set("by the source")

    def items():
        yield f"{request.args['q']} {g.name} {session['user']} {seen.get()}"
        g.name = "Grace"
        assert torn_down == []
        yield g.name

    def plain():
        yield from items()

    async def asynchronous():
        for item in items():
            yield item

    names = []
    app.teardown_request(lambda exc: names.append(g.name))
    source = plain if colour == "plain" else asynchronous
    response = serve(app, lambda: EventStream(source, heartbeat=heartbeat)).get("/?q=1")
    assert response.data == b"data: 1 Ada ada by the source\n\ndata: Grace\n\n"
    response.close()
    assert (names, torn_down) == (["Grace"], [None])


@pytest.mark.parametrize("heartbeat", [None, 15.0])
@pytest.mark.parametrize("colour", ["plain", "asynchronous"])
def test_what_the_source_raises_reaches_the_server_and_the_teardown(app, torn_down, colour, heartbeat):
    closed = []

    def plain():
        try:
            yield "a"
            raise LookupError("nothing more")
        finally:
            closed.append(True)

    async def asynchronous():
        for item in plain():
            yield item

    source = plain if colour == "plain" else asynchronous
    response = serve(app, lambda: EventStream(source, heartbeat=heartbeat)).get("/", buffered=False)
    chunks = response.iter_encoded()
    assert next(chunks) == b"data: a\n\n"
    with pytest.raises(LookupError, match="nothing more"):
        next(chunks)
    response.close()
    assert closed == [True]
    assert len(torn_down) == 1
    if colour == "plain":
        assert isinstance(torn_down[0], LookupError)
    assert source_threads() == []


@pytest.mark.parametrize("heartbeat", [None, 15.0])
@pytest.mark.parametrize("colour", ["plain", "asynchronous"])
def test_an_error_before_the_first_item_ends_the_stream(app, torn_down, colour, heartbeat):
    def plain():
        raise LookupError("nothing at all")
        yield

    async def asynchronous():
        raise LookupError("nothing at all")
        yield

    source = plain if colour == "plain" else asynchronous
    app.add_url_rule("/", view_func=lambda: EventStream(source, heartbeat=heartbeat), endpoint="index")
    body = app(create_environ("/"), lambda status, headers: None)
    with pytest.raises(LookupError, match="nothing at all"):
        list(body)
    body.close()
    assert len(torn_down) == 1


def test_a_client_that_keeps_the_context_may_leave_before_the_stream_ends(app, torn_down):
    client = serve(app, lambda: EventStream(numbers))
    with client:
        response = client.get("/", buffered=False)
        assert next(response.iter_encoded()) == b"data: 1\n\n"
        assert request.path == "/"
    assert torn_down == []
    response.close()
    assert torn_down == [None]


# ASGI


class Visit:
    """A visit of a client to an application, at the other end of an ASGI server."""

    def __init__(self, app, path="/"):
        self.chunks = asyncio.Queue()
        self.gone = asyncio.Event()
        self.status = None
        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET"}
        scope |= {
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
        }
        scope |= {
            "headers": [(b"host", b"localhost")],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        self._asked = False
        self.task = asyncio.create_task(app(scope, self.receive, self.send))

    async def receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message.get("body"):
            await self.chunks.put(message["body"])


@pytest.mark.parametrize("colour", ["plain", "asynchronous"])
def test_on_asgi_events_and_heartbeats_arrive_and_a_client_that_goes_closes_the_source(
    app, torn_down, colour
):
    closed, go_on, go_on_async = threading.Event(), threading.Event(), None

    def plain():
        try:
            yield request.path
            assert go_on.wait(PATIENCE)
            yield "more"
            while True:
                yield None
        finally:
            closed.set()

    async def asynchronous():
        try:
            yield request.path
            await go_on_async.wait()
            yield "more"
            await asyncio.Event().wait()
        finally:
            closed.set()

    async def view():
        return EventStream(plain if colour == "plain" else asynchronous, heartbeat=SOON)

    app.add_url_rule("/", view_func=view)

    async def main():
        nonlocal go_on_async
        go_on_async = asyncio.Event()
        visit = Visit(app)
        assert await visit.chunks.get() == b"data: /\n\n"
        assert await visit.chunks.get() == HEARTBEAT
        go_on.set()
        go_on_async.set()
        while (chunk := await visit.chunks.get()) == HEARTBEAT:
            pass
        assert chunk == b"data: more\n\n"
        assert torn_down == []
        visit.gone.set()
        await visit.task

    in_a_loop(main())
    assert (closed.is_set(), len(torn_down)) == (True, 1)
    assert source_threads() == []
