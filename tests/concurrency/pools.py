"""A pool on the running loop, and a way to let the loop turn."""

from __future__ import annotations

import asyncio

from erlen.concurrency.pool import Pool


def make_pool(threads: int = 1, queue: int = 10, seconds: float = 30, streams: int = 10) -> Pool:
    return Pool(asyncio.get_running_loop(), threads, queue, seconds, streams)


async def turns(number: int = 5) -> None:
    """Let the loop turn so many times."""
    for _ in range(number):
        await asyncio.sleep(0)
