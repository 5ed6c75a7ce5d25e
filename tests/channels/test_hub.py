"""Who has subscribed to what in this process, and who is forgotten."""

from __future__ import annotations

import asyncio
import os

import pytest

from erlen.channels import Channel, SlowSubscriberError
from erlen.channels.hub import in_memory
from tests.channels.receiving import run, take


def test_channels_of_one_name_are_one_channel_and_others_are_not():
    async def main():
        async with Channel("a").subscribe() as messages:
            await Channel("b").publish("not for a")
            await Channel("a").publish("for a")
            return await take(messages, 1)

    assert run(main()) == ["for a"]


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
