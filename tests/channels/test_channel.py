"""Channels in memory: who receives what, and what happens to those who are too slow."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from erlen import Erlen
from erlen.channels import Channel, SlowSubscriberError
from erlen.channels.hub import in_memory


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


async def take(messages, count):
    return [await messages.__anext__() for _ in range(count)]


def test_each_subscriber_receives_each_message_in_order():
    async def main():
        channel = Channel("news")
        async with channel.subscribe() as first, channel.subscribe() as second:
            for message in ["a", b"\xff\x00", "c"]:
                await channel.publish(message)
            return await take(first, 3), await take(second, 3)

    assert run(main()) == (["a", b"\xff\x00", "c"], ["a", b"\xff\x00", "c"])


def test_channels_of_one_name_are_one_channel_and_others_are_not():
    async def main():
        async with Channel("a").subscribe() as messages:
            await Channel("b").publish("not for a")
            await Channel("a").publish("for a")
            return await take(messages, 1)

    assert run(main()) == ["for a"]


def test_what_was_published_before_the_block_is_not_received():
    async def main():
        channel = Channel("news")
        subscription = channel.subscribe()
        await channel.publish("early")
        async with subscription as messages:
            await channel.publish("in time")
            return await take(messages, 1)

    assert run(main()) == ["in time"]


def test_after_the_block_the_iteration_ends_and_nobody_is_registered():
    async def main():
        channel = Channel("news")
        async with channel.subscribe() as messages:
            await channel.publish("last")
            assert "news" in in_memory
        assert "news" not in in_memory
        await channel.publish("to nobody")
        return [message async for message in messages]

    assert run(main()) == ["last"]


def test_a_subscriber_that_waits_is_woken_from_another_thread():
    async def main():
        channel = Channel("news")
        async with channel.subscribe() as messages:
            waiting = asyncio.create_task(take(messages, 2))
            await asyncio.sleep(0)
            thread = threading.Thread(target=lambda: [channel.publish_sync(text) for text in "ab"])
            thread.start()
            taken = await waiting
            thread.join()
            return taken

    assert run(main()) == ["a", "b"]


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


def test_a_subscriber_that_is_too_slow_is_disconnected_with_an_error_that_says_so():
    async def main():
        channel = Channel("news", queue_size=3)
        async with channel.subscribe() as messages:
            for number in range(4):
                channel.publish_sync(str(number))
            assert "news" not in in_memory  # publishers are rid of it
            assert not messages._messages  # and so is the memory
            with pytest.raises(SlowSubscriberError, match=r"'news'.*3 messages were waiting.*queue_size"):
                await messages.__anext__()

    run(main())


def test_a_full_queue_is_no_error_as_long_as_nothing_more_comes():
    async def main():
        channel = Channel("news", queue_size=3)
        async with channel.subscribe() as messages:
            for number in range(3):
                channel.publish_sync(str(number))
            return await take(messages, 3)

    assert run(main()) == ["0", "1", "2"]


def test_the_oldest_messages_are_dropped_where_the_channel_says_so():
    async def main():
        channel = Channel("news", queue_size=3, overflow="drop_oldest")
        async with channel.subscribe() as messages:
            for number in range(10):
                channel.publish_sync(str(number))
            return await take(messages, 3)

    assert run(main()) == ["7", "8", "9"]


def test_a_slow_subscriber_does_not_concern_the_others():
    async def main():
        news = Channel("news")
        async with Channel("news", queue_size=1).subscribe() as slow, news.subscribe() as messages:
            for text in "abc":
                news.publish_sync(text)
            with pytest.raises(SlowSubscriberError):
                await slow.__anext__()
            return await take(messages, 3)

    assert run(main()) == ["a", "b", "c"]


def test_a_coroutine_that_publishes_in_a_loop_leaves_subscribers_their_time():
    async def main():
        channel = Channel("news", queue_size=10)
        async with channel.subscribe() as messages:
            taking = asyncio.create_task(take(messages, 1000))
            for number in range(1000):
                await channel.publish(str(number))
            return await taking

    assert run(main()) == [str(number) for number in range(1000)]


def test_a_loop_that_is_held_up_gets_one_call_for_all_messages():
    async def main():
        channel = Channel("news", queue_size=1000)
        loop = asyncio.get_running_loop()
        async with channel.subscribe() as messages:
            calls, call = [], loop.call_soon_threadsafe
            loop.call_soon_threadsafe = lambda *args: (calls.append(args), call(*args))
            for number in range(1000):
                channel.publish_sync(str(number))
            assert len(calls) == 1
            assert len(await take(messages, 1000)) == 1000
            await asyncio.sleep(0)
            channel.publish_sync("next")
            assert len(calls) == 2
            del loop.call_soon_threadsafe

    run(main())


def test_publishing_to_a_subscriber_whose_loop_has_ended_raises_nothing_and_forgets_it():
    channel = Channel("news")

    async def main():
        await channel.subscribe().__aenter__()

    run(main())
    assert "news" in in_memory
    channel.publish_sync("to nobody")
    assert "news" not in in_memory


def test_a_cancelled_subscriber_is_forgotten():
    async def main():
        channel = Channel("news")
        entered = asyncio.Event()

        async def subscriber():
            async with channel.subscribe() as messages:
                entered.set()
                await messages.__anext__()

        task = asyncio.create_task(subscriber())
        await entered.wait()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        assert "news" not in in_memory

    run(main())


def test_several_tasks_may_share_a_subscription():
    async def main():
        channel = Channel("news")
        async with channel.subscribe() as messages:
            tasks = [asyncio.create_task(take(messages, 1)) for _ in range(3)]
            await asyncio.sleep(0)
            for text in "abc":
                await channel.publish(text)
            return sorted(await asyncio.gather(*tasks))

    assert run(main()) == [["a"], ["b"], ["c"]]


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


def test_iterating_before_entering_says_what_to_do():
    async def main():
        async for _ in Channel("news").subscribe():
            pass

    with pytest.raises(RuntimeError, match="async with"):
        run(main())


def test_a_subscription_is_entered_once():
    async def main():
        async with Channel("news").subscribe() as messages:
            with pytest.raises(RuntimeError, match="subscribe\\(\\) again"):
                await messages.__aenter__()

    run(main())


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


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of threads that other tests left
def test_in_a_forked_child_nobody_is_subscribed():
    async def main():
        async with Channel("news").subscribe():
            return subscribers_in_a_child()

    assert run(main()) == 0


def subscribers_in_a_child():
    child = os.fork()
    if not child:
        os._exit(len(list(in_memory)))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
