"""Channels over a real Redis server: several processes, several loops, and a server that goes away."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis

from erlen.channels import Channel, SlowSubscriberError, over_redis
from erlen.channels.over_redis import from_wire, to_wire

pytestmark = pytest.mark.servers


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


async def take(messages, count):
    return [await messages.__anext__() for _ in range(count)]


def subscribed_names(server) -> set[bytes]:
    with redis.Redis.from_url(server.url) as client:
        return set(client.pubsub_channels())


def connections(server) -> int:
    """Return how many connections the server has, without the one that asks."""
    with redis.Redis.from_url(server.url) as client:
        return len(client.client_list()) - 1


def test_each_subscriber_receives_each_message_in_order_and_of_its_type(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url)
        async with channel.subscribe() as first, channel.subscribe() as second:
            for message in ["täxt", b"\xff\x00 bytes", b"text", "", b"", "\ud800"]:
                await channel.publish(message)
            taken = await take(first, 6), await take(second, 6)
        await channel.aclose()
        return taken

    assert run(main()) == (["täxt", b"\xff\x00 bytes", b"text", "", b"", "\ud800"],) * 2


def test_what_is_published_once_the_block_is_entered_is_received(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url)
        for number in range(20):
            async with channel.subscribe() as messages:
                assert subscribed_names(redis_server) == {b"news"}
                channel.publish_sync(str(number))
                assert await take(messages, 1) == [str(number)]
        await channel.aclose()

    run(main())


def test_two_processes_receive_and_answer(redis_server):
    async def main():
        children = [start_subscriber(redis_server.url) for _ in range(2)]
        async with Channel("to-parent", url=redis_server.url).subscribe() as answers:
            for child in children:
                assert await asyncio.to_thread(child.stdout.readline) == "ready\n"
            channel = Channel("to-children", url=redis_server.url)
            await channel.publish("hello")
            await channel.publish(b"\x00\xff")
            assert await take(answers, 2) == ["thanks", "thanks"]
        await channel.aclose()
        return [await asyncio.to_thread(child.communicate) for child in children]

    assert run(main()) == [("'hello'\nb'\\x00\\xff'\n", None)] * 2


def start_subscriber(url):
    script = Path(__file__).with_name("subscriber.py")
    command = [sys.executable, str(script), url, "2"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_other_programs_publish_and_read_plain_text(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url)
        with redis.Redis.from_url(redis_server.url) as other:
            listener = other.pubsub()
            listener.subscribe("news")
            assert listener.get_message(timeout=30)["type"] == "subscribe"
            async with channel.subscribe() as messages:
                other.publish("news", "from elsewhere")
                other.publish("news", b"\x80 no UTF-8")
                assert await take(messages, 2) == ["from elsewhere", b"\x80 no UTF-8"]
            await channel.publish("täxt")
            got = [listener.get_message(timeout=30)["data"] for _ in range(3)]
            assert got == [b"from elsewhere", b"\x80 no UTF-8", "täxt".encode()]
            listener.close()
        await channel.aclose()

    run(main())


def test_all_subscribers_of_a_loop_share_one_connection_and_give_it_back(redis_server):
    async def main():
        async with Channel("a", url=redis_server.url).subscribe():
            async with Channel("b", url=redis_server.url).subscribe():
                async with Channel("a", url=redis_server.url).subscribe():
                    assert connections(redis_server) == 1
                    assert subscribed_names(redis_server) == {b"a", b"b"}
                assert subscribed_names(redis_server) == {b"a", b"b"}
            await until(lambda: subscribed_names(redis_server) == {b"a"})
        await until(lambda: connections(redis_server) == 0)
        # Nobody is left to read: the next one starts anew.
        async with Channel("a", url=redis_server.url).subscribe() as messages:
            await Channel("a", url=redis_server.url).publish("again")
            assert await take(messages, 1) == ["again"]
        await Channel("a", url=redis_server.url).aclose()
        await until(lambda: connections(redis_server) == 0)

    run(main())


async def until(condition):
    """Wait for what the server is told without an answer that could be waited for."""
    while not await asyncio.to_thread(condition):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def test_subscribers_on_two_loops_receive(redis_server):
    ready, received = threading.Barrier(3), []

    def subscriber():
        async def main():
            channel = Channel("news", url=redis_server.url)
            async with channel.subscribe() as messages:
                await asyncio.to_thread(ready.wait)
                received.append(await take(messages, 2))
            await channel.aclose()

        run(main())

    threads = [threading.Thread(target=subscriber) for _ in range(2)]
    for thread in threads:
        thread.start()
    ready.wait()
    for text in "ab":
        Channel("news", url=redis_server.url).publish_sync(text)
    for thread in threads:
        thread.join()
    assert received == [["a", "b"], ["a", "b"]]


def test_subscribers_are_kept_while_the_server_restarts_and_told_of_it(redis_server, caplog):
    async def main():
        channel, other = Channel("news", url=redis_server.url), Channel("other", url=redis_server.url)
        async with channel.subscribe() as messages, other.subscribe() as others:
            await channel.publish("before")
            channel.publish_sync("before")
            assert await take(messages, 2) == ["before", "before"]
            assert messages.interruptions == 0
            await asyncio.to_thread(redis_server.stop)
            await until(lambda: messages.interruptions == 1)
            await asyncio.to_thread(redis_server.start)
            await until(lambda: subscribed_names(redis_server) == {b"news", b"other"})
            await channel.publish("after")
            other.publish_sync("too")
            assert await take(messages, 1) == ["after"]
            assert await take(others, 1) == ["too"]
            assert (messages.interruptions, others.interruptions) == (1, 1)
        await channel.aclose()

    with caplog.at_level(logging.WARNING, "erlen.channels"):
        run(main())
    assert [record.message[:26] for record in caplog.records] == ["Connecting to Redis again:"]


def test_without_a_server_entering_and_publishing_raise(redis_server):
    redis_server.stop()

    async def main():
        channel = Channel("news", url=redis_server.url)
        with pytest.raises(redis.exceptions.ConnectionError):
            async with channel.subscribe():
                pass
        with pytest.raises(redis.exceptions.ConnectionError):
            await channel.publish("to nobody")
        with pytest.raises(redis.exceptions.ConnectionError):
            channel.publish_sync("to nobody")
        assert over_redis.link_to(redis_server.url)._reader is None
        await channel.aclose()

    run(main())


def test_a_newcomer_during_an_outage_is_refused_and_those_inside_are_kept(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url)
        async with channel.subscribe() as messages:
            await asyncio.to_thread(redis_server.stop)
            await until(lambda: messages.interruptions == 1)
            for name in ("news", "another"):
                with pytest.raises(redis.exceptions.ConnectionError):
                    await Channel(name, url=redis_server.url).subscribe().__aenter__()
            await asyncio.to_thread(redis_server.start)
            await until(lambda: subscribed_names(redis_server) == {b"news"})
            await channel.publish("back")
            assert await take(messages, 1) == ["back"]
        await channel.aclose()

    run(main())


def test_a_command_that_fails_begins_the_connection_anew(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url)
        async with channel.subscribe() as messages:
            link = over_redis.link_to(redis_server.url)

            async def fail(name):
                raise redis.exceptions.ConnectionError("broken")

            link._pubsub.subscribe = fail
            async with Channel("another", url=redis_server.url).subscribe() as others:
                assert messages.interruptions == 1
                await Channel("another", url=redis_server.url).publish("a")
                assert await take(others, 1) == ["a"]
                await until(lambda: subscribed_names(redis_server) == {b"news", b"another"})
                await channel.publish("b")
                assert await take(messages, 1) == ["b"]
        await channel.aclose()

    run(main())


def test_a_silent_server_is_asked_whether_it_is_there(redis_server, monkeypatch):
    monkeypatch.setattr(over_redis, "SILENCE", 0.05)

    async def main():
        channel = Channel("news", url=redis_server.url)
        async with channel.subscribe() as messages:
            handle, pongs = over_redis.Link._handle, asyncio.Semaphore(0)

            def count(self, answer):
                if answer["type"] == "pong":
                    pongs.release()
                handle(self, answer)

            monkeypatch.setattr(over_redis.Link, "_handle", count)
            for _ in range(3):
                await pongs.acquire()
            await channel.publish("still here")
            assert await take(messages, 1) == ["still here"]
            assert messages.interruptions == 0
        await channel.aclose()

    run(main())


def test_a_server_that_hangs_is_given_up(redis_server, monkeypatch):
    monkeypatch.setattr(over_redis, "SILENCE", 0.05)

    async def main():
        channel = Channel("news", url=redis_server.url)
        async with channel.subscribe() as messages:
            redis_server.pause()
            await until(lambda: messages.interruptions == 1)
            redis_server.resume()
            await until(lambda: subscribed_names(redis_server) == {b"news"})
            # The server may still hold the connection that was given up.
            await channel.publish("back")
            assert await take(messages, 1) == ["back"]
        await channel.aclose()

    run(main())


def test_closing_ends_the_subscriptions_of_this_loop(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url)
        async with channel.subscribe() as messages:
            await channel.publish("last")
            await until(lambda: len(messages._messages) == 1)
            await channel.aclose()
            assert [message async for message in messages] == ["last"]
        assert connections(redis_server) == 0

    run(main())


def test_a_cancelled_subscriber_leaves_the_others_their_connection(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url)

        async def subscriber():
            async with channel.subscribe() as messages:
                await messages.__anext__()

        # Cancelled before the server has confirmed, while another one waits for the same answer.
        first, second = asyncio.create_task(subscriber()), asyncio.create_task(subscriber())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait({first})
        assert first.cancelled()
        await until(lambda: subscribed_names(redis_server) == {b"news"})
        await channel.publish("to the other")
        await second
        await until(lambda: not subscribed_names(redis_server))
        await channel.aclose()

    run(main())


def test_a_subscriber_that_is_too_slow_is_disconnected(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url, queue_size=2)
        async with channel.subscribe() as messages:
            async with Channel("news", url=redis_server.url).subscribe() as others:
                for text in "abc":
                    await channel.publish(text)
                assert await take(others, 3) == ["a", "b", "c"]
            with pytest.raises(SlowSubscriberError):
                await messages.__anext__()
        await until(lambda: not subscribed_names(redis_server))
        await channel.aclose()

    run(main())


def test_links_of_ended_loops_are_let_go(redis_server):
    async def main():
        channel = Channel("news", url=redis_server.url)
        async with channel.subscribe():
            assert len(over_redis._links) == 1
        await channel.aclose()

    for _ in range(3):
        run(main())


@pytest.mark.parametrize("message", ["", "a", "ÿ", "\udcff", b"", b"a", b"\xff", "ÿ".encode()])
def test_a_message_comes_back_as_it_was(message):
    assert from_wire(to_wire(message)) == message
