"""Every kind of hostile input has the right answer, by each protocol and for views of both colours."""

from __future__ import annotations

import asyncio
import functools
import gc
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from erlen import Erlen
from tests.calls import count_calls

from .callers import Answer, Sent, by_asgi, by_wsgi
from .hostile import create
from .table import FORBIDDEN, GROWING, KINDS, Kind

UNLIMITED = {"MAX_CONTENT_LENGTH": 1 << 24, "MAX_FORM_PARTS": 1 << 20, "MAX_FORM_MEMORY_SIZE": 1 << 24}
WAYS = ("wsgi, plain", "asgi, plain", "asgi, coroutine")


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


@functools.cache
def _application(colour: str, config: str) -> Erlen:
    app = create(colour, **json.loads(config))
    app.logger.disabled = True
    return app


@pytest.fixture
def ask(loop: asyncio.AbstractEventLoop) -> Callable[[str, Kind], Answer]:
    def ask(way: str, kind: Kind) -> Answer:
        protocol, colour = way.split(", ")
        app = _application(colour, json.dumps(kind.config))
        return (
            by_wsgi(app, kind.sent)
            if protocol == "wsgi"
            else loop.run_until_complete(by_asgi(app, kind.sent))
        )

    return ask


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "_"))
def test_hostile_input_has_the_right_answer(kind: Kind, way: str, ask: Callable[[str, Kind], Answer]) -> None:
    right = kind.wsgi if kind.wsgi is not None and way.startswith("wsgi") else kind.status
    answer = ask(way, kind)
    assert answer.status in right, answer.text[:500]
    if kind.text is not None and answer.status == 200:
        assert answer.text == kind.text
    if kind.header is not None:
        name, value = kind.header
        assert answer.header(name) == value
    told = answer.text + repr(answer.headers)
    assert not any(word in told for word in FORBIDDEN)
    assert not any(set(value) & set("\r\n\0") for _, value in answer.headers)
    assert ask(way, Kind("alive", (200,), Sent(), config=kind.config)).status in (200, 400)


def test_the_table_has_a_hundred_and_twenty_kinds_at_least() -> None:
    assert len(KINDS) >= 120
    assert len({kind.name for kind in KINDS}) == len(KINDS)


# growth


def test_nothing_is_left_of_hostile_input(ask: Callable[[str, Kind], Answer]) -> None:
    def once(number: int) -> None:
        for kind in KINDS:
            mark = "&" if "?" in kind.sent.target else "?"
            target = f"{kind.sent.target}{mark}made-up={number}"
            for way in WAYS:
                ask(way, replace(kind, sent=replace(kind.sent, target=target)))
        gc.collect()

    def held() -> tuple[int, int, int, int]:
        files = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
        return threading.active_count(), files, len(gc.get_objects()), sys.getallocatedblocks()

    once(0)
    once(1)
    threads, files, objects, blocks = held()
    once(2)
    later = held()
    assert later[:2] <= (threads, files)
    # Less than one for each request: what is kept for the next ones is bounded.
    assert later[2] - objects < len(KINDS)
    assert later[3] - blocks < len(KINDS)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "asgi, plain"])
@pytest.mark.parametrize("name", GROWING)
def test_steps_grow_no_faster_than_the_request(
    name: str, way: str, ask: Callable[[str, Kind], Answer]
) -> None:
    def steps(count: int) -> int:
        kind = Kind(name, (), GROWING[name](count), config=UNLIMITED)
        assert ask(way, kind).status < 500  # whatever is made once has been made
        return count_calls(lambda: ask(way, kind))

    once, twice, four_times = (steps(200 * factor) for factor in (1, 2, 4))
    assert four_times - twice <= 2.2 * (twice - once) + 100
