"""One subscriber: a bounded queue that any thread fills and one loop empties."""

from __future__ import annotations

import asyncio
import threading
import typing as t
from collections import deque

Message: t.TypeAlias = "str | bytes"
Overflow: t.TypeAlias = t.Literal["disconnect", "drop_oldest"]


class SlowSubscriberError(RuntimeError):
    """An error about a subscriber that was disconnected because it took its messages too slowly."""


class Transport(t.Protocol):
    """The delivery of messages to the subscribers of a loop."""

    async def subscribe(self, subscription: Subscription) -> None: ...

    async def unsubscribe(self, subscription: Subscription) -> None: ...


class Subscription:
    """The messages published to a channel, from ``async with`` on until its end.

    Iterate over it inside the block. Iterating raises :class:`SlowSubscriberError` where more than
    the channel's ``queue_size`` messages were waiting, and the channel does not drop the oldest.
    """

    def __init__(
        self, name: str, transport: t.Callable[[], Transport], size: int, overflow: Overflow
    ) -> None:
        self.name = name
        #: How often the connection to Redis was lost; messages may have been missed each time.
        self.interruptions = 0
        self._make_transport = transport
        self._transport: Transport | None = None
        self._size = size
        self._drops_oldest = overflow == "drop_oldest"
        self._messages: deque[Message] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        # Guards what publishers change: the messages and the three attributes below.
        self._lock = threading.Lock()
        self._is_notified = False
        self._is_open = False
        self._error: SlowSubscriberError | None = None

    async def __aenter__(self) -> Subscription:
        if self._loop is not None:
            raise RuntimeError("A subscription is entered once. Call subscribe() again for another one.")
        self._loop = asyncio.get_running_loop()
        self._is_open = True
        transport = self._make_transport()
        try:
            await transport.subscribe(self)
        except BaseException:
            self.end()
            raise
        self._transport = transport
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.end()
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.unsubscribe(self)

    def __aiter__(self) -> Subscription:
        if self._loop is None:
            raise RuntimeError("Enter the subscription first: async with channel.subscribe() as messages: …")
        return self

    async def __anext__(self) -> Message:
        while True:
            if self._messages:
                return self._messages.popleft()
            if self._error is not None:
                raise self._error
            if not self._is_open:
                raise StopAsyncIteration
            # Publishers set it by a call on this loop, so none can come in between.
            self._news.clear()
            await self._news.wait()

    # called by publishers, on any thread

    def put(self, message: Message) -> bool:
        """Add a message; never wait and never raise. Return False where nobody receives it any longer."""
        with self._lock:
            if not self._is_open:
                return False
            if len(self._messages) >= self._size:
                self._overflow()
            if self._error is None:
                self._messages.append(message)
            is_told, self._is_notified = self._is_notified, True
        # PERF: one call on the loop for as many messages as come before it runs: a loop that is held
        # up has one call waiting, not one for each message.
        return (is_told or self._notify()) and self._error is None

    def _overflow(self) -> None:
        if self._drops_oldest:
            self._messages.popleft()
            return
        # The waiting messages are dropped: the limit is there to bound memory.
        self._messages.clear()
        self._is_open = False
        self._error = SlowSubscriberError(
            f"A subscriber of the channel {self.name!r} was disconnected: {self._size} messages were waiting"
            " for it when another one came. Take messages faster, or give the channel a larger queue_size or"
            " overflow='drop_oldest'."
        )

    def end(self) -> None:
        """End the iteration after the messages that are waiting."""
        with self._lock:
            self._is_open = False
        self._notify()

    def _notify(self) -> bool:
        """Wake the subscriber; return False where its loop has ended."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError:  # the loop is closed
            return False
        return True

    def _wake(self) -> None:
        with self._lock:
            self._is_notified = False
        self._news.set()
