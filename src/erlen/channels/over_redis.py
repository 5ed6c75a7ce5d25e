"""Channels over Redis pub/sub, so that messages reach all processes.

Each loop has one link to each server: one connection that receives for all its subscribers, and a
pool for publishing. redis-py's own retries are turned off on the receiving connection, and one task
reads it and begins again when it breaks: whether a retry inside redis-py subscribes again, and
whether its caller learns of the loss, differs between its versions.

Text travels as UTF-8, so that other programs can publish and read it. Bytes travel behind 0xFF,
which no UTF-8 text contains.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import typing as t
from contextlib import aclosing

import redis.asyncio
import redis.retry
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from .hub import Hub
from .subscription import Message, Subscription

logger = logging.getLogger("erlen.channels")

# Seconds of silence after which the server is pinged, and seconds that it has to answer.
SILENCE = 30.0
# Seconds before the connection is tried again: at first, then doubled each time up to the last.
FIRST_DELAY, LAST_DELAY = 0.1, 5.0

# RESP2, which every version of the server speaks.
_OPTIONS: dict[str, t.Any] = {"protocol": 2}
# A connection that waited in the pool may have been closed since: publish once more, on a new one.
_PUBLISHING: dict[str, t.Any] = {**_OPTIONS, "retry_on_error": [RedisConnectionError]}


class Link:
    """One loop's connections to one Redis server."""

    def __init__(self, url: str) -> None:
        self._publisher: t.Any = redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 1), **_PUBLISHING)
        self._receiver: t.Any = redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **_OPTIONS)
        self._hub = Hub()
        # The names to receive, each with a future that is done while the server sends them.
        self._names: dict[str, asyncio.Future[None]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._pubsub: t.Any = None  # None while there is no connection
        self._commands = asyncio.Lock()

    async def publish(self, name: str, message: Message) -> None:
        await self._publisher.publish(name, to_wire(message))

    async def subscribe(self, subscription: Subscription) -> None:
        """Add a subscriber, and wait until the server has confirmed the subscription."""
        name = subscription.name
        self._hub.add(subscription)
        try:
            if name not in self._names:
                self._names[name] = asyncio.get_running_loop().create_future()
                if self._reader is None:
                    self._reader = asyncio.create_task(self._read())
                else:
                    await self._command("subscribe", name)
            confirmed = self._names.get(name)
            if confirmed is None:
                raise _closed()
            # Others may wait for the same future, and it must not be cancelled with this task.
            await asyncio.shield(confirmed)
        except BaseException:
            await self.unsubscribe(subscription)
            raise

    async def unsubscribe(self, subscription: Subscription) -> None:
        name = subscription.name
        self._hub.remove(subscription)
        if name in self._hub or self._names.pop(name, None) is None:
            return
        if self._names:
            await self._command("unsubscribe", name)
        else:
            await self._stop()

    async def close(self) -> None:
        """End all subscriptions and close all connections."""
        for subscription in self._hub:
            subscription.end()
        self._fail_waiting(_closed())
        self._names.clear()
        await self._stop()
        await self._publisher.aclose()
        await self._receiver.aclose()

    async def _stop(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.wait({reader})

    async def _command(self, verb: str, name: str) -> None:
        async with self._commands:
            if self._pubsub is None:
                return  # the reader subscribes to all names when it has connected
            try:
                await getattr(self._pubsub, verb)(name)
            except (RedisError, OSError) as error:
                # redis-py may have reconnected without this name: connect and subscribe to all names again.
                self._lose(error)
                if self._reader is not None:
                    self._reader.cancel()
                    self._reader = asyncio.create_task(self._read())

    # the task that receives

    async def _read(self) -> None:
        """Receive, and connect again when the connection is lost, until cancelled."""
        delay = FIRST_DELAY
        while True:
            try:
                await self._receive()
            except Exception as error:  # whatever it is, subscribers must not wait for a dead task
                if self._lose(error):
                    delay = FIRST_DELAY
            await asyncio.sleep(delay)
            delay = min(2 * delay, LAST_DELAY)

    async def _receive(self) -> None:
        async with aclosing(self._receiver.pubsub()) as pubsub:
            async with self._commands:
                await pubsub.subscribe(*self._names)
                self._pubsub = pubsub
            try:
                was_asked = False
                while True:
                    answer = await pubsub.get_message(timeout=SILENCE)
                    if answer is not None:
                        self._handle(answer)
                    elif was_asked:
                        raise RedisConnectionError("The server does not answer.")
                    else:
                        await pubsub.ping()
                    was_asked = answer is None
            finally:
                if self._pubsub is pubsub:
                    self._pubsub = None

    def _handle(self, answer: dict[str, t.Any]) -> None:
        if answer["type"] == "message":
            self._hub.publish(_name_from(answer["channel"]), from_wire(answer["data"]))
        elif answer["type"] == "subscribe":
            confirmed = self._names.get(_name_from(answer["channel"]))
            if confirmed is not None and not confirmed.done():
                confirmed.set_result(None)

    def _lose(self, error: Exception) -> bool:
        """Tell all subscribers that there is no connection; return whether there was one."""
        had_connection = any(future.done() for future in self._names.values())
        if had_connection:
            logger.warning("Connecting to Redis again: its channels' connection was lost: %s", error)
        for subscription in self._hub:
            confirmed = self._names.get(subscription.name)
            if confirmed is not None and confirmed.done():
                subscription.interruptions += 1
        self._fail_waiting(error)
        loop = asyncio.get_running_loop()
        self._names = {name: loop.create_future() for name in self._names}
        return had_connection

    def _fail_waiting(self, error: Exception) -> None:
        for future in self._names.values():
            if not future.done():
                future.set_exception(error)
                future.exception()  # marks it as retrieved, or asyncio logs it where nobody waits


# The links, one for each loop and address.
_links: dict[asyncio.AbstractEventLoop, dict[str, Link]] = {}
_clients: dict[str, t.Any] = {}
_lock = threading.Lock()


def link_to(url: str) -> Link:
    """Return the running loop's link to the server at *url*."""
    loop = asyncio.get_running_loop()
    with _lock:
        links = _links.get(loop)
        if links is None:
            for ended in [each for each in _links if each.is_closed()]:
                del _links[ended]
            links = _links[loop] = {}
        if url not in links:
            links[url] = Link(url)
        return links[url]


async def close_link_to(url: str) -> None:
    """Close the running loop's link to the server at *url*, if there is one."""
    with _lock:
        link = _links.get(asyncio.get_running_loop(), {}).pop(url, None)
    if link is not None:
        await link.close()


def publish_sync(url: str, name: str, message: Message) -> None:
    """Publish with the redis-py client that all threads share; this blocks."""
    with _lock:
        client = _clients.get(url)
        if client is None:
            retry = redis.retry.Retry(NoBackoff(), 1)
            client = _clients[url] = redis.Redis.from_url(url, retry=retry, **_PUBLISHING)
    client.publish(name, to_wire(message))


def to_wire(message: Message) -> bytes:
    """Encode a message for Redis."""
    return b"\xff" + message if isinstance(message, bytes) else message.encode("utf-8", "surrogatepass")


def from_wire(data: bytes) -> Message:
    """Decode data from Redis; data of other programs that is not UTF-8 stays bytes."""
    if data[:1] == b"\xff":
        return data[1:]
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data


def _closed() -> RedisError:
    return RedisConnectionError("The channel's connection was closed.")


def _name_from(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
