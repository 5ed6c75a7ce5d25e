"""The body of an asynchronous source.

The source is started, iterated and closed in one task. A task for each item would be shorter, and
wrong: time-outs, task groups and cancel scopes that a source holds between two items belong to the
task that entered them, and context variables to its context. Waiting for an item with
``asyncio.wait_for`` would cancel the source at each heartbeat.
"""

from __future__ import annotations

import asyncio
import sys
import typing as t
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, aclosing

from .encoding import HEARTBEAT, Item

_END: t.Any = object()
_SILENCE: t.Any = object()


class AsyncEvents:
    """Iterate over an asynchronous source's items, encoded, with heartbeats while it is silent."""

    def __init__(
        self,
        source: AsyncIterable[Item],
        encode: Callable[[Item], bytes],
        opening: bytes | None,
        heartbeat: float | None,
    ) -> None:
        self._source = source
        self._started = False
        self._chunks = _chunks(source, encode, opening, heartbeat)

    def __aiter__(self) -> AsyncEvents:
        return self

    async def __anext__(self) -> bytes:
        self._started = True
        return await self._chunks.__anext__()

    async def aclose(self) -> None:
        """Close the source, whether it was started or not."""
        await self._chunks.aclose()
        if not self._started:
            self._started = True
            async with _closing(self._source):
                pass


async def _chunks(
    source: AsyncIterable[Item],
    encode: Callable[[Item], bytes],
    opening: bytes | None,
    heartbeat: float | None,
) -> AsyncGenerator[bytes, None]:
    # A generator, so that the loop closes it where whoever read it forgot to.
    items = _in_place(source) if heartbeat is None else _with_silences(source, heartbeat)
    async with _closing(source), aclosing(items):
        if opening is not None:
            yield opening
        async for item in items:
            yield HEARTBEAT if item is _SILENCE else encode(item)


async def _in_place(source: AsyncIterable[Item]) -> AsyncGenerator[Item, None]:
    iterator = aiter(source)
    async with _closing(iterator):
        async for item in iterator:
            yield item


async def _with_silences(source: AsyncIterable[Item], patience: float) -> AsyncGenerator[t.Any, None]:
    pump = _Pump(source)
    try:
        while (item := await pump.next(patience)) is not _END:
            yield item
    finally:
        await pump.close()


class _Pump:
    """Fetch a source's items, one each time that somebody asks, in one task."""

    def __init__(self, source: AsyncIterable[Item]) -> None:
        self._source = source
        self._asked = asyncio.Event()
        self._given: asyncio.Future[Item] | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def next(self, patience: float) -> t.Any:
        """Return the next item, ``_SILENCE`` after *patience* seconds without one, or ``_END``."""
        if self._given is None:
            self._given = asyncio.get_running_loop().create_future()
            self._asked.set()
        if self._task is None:
            self._task = _start(self._run())
        either: set[asyncio.Future[t.Any]] = {self._given, self._task}
        await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if self._given.done():
            item, self._given = self._given.result(), None
            return item
        if not self._task.done():
            return _SILENCE
        task, self._task = self._task, None
        task.result()  # what the source raised
        return _END

    async def _run(self) -> None:
        iterator = aiter(self._source)
        async with _closing(iterator):
            # A source may swallow its cancellation, and give one item more.
            while not self._closing:
                await self._asked.wait()
                self._asked.clear()
                item = await anext(iterator, _END)
                if item is _END:
                    return
                assert self._given is not None
                self._given.set_result(item)

    async def close(self) -> None:
        """Cancel what the source waits for, close it, and raise what it raises at that."""
        self._closing = True
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()


def _start(coroutine: Coroutine[t.Any, t.Any, None]) -> asyncio.Task[None]:
    """Start a task in this task's context, so that what the source sets is set for the teardown too.

    Before Python 3.12 no task can tell its context: there it is a copy, taken when the source is
    started. It sees all that was set until then; ``g`` and ``session`` are the same objects.
    """
    if sys.version_info >= (3, 12):
        current = asyncio.current_task()
        if current is not None:
            return asyncio.create_task(coroutine, context=current.get_context())
    return asyncio.create_task(coroutine)


def _closing(iterable: AsyncIterable[Item] | AsyncIterator[Item]) -> AsyncExitStack:
    """Close what can be closed, at the end of a block."""
    stack = AsyncExitStack()
    aclose = getattr(iterable, "aclose", None)
    if aclose is not None:
        stack.push_async_callback(aclose)
    return stack
