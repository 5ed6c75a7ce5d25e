"""The body of an asynchronous source.

The source is started, iterated and closed in one task. A task for each item would be shorter, and
wrong: time-outs, task groups and cancel scopes that a source holds between two items belong to the
task that entered them, and context variables to its context. Waiting for an item with
``asyncio.wait_for`` would cancel the source at each heartbeat.

The task has a copy of the context in which the first item is asked for: the source sees what was set
until then, and what it sets is its own. ``request``, ``g`` and ``session`` are the same objects.
"""

from __future__ import annotations

import asyncio
import typing as t
from collections.abc import AsyncIterable
from contextlib import AsyncExitStack

from .encoding import HEARTBEAT, Item, encode

_END: t.Any = object()


class AsyncEvents:
    """An iterator over an asynchronous source's items, encoded, with heartbeats while it is silent."""

    # Whether other tasks run before each item is there.
    lets_others_run = True

    def __init__(
        self,
        source: AsyncIterable[Item],
        opening: bytes | None,
        heartbeat: float | None,
    ) -> None:
        self._task = _SourceTask(source, opening)
        self._heartbeat = heartbeat

    def __aiter__(self) -> AsyncEvents:
        return self

    def __anext__(self) -> t.Awaitable[bytes]:
        return self._task.next(self._heartbeat)

    async def aclose(self) -> None:
        """Close the source, whether it was started or not; a task that waits for an item gets the end.

        The source is cancelled where it waits, as when the client goes away. Raises what the source raises.
        """
        await self._task.close()

    def __del__(self) -> None:
        self._task.abandon()


class _SourceTask:
    """A task that fetches a source's items, one each time that somebody asks.

    The task refers to this object and not to the body, so that a body which is collected can end it.
    """

    def __init__(self, source: AsyncIterable[Item], opening: bytes | None) -> None:
        self._source = source
        self._opening = opening
        self._asked = asyncio.Event()
        self._given: asyncio.Future[Item] | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    async def next(self, patience: float | None) -> bytes:
        """Return the next item, encoded, or a heartbeat after *patience* seconds without one."""
        if self._opening is not None:
            opening, self._opening = self._opening, None
            return opening
        if self._is_closed:
            raise StopAsyncIteration
        if self._given is None:
            self._given = asyncio.get_running_loop().create_future()
            self._asked.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        if not self._given.done() and not self._task.done():
            either: set[asyncio.Future[t.Any]] = {self._given, self._task}
            await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if self._given is not None and self._given.done():
            item, self._given = self._given.result(), None
            return encode(item)
        if self._task is not None and not self._task.done():
            return HEARTBEAT
        self._end()
        raise StopAsyncIteration

    def _end(self) -> None:
        """Raise what the source raised, once."""
        task, self._task = self._task, None
        if task is None or self._is_closed:
            return  # who closed it hears of that
        self._is_closed = True
        if task.cancelled():
            raise RuntimeError(
                "The source of an event stream was cancelled before its end: by itself, or with its event"
                " loop. All its items have to come from one loop, also where app.async_to_sync is overridden."
            )
        task.result()

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            _push_aclose(stack, self._source)
            iterator = aiter(self._source)
            if iterator is not self._source:
                _push_aclose(stack, iterator)
            # A source may swallow its cancellation, and give one item more.
            while not self._is_closed:
                await self._asked.wait()
                self._asked.clear()
                item = await anext(iterator, _END)
                if item is _END:
                    return
                assert self._given is not None
                self._given.set_result(item)

    async def close(self) -> None:
        was_closed, self._is_closed = self._is_closed, True
        self._opening = None
        if was_closed:
            return
        task, self._task = self._task, None
        if task is None:
            async with AsyncExitStack() as stack:
                _push_aclose(stack, self._source)
            return
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    def abandon(self) -> None:
        """Close the source without waiting for it, from any thread."""
        if self._task is None or self._is_closed:
            return
        self._is_closed = True
        loop = self._task.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._task.cancel)


def _push_aclose(stack: AsyncExitStack, iterable: object) -> None:
    """Close *iterable*, if it can be closed, at the end of the stack's block."""
    aclose = getattr(iterable, "aclose", None)
    if aclose is not None:
        stack.push_async_callback(aclose)
