"""Server-sent events: what is sent, what is refused, heartbeats, contexts, and that sources are closed."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import json
import logging
import threading
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import create_environ

from erlen import Erlen, Response, g, request, session
from erlen.eventstream import EventStream, ServerSentEvent, last_event_id
from erlen.eventstream.encoding import HEARTBEAT, encode
from erlen.wrappers.async_body import AsyncBody

PATIENCE = 60  # seconds after which a test that hangs has failed
SOON = 0.01  # seconds between heartbeats, where a test waits for some


# what a browser does


def events_of(text: bytes) -> list[dict[str, str]]:
    """Read a stream as the HTML standard says (section 9.2.6), and return the events it dispatches."""
    events, fields = [], {}
    lines = text.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in lines[:-1]:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if "data" in fields:
                events.append({**fields, "data": fields["data"][:-1]})
            fields = {}
        elif name == "data":
            fields["data"] = fields.get("data", "") + value + "\n"
        elif name in ("event", "id", "retry"):
            fields[name] = value
        else:
            assert name == "", f"a field that nobody knows: {line}"
    assert fields == {}, "the last event does not end"
    return events


def line_ends_unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# encoding


@pytest.mark.parametrize(
    ("item", "sent"),
    [
        ("hello", b"data: hello\n\n"),
        ("", b"data: \n\n"),
        (" two  spaces ", b"data:  two  spaces \n\n"),
        ("a\nb\rc\r\nd", b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        ("a\n", b"data: a\ndata: \n\n"),
        ("no\x0bend\x85of\u2028line", "data: no\x0bend\x85of\u2028line\n\n".encode()),
        ({"a": [1, None]}, b'data: {"a": [1, null]}\n\n'),
        ([1, "a\nb"], b'data: [1, "a\\nb"]\n\n'),
        (None, HEARTBEAT),
        (ServerSentEvent("x", event="e", id="1", retry=5), b"event: e\nid: 1\nretry: 5\ndata: x\n\n"),
        (ServerSentEvent({"a": 1}, id=7), b'id: 7\ndata: {"a": 1}\n\n'),
        (ServerSentEvent(None, id=""), b"id: \n\n"),
        (ServerSentEvent(None, comment="a\nb"), b": a\n: b\n\n"),
    ],
)
def test_an_item_is_sent_as(item, sent):
    assert encode(item, json.dumps) == sent


def test_heartbeats_are_comments():
    assert events_of(HEARTBEAT) == []
    assert HEARTBEAT.startswith(b": ")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_data_arrives_as_one_event(data):
    assert events_of(encode(data, json.dumps)) == [{"data": line_ends_unified(data)}]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_comment_arrives_as_no_event(comment):
    assert events_of(encode(ServerSentEvent(None, comment=comment), json.dumps)) == []


def test_json_of_several_lines_arrives_as_one_event():
    sent = encode({"a": 1}, lambda value: json.dumps(value, indent=2))
    assert json.loads(events_of(sent)[0]["data"]) == {"a": 1}


def test_half_a_surrogate_pair_does_not_end_the_stream():
    assert encode("\ud800!", json.dumps) == b"data: ?!\n\n"


@pytest.mark.parametrize("field", ["event", "id"])
@pytest.mark.parametrize("hostile", ["a\ndata: forged", "a\rdata: forged", "a\r\n\r\n", "a\0", "\n"])
def test_a_field_that_would_write_others_is_refused(field, hostile):
    with pytest.raises(ValueError, match="line break or a NUL"):
        ServerSentEvent("x", **{field: hostile})


@pytest.mark.parametrize("retry", ["5", 1.5, True])
def test_a_retry_that_is_no_whole_number_is_refused(retry):
    with pytest.raises(TypeError, match="milliseconds"):
        ServerSentEvent("x", retry=retry)


def test_a_negative_retry_is_refused():
    with pytest.raises(ValueError, match="negative"):
        EventStream([], retry=-1)


@pytest.mark.parametrize("data", [b"bytes", 1, ("a",)])
def test_data_of_another_type_is_refused(data):
    with pytest.raises(TypeError, match=type(data).__name__):
        ServerSentEvent(data)
    with pytest.raises(TypeError, match=type(data).__name__):
        encode(data, json.dumps)


def test_an_event_does_not_change_and_takes_nothing_else():
    event = ServerSentEvent("x")
    with pytest.raises(FrozenInstanceError):
        event.event = "a\nb"
    assert not hasattr(event, "__dict__")


# the response


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.secret_key = "key"
    app.testing = True
    return app


def serve(app, make):
    app.add_url_rule("/", view_func=make, endpoint="index")
    return app.test_client()


def test_its_headers(app):
    response = serve(app, lambda: EventStream(["a"])).get("/")
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Length" not in response.headers
    assert response.data == b"data: a\n\n"


def test_headers_are_added_and_replace_these(app):
    headers = {"X-Other": "1", "cache-control": "no-store", "Content-Type": "text/plain"}
    response = serve(app, lambda: (EventStream([], headers=headers), 202)).get("/")
    assert (response.status_code, response.headers["X-Other"]) == (202, "1")
    assert response.headers.getlist("Cache-Control") == ["no-store"]
    assert response.mimetype == "text/event-stream"


def test_retry_is_sent_first(app):
    response = serve(app, lambda: EventStream(["a"], retry=3000)).get("/")
    assert response.data == b"retry: 3000\n\ndata: a\n\n"


def test_retry_is_sent_first_by_an_asynchronous_source(app):
    response = serve(app, lambda: EventStream(numbers_async, retry=3000)).get("/")
    assert response.data == b"retry: 3000\n\ndata: 1\n\ndata: 2\n\n"


def test_dicts_are_written_by_the_applications_provider(app):
    app.json.default = lambda value: "mine"
    response = serve(app, lambda: EventStream([{"a": object()}])).get("/")
    assert response.data == b'data: {"a": "mine"}\n\n'


def test_it_becomes_a_response_of_the_applications_own_class(app):
    class Mine(Response):
        pass

    app.response_class = Mine
    kinds = []
    app.after_request(lambda response: kinds.append(type(response)) or response)
    assert serve(app, lambda: EventStream(["a"])).get("/").data == b"data: a\n\n"
    assert kinds == [Mine]


def test_asking_for_the_whole_body_raises_instead_of_waiting_for_ever(app):
    app.after_request(lambda response: response.get_data() and response)
    with pytest.raises(RuntimeError, match="sequence"):
        serve(app, lambda: EventStream(["a"])).get("/")


@pytest.mark.parametrize(("sent", "read"), [(None, None), ("", None), ("7", "7"), ("ä€", "ä€")])
def test_the_last_event_id(app, sent, read):
    headers = {} if sent is None else {"Last-Event-ID": sent.encode().decode("latin-1")}
    with app.test_request_context(headers=headers):
        assert EventStream.last_event_id() == last_event_id() == read


# sources


def numbers():
    yield "1"
    yield "2"


async def numbers_async():
    yield "1"
    yield "2"


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


# heartbeats


def body_of(app, *args, **kwargs):
    """Make a stream inside a request that is over, and return its body as a server gets it."""
    with app.test_request_context():
        return EventStream(*args, **kwargs).response


def source_threads():
    return [thread for thread in threading.enumerate() if thread.name == "erlen-events"]


def test_a_silent_plain_source_sends_heartbeats_until_it_gives_something(app):
    go_on = threading.Event()

    def source():
        assert go_on.wait(PATIENCE)
        yield "a"

    body = body_of(app, source, heartbeat=SOON)
    assert [next(body) for _ in range(3)] == [HEARTBEAT] * 3
    go_on.set()
    assert [chunk for chunk in body if chunk != HEARTBEAT] == [b"data: a\n\n"]
    assert source_threads() == []


def test_a_silent_asynchronous_source_sends_heartbeats_and_is_not_disturbed(app):
    cancelled = []

    async def source(go_on):
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        yield "a"

    async def main():
        go_on = asyncio.Event()
        body = body_of(app, source(go_on), heartbeat=SOON)
        assert [await anext(body) for _ in range(3)] == [HEARTBEAT] * 3
        go_on.set()
        assert [chunk async for chunk in body if chunk != HEARTBEAT] == [b"data: a\n\n"]
        await body.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert cancelled == []


def test_an_asynchronous_source_sends_heartbeats_on_wsgi(app):
    async def source():
        await go_on.wait()
        yield "a"

    def view():
        return EventStream(source, heartbeat=SOON)

    go_on = asyncio.Event()
    response = serve(app, view).get("/", buffered=False)
    chunks = response.iter_encoded()
    assert [next(chunks) for _ in range(3)] == [HEARTBEAT] * 3
    app.async_to_sync(set_event)(go_on)
    assert [chunk for chunk in chunks if chunk != HEARTBEAT] == [b"data: a\n\n"]
    response.close()


async def set_event(event):
    event.set()


def test_without_heartbeats_no_thread_is_started(app):
    seen = []

    def source():
        seen.append(threading.current_thread())
        yield "a"

    assert list(body_of(app, source, heartbeat=None)) == [b"data: a\n\n"]
    assert seen == [threading.current_thread()]


def test_a_plain_source_works_on_an_item_only_when_it_is_asked_for(app):
    given = []

    def source():
        for number in range(3):
            given.append(number)
            yield str(number)

    body = body_of(app, source)
    assert (given, source_threads()) == ([], [])
    next(body)
    body.close()
    assert given == [0]


@pytest.mark.parametrize("heartbeat", [None, 15.0])
def test_an_asynchronous_source_works_on_an_item_only_when_it_is_asked_for(app, heartbeat):
    given = []

    async def source():
        for number in range(3):
            given.append(number)
            yield str(number)

    async def main():
        body = body_of(app, source, heartbeat=heartbeat)
        await anext(body)
        await asyncio.sleep(0)
        await body.aclose()

    asyncio.run(main())
    assert given == [0]


def test_a_plain_source_is_run_and_closed_on_one_thread(app):
    threads = []

    def source():
        try:
            for _ in range(3):
                threads.append(threading.get_ident())
                yield "a"
        finally:
            threads.append(threading.get_ident())

    body = body_of(app, source)
    next(body), next(body)
    body.close()
    assert (len(threads), len(set(threads))) == (3, 1)
    assert threads[0] != threading.get_ident()


@pytest.mark.parametrize("heartbeat", [None, 15.0])
def test_an_asynchronous_source_is_run_and_closed_in_one_task_on_wsgi_too(app, heartbeat):
    tasks, variable, values = [], contextvars.ContextVar("variable"), []

    async def source():
        try:
            for number in range(3):
                tasks.append(asyncio.current_task())
                values.append(variable.get(None))
                variable.set(number)
                yield "a"
        finally:
            tasks.append(asyncio.current_task())

    response = serve(app, lambda: EventStream(source, heartbeat=heartbeat)).get("/", buffered=False)
    chunks = response.iter_encoded()
    next(chunks), next(chunks)
    response.close()
    assert (len(tasks), len(set(tasks))) == (3, 1)
    assert values == [None, 0]


# contexts


@pytest.fixture
def torn_down(app):
    told = []
    app.teardown_request(told.append)
    return told


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


# closing a plain source


def test_closing_waits_until_a_source_that_stands_still_is_closed(app, torn_down):
    closed = []

    def source():
        try:
            yield "a"
        finally:
            closed.append(request.path)

    response = serve(app, lambda: EventStream(source)).get("/", buffered=False)
    next(response.iter_encoded())
    response.close()
    response.close()
    assert (closed, torn_down, source_threads()) == (["/"], [None], [])


def test_closing_does_not_wait_for_a_source_that_works_on_an_item(app, torn_down):
    go_on, closed = threading.Event(), threading.Event()

    def source():
        try:
            assert go_on.wait(PATIENCE)
            yield "too late"
        finally:
            closed.set()

    response = serve(app, lambda: EventStream(source, heartbeat=SOON)).get("/", buffered=False)
    chunks = response.iter_encoded()
    assert next(chunks) == HEARTBEAT
    response.close()
    assert not closed.is_set()
    (thread,) = source_threads()
    go_on.set()
    thread.join(PATIENCE)
    assert (closed.is_set(), torn_down) == (True, [None])


def test_whoever_waits_for_an_item_hears_that_another_thread_closed_the_stream(app):
    working, go_on = threading.Event(), threading.Event()

    def source():
        working.set()
        assert go_on.wait(PATIENCE)
        yield "too late"

    body, chunks = body_of(app, source, heartbeat=PATIENCE), []
    reader = threading.Thread(target=lambda: chunks.extend(body))
    reader.start()
    assert working.wait(PATIENCE)
    body.close()
    reader.join(PATIENCE)
    assert (reader.is_alive(), chunks) == (False, [])
    (thread,) = source_threads()
    go_on.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_source_that_is_run_in_place_is_closed_from_another_thread_when_it_has_given_its_item(app):
    working, go_on, closed = threading.Event(), threading.Event(), []

    def source():
        try:
            working.set()
            assert go_on.wait(PATIENCE)
            yield "too late"
        finally:
            closed.append(threading.current_thread())

    body, chunks = body_of(app, source, heartbeat=None), []
    reader = threading.Thread(target=lambda: chunks.extend(body))
    reader.start()
    assert working.wait(PATIENCE)
    body.close()
    assert closed == []
    go_on.set()
    reader.join(PATIENCE)
    assert (closed, chunks) == ([reader], [])


class Closable:
    """An iterable that has to be closed though it was never started, with an iterator of its own."""

    def __init__(self):
        self.closed = 0

    def __iter__(self):
        return iter(["a"])

    def close(self):
        self.closed += 1


class AsyncClosable:
    def __init__(self):
        self.closed = 0

    def __aiter__(self):
        return numbers_async()

    async def aclose(self):
        self.closed += 1


@pytest.mark.parametrize("heartbeat", [None, 15.0])
@pytest.mark.parametrize("kind", [Closable, AsyncClosable])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_source_is_closed_whether_it_was_started_or_not(app, torn_down, kind, heartbeat, method):
    source = kind()
    response = serve(app, lambda: EventStream(source, heartbeat=heartbeat)).open("/", method=method)
    response.get_data()
    response.close()
    assert (source.closed, torn_down, source_threads()) == (1, [None], [])


@pytest.mark.parametrize("heartbeat", [None, 15.0])
def test_a_stream_that_nobody_closed_is_closed_when_it_is_let_go(app, torn_down, heartbeat):
    closed = threading.Event()

    def source():
        try:
            yield "a"
        finally:
            closed.set()

    body = body_of(app, source, heartbeat=heartbeat)
    next(body)
    threads = source_threads()
    del body
    gc.collect()
    assert closed.wait(PATIENCE)
    for thread in threads:
        thread.join(PATIENCE)
    assert torn_down == [None]


def test_a_response_that_a_hook_replaced_is_let_go_with_its_source(app, torn_down):
    source = Closable()
    app.after_request(lambda response: Response("instead"))
    assert serve(app, lambda: EventStream(source)).get("/").data == b"instead"
    gc.collect()
    assert (source.closed, torn_down) == (1, [None])


def test_what_a_source_raises_after_it_was_closed_is_logged(app, caplog):
    def source():
        try:
            yield "a"
        finally:
            raise LookupError("while closing")

    body = body_of(app, source)
    next(body)
    with caplog.at_level(logging.ERROR, app.logger.name):
        body.close()
    (record,) = caplog.records
    assert record.message == "The source of a closed event stream failed."
    assert "while closing" in str(record.exc_info[1])


def test_what_a_source_in_place_raises_when_it_is_closed_reaches_the_server(app):
    def source():
        try:
            yield "a"
        finally:
            raise LookupError("while closing")

    body = body_of(app, source, heartbeat=None)
    next(body)
    with pytest.raises(LookupError, match="while closing"):
        body.close()


def test_a_source_may_close_its_own_stream(app):
    def source():
        yield "a"
        body.close()
        yield "b"

    for heartbeat in (None, 15.0):
        body = body_of(app, source, heartbeat=heartbeat)
        assert list(body) == [b"data: a\n\n"]
    for thread in source_threads():
        thread.join(PATIENCE)


def test_a_stream_outside_of_a_request_has_no_contexts_and_works(app):
    assert list(EventStream(numbers).response) == [b"data: 1\n\n", b"data: 2\n\n"]
    assert list(EventStream(numbers, heartbeat=None).response) == [b"data: 1\n\n", b"data: 2\n\n"]


# closing an asynchronous source


def in_a_loop(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, PATIENCE))


@pytest.mark.parametrize("heartbeat", [None, 15.0])
def test_an_asynchronous_source_that_stands_still_is_closed(app, heartbeat):
    closed = []

    async def source():
        try:
            yield "a"
        except GeneratorExit:
            closed.append(request.path)
            raise

    async def main():
        body = body_of(app, source, heartbeat=heartbeat)
        await anext(body)
        await body.aclose()

    in_a_loop(main())
    assert closed == ["/"]


@pytest.mark.parametrize("heartbeat", [None, 15.0])
def test_an_asynchronous_source_that_waits_is_cancelled(app, heartbeat):
    closed = []

    async def source():
        yield "a"
        try:
            waits.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            closed.append(True)
            raise

    async def main():
        nonlocal waits
        waits = asyncio.Event()
        body = body_of(app, source, heartbeat=heartbeat)
        await anext(body)
        reader = asyncio.create_task(read(body))
        await waits.wait()
        await body.aclose()
        assert await reader == []  # who waited for an item hears of the end
        assert [chunk async for chunk in body] == []

    waits = None
    in_a_loop(main())
    assert closed == [True]


async def read(body):
    return [chunk async for chunk in body]


def test_a_source_that_swallows_its_cancellation_is_closed_after_its_item(app):
    closed = []

    async def source():
        try:
            try:
                waits.set()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                yield "not now"
        finally:
            closed.append(True)

    async def main():
        nonlocal waits
        waits = asyncio.Event()
        body = body_of(app, source)
        reader = asyncio.create_task(read(body))
        await waits.wait()
        await body.aclose()
        await reader

    waits = None
    in_a_loop(main())
    assert closed == [True]


def test_what_an_asynchronous_source_raises_when_it_is_closed_reaches_the_server(app):
    async def source():
        try:
            yield "a"
        finally:
            raise LookupError("while closing")

    async def main():
        body = body_of(app, source)
        await anext(body)
        with pytest.raises(LookupError, match="while closing"):
            await body.aclose()

    in_a_loop(main())


def test_a_source_that_cancels_itself_ends_the_stream_with_an_error(app):
    async def source():
        raise asyncio.CancelledError
        yield

    async def main():
        body = body_of(app, source)
        with pytest.raises(RuntimeError, match="cancelled before its end"):
            await anext(body)
        await body.aclose()

    in_a_loop(main())


def test_a_loop_for_each_item_is_an_error_that_says_so(app):
    app.async_to_sync = lambda func: lambda *args: asyncio.run(func(*args))
    response = serve(app, lambda: EventStream(numbers_async)).get("/", buffered=False)
    chunks = response.iter_encoded()
    next(chunks)
    with pytest.raises(RuntimeError, match="one loop"):
        next(chunks)
    response.close()


def test_an_asynchronous_stream_that_nobody_closed_is_closed_when_it_is_let_go(app, caplog):
    async def source():
        try:
            yield "a"
        finally:
            closed.set()

    async def main():
        nonlocal closed
        closed = asyncio.Event()
        with app.app_context():
            events = EventStream(source).response._source
        await anext(events)
        del events
        gc.collect()
        await closed.wait()

    closed = None
    in_a_loop(main())
    assert caplog.records == []  # asyncio logs a task that is thrown away


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


def test_the_body_of_an_asynchronous_source_is_sent_by_the_loop(app):
    with app.test_request_context():
        stream = EventStream(numbers_async)
    assert isinstance(stream.response, AsyncBody)
    stream.response.close()
