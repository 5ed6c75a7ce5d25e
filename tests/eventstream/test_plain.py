"""Plain sources: heartbeats, threads, and that they are closed."""

from __future__ import annotations

import gc
import logging
import threading

import pytest

from erlen import Response, request
from erlen.eventstream import EventStream
from erlen.eventstream.encoding import HEARTBEAT
from tests.eventstream.sources import PATIENCE, SOON, body_of, numbers, numbers_async, serve, source_threads

# heartbeats


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


# closing a plain source


def test_closing_between_two_items_waits_until_the_source_is_closed(app, torn_down):
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


def test_waiting_for_an_item_ends_when_another_thread_closes_the_stream(app):
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
def test_an_unclosed_stream_is_closed_when_it_is_collected(app, torn_down, heartbeat):
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
