"""The stacks of this very process; ``test_granian_server.py`` asks processes that serve."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator
from typing import Any

from erlen.deploy.serve.worker.requests_under_way import Request
from erlen.deploy.serve.worker.stacks import stacks


class Server:
    """What is asked for its requests."""

    def __init__(self, thread: int | None = None, task: Any = None) -> None:
        self.requests = self
        self._request = Request("GET /here HTTP/1.1", 0.0, False, thread)
        self._task = task

    def all(self) -> list[Request]:
        return [self._request]

    def tasks(self) -> list[Any]:
        return [] if self._task is None else [(self._request, self._task)]


def parts(server: Any) -> list[str]:
    return stacks(server).split("\n\n")


def test_a_thread_that_waits_is_shown_with_its_request() -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def waits() -> None:
        has_begun.set()
        may_end.wait()

    thread = threading.Thread(target=waits, name="the-waiting-one")
    thread.start()
    has_begun.wait()
    try:
        (part,) = [part for part in parts(Server(thread.ident)) if "GET /here HTTP/1.1" in part]
        assert part.startswith("Thread the-waiting-one, for ")
        assert "in waits\n" in part
        assert any(part.startswith("Thread the-waiting-one:\n") for part in parts(None))
    finally:
        may_end.set()
        thread.join()


def test_the_thread_that_asks_is_left_out() -> None:
    assert "test_the_thread_that_asks_is_left_out" not in stacks(None)


class Driven:
    """An awaitable that drives a coroutine by hand."""

    def __init__(self, coroutine: Any) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, None, None]:
        coroutine = self._coroutine
        while True:
            try:
                waits_for = coroutine.send(None)
            except StopIteration:
                return
            yield waits_for


async def innermost(event: asyncio.Event) -> None:
    await event.wait()


async def pieces(event: asyncio.Event) -> AsyncIterator[int]:
    await Driven(innermost(event))
    yield 1


async def outermost(event: asyncio.Event) -> None:
    async for _ in pieces(event):
        pass


def test_a_task_is_shown_with_all_that_it_waits_for() -> None:
    async def main() -> str:
        event = asyncio.Event()
        task = asyncio.create_task(outermost(event), name="the-task")
        await asyncio.sleep(0)
        found = stacks(Server(task=task))  # type: ignore[arg-type]
        event.set()
        await task
        return found

    text = asyncio.run(main())
    (part,) = [part for part in text.split("\n\n") if part.startswith("Task the-task, for ")]
    assert "GET /here HTTP/1.1" in part
    positions = [
        part.index(f"in {name}\n") for name in ("outermost", "pieces", "__await__", "innermost", "wait")
    ]
    assert positions == sorted(positions)
