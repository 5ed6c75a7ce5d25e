"""Run coroutines, and take messages of a subscription."""

from __future__ import annotations

import asyncio


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


async def take(messages, count):
    return [await messages.__anext__() for _ in range(count)]
