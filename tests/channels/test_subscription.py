"""One subscriber: its queue, what happens when it is too slow, and its loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from erlen.channels import Channel, SlowSubscriberError
from erlen.channels.hub import in_memory
from tests.channels.receiving import run, take


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


def test_a_blocked_loop_gets_one_call_for_all_messages():
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
