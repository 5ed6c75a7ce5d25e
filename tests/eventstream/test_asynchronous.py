"""Asynchronous sources: heartbeats, tasks, and that they are closed."""

from __future__ import annotations

import asyncio
import contextvars
import gc

import pytest

from erlen import request
from erlen.eventstream import EventStream
from erlen.eventstream.encoding import HEARTBEAT
from erlen.wrappers.async_body import AsyncBody
from tests.eventstream.sources import SOON, body_of, in_a_loop, numbers_async, read, serve

# heartbeats


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


# closing an asynchronous source


@pytest.mark.parametrize("heartbeat", [None, 15.0])
def test_an_asynchronous_source_is_closed_between_two_items(app, heartbeat):
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


def test_an_unclosed_asynchronous_stream_is_closed_when_it_is_collected(app, caplog):
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


def test_the_body_of_an_asynchronous_source_is_sent_by_the_loop(app):
    with app.test_request_context():
        stream = EventStream(numbers_async)
    assert isinstance(stream.response, AsyncBody)
    stream.response.close()
