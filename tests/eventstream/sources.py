"""Sources of event streams, and how their events are read."""

from __future__ import annotations

import asyncio
import threading

from erlen.eventstream import EventStream

PATIENCE = 60  # seconds after which a test that hangs has failed


SOON = 0.01  # seconds between heartbeats, where a test waits for some


def serve(app, make):
    app.add_url_rule("/", view_func=make, endpoint="index")
    return app.test_client()


def numbers():
    yield "1"
    yield "2"


async def numbers_async():
    yield "1"
    yield "2"


def body_of(app, *args, **kwargs):
    """Make a stream inside a request that is over, and return its body as a server gets it."""
    with app.test_request_context():
        return EventStream(*args, **kwargs).response


def source_threads():
    return [thread for thread in threading.enumerate() if thread.name == "erlen-events"]


def in_a_loop(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, PATIENCE))


async def read(body):
    return [chunk async for chunk in body]
