"""Channels in memory: who receives what, and what happens to those who are too slow."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from erlen import Erlen
from erlen.channels import Channel
from tests.channels.receiving import run, take


def test_each_subscriber_receives_each_message_in_order():
    async def main():
        channel = Channel("news")
        async with channel.subscribe() as first, channel.subscribe() as second:
            for message in ["a", b"\xff\x00", "c"]:
                await channel.publish(message)
            return await take(first, 3), await take(second, 3)

    assert run(main()) == (["a", b"\xff\x00", "c"], ["a", b"\xff\x00", "c"])


def test_what_was_published_before_the_block_is_not_received():
    async def main():
        channel = Channel("news")
        subscription = channel.subscribe()
        await channel.publish("early")
        async with subscription as messages:
            await channel.publish("in time")
            return await take(messages, 1)

    assert run(main()) == ["in time"]


def test_subscribers_on_several_loops_all_receive_from_many_threads():
    channel = Channel("news", queue_size=1000)
    ready, received = threading.Barrier(4), []

    def subscriber():
        async def main():
            async with channel.subscribe() as messages:
                ready.wait()
                received.append(sorted(await take(messages, 300)))

        run(main())

    def publisher(start):
        for number in range(start, start + 100):
            channel.publish_sync(f"{number:03}")

    subscribers = [threading.Thread(target=subscriber) for _ in range(3)]
    for thread in subscribers:
        thread.start()
    ready.wait()
    publishers = [threading.Thread(target=publisher, args=(start,)) for start in (0, 100, 200)]
    for thread in publishers:
        thread.start()
    for thread in publishers + subscribers:
        thread.join()
    assert received == [[f"{number:03}" for number in range(300)]] * 3


def test_a_coroutine_that_publishes_in_a_loop_leaves_subscribers_their_time():
    async def main():
        channel = Channel("news", queue_size=10)
        async with channel.subscribe() as messages:
            taking = asyncio.create_task(take(messages, 1000))
            for number in range(1000):
                await channel.publish(str(number))
            return await taking

    assert run(main()) == [str(number) for number in range(1000)]


def test_json_is_written_in_the_applications_way():
    app = Erlen(__name__)
    app.json.sort_keys = True

    async def main():
        channel = Channel("news")
        async with channel.subscribe() as messages:
            with app.app_context():
                await channel.publish_json({"b": 1, "a": [None]})
                channel.publish_json_sync({"b": 1, "a": 2})
            return await take(messages, 2)

    assert run(main()) == ['{"a": [null], "b": 1}', '{"a": 2, "b": 1}']


@pytest.mark.parametrize("message", [None, 1, {"a": 1}, bytearray(b"a")])
def test_what_is_neither_text_nor_bytes_is_refused(message):
    channel = Channel("news")
    with pytest.raises(TypeError, match="publish_json"):
        channel.publish_sync(message)
    with pytest.raises(TypeError, match="publish_json"):
        run(channel.publish(message))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"name": ""}, "not empty"),
        ({"name": None}, "not empty"),
        ({"name": "redis://localhost"}, "url="),
        ({"name": "a", "url": "http://localhost"}, "redis://"),
        ({"name": "a", "queue_size": 0}, "at least 1"),
        ({"name": "a", "overflow": "grow"}, "drop_oldest"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_when_it_is_made(arguments, says):
    with pytest.raises(ValueError, match=says):
        Channel(**arguments)


def test_its_repr_does_not_tell_the_password():
    assert repr(Channel("news", url="redis://:secret@localhost")) == "<Channel 'news' over Redis>"
    assert repr(Channel("news")) == "<Channel 'news' in memory>"


WITHOUT_REDIS = """
import sys
sys.modules["redis"] = None
from erlen.channels import Channel
Channel("news")
try:
    Channel("news", url="redis://localhost")
except ImportError as error:
    print(error)
"""


def test_without_redis_py_the_error_says_what_to_install():
    done = subprocess.run([sys.executable, "-c", WITHOUT_REDIS], capture_output=True, text=True, check=True)
    assert "pip install erlen[redis]" in done.stdout
