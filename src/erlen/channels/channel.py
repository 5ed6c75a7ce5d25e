"""The channel: what an application publishes to and subscribes to."""

from __future__ import annotations

import asyncio
import typing as t
from importlib import import_module

from .. import json
from .hub import in_memory
from .subscription import Message, Overflow, Subscription, Transport

_SCHEMES = ("redis://", "rediss://", "unix://")


class _InMemory:
    """A transport inside this process."""

    async def subscribe(self, subscription: Subscription) -> None:
        in_memory.add(subscription)

    async def unsubscribe(self, subscription: Subscription) -> None:
        in_memory.remove(subscription)


class Channel:
    """A broadcast channel: each message that is published reaches all who have subscribed by then.

    Channels of the same name and address are the same channel. Without *url* it lives in this
    process; with the address of a Redis server it reaches all processes that use that server.

    *queue_size* messages may wait for each subscriber. A subscriber that is slower than that is
    disconnected with :class:`SlowSubscriberError`, or, with ``overflow="drop_oldest"``, loses its
    oldest message. Publishers never wait for subscribers.

    Making one costs nothing and connects to nothing, so a view may make one by name. Raises
    ImportError where *url* is given and redis-py is not installed.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str | None = None,
        queue_size: int = 100,
        overflow: Overflow = "disconnect",
    ) -> None:
        _check(name, url, queue_size, overflow)
        self.name = name
        self.url = url
        self.queue_size = queue_size
        self.overflow: Overflow = overflow
        self._redis = None if url is None else _load_redis()

    async def publish(self, message: Message) -> None:
        """Send a str or bytes to all subscribers. Returns without knowing whether there are any.

        Raises TypeError for other messages, and ``redis.exceptions.RedisError`` where Redis cannot
        be reached.
        """
        _check_message(message)
        if self._redis is not None and self.url is not None:
            await self._redis.link_to(self.url).publish(self.name, message)
            return
        in_memory.publish(self.name, message)
        # A pause, so that a coroutine which publishes in a loop does not starve the subscribers of its loop.
        await asyncio.sleep(0)

    def publish_sync(self, message: Message) -> None:
        """Do what :meth:`publish` does, from plain code, on any thread.

        Over Redis it blocks until Redis has answered: in a coroutine, await ``publish``.
        """
        _check_message(message)
        if self._redis is not None and self.url is not None:
            self._redis.publish_sync(self.url, self.name, message)
        else:
            in_memory.publish(self.name, message)

    async def publish_json(self, value: t.Any) -> None:
        """Publish *value* as JSON text, in the current application's way."""
        await self.publish(json.dumps(value))

    def publish_json_sync(self, value: t.Any) -> None:
        """Do what :meth:`publish_json` does, from plain code, on any thread."""
        self.publish_sync(json.dumps(value))

    def subscribe(self) -> Subscription:
        """Return the messages published from now on: ``async with channel.subscribe() as messages``.

        "Now" is when the block is entered. Entering raises ``redis.exceptions.RedisError`` where Redis
        cannot be reached. Where the connection is lost later, the subscription goes on when Redis is
        back; what was published meanwhile is lost, and ``messages.interruptions`` counts how often.
        """
        return Subscription(self.name, self._transport, self.queue_size, self.overflow)

    async def aclose(self) -> None:
        """Close this loop's connections to the Redis server, which all channels with this address share.

        Subscriptions on this loop end. The connections are opened again when they are needed.
        """
        if self._redis is not None and self.url is not None:
            await self._redis.close_link_to(self.url)

    def _transport(self) -> Transport:
        if self._redis is None or self.url is None:
            return _InMemory()
        transport: Transport = self._redis.link_to(self.url)
        return transport

    def __repr__(self) -> str:
        # An address may have a password in it.
        return f"<Channel {self.name!r} {'in memory' if self.url is None else 'over Redis'}>"


def _check(name: str, url: str | None, queue_size: int, overflow: str) -> None:
    if not isinstance(name, str) or not name:
        raise ValueError(f"A channel's name is a str that is not empty, not {name!r}.")
    if name.startswith(_SCHEMES):
        raise ValueError("The first argument is the channel's name: Channel('news', url='redis://…').")
    if url is not None and not url.startswith(_SCHEMES):
        raise ValueError(f"'url' starts with one of {', '.join(_SCHEMES)}.")
    if queue_size < 1:
        raise ValueError(f"'queue_size' is at least 1, not {queue_size!r}.")
    if overflow not in t.get_args(Overflow):
        raise ValueError(f"'overflow' is one of {', '.join(t.get_args(Overflow))}, not {overflow!r}.")


def _check_message(message: Message) -> None:
    if not isinstance(message, (str, bytes)):
        raise TypeError(
            f"A message is a str or bytes, not {type(message).__name__}. publish_json() sends other values."
        )


def _load_redis() -> t.Any:
    # Imported here: redis-py is installed only where it is used.
    try:
        return import_module(".over_redis", __package__)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "redis":
            raise
        raise ImportError("A channel with a 'url' needs redis-py: pip install erlen[redis]") from error
