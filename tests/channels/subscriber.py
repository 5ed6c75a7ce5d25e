"""A process of its own that subscribes, prints what it receives, and answers the first message."""

from __future__ import annotations

import asyncio
import sys

from erlen.channels import Channel


async def main(url: str, count: int) -> None:
    channel = Channel("to-children", url=url)
    async with channel.subscribe() as messages:
        print("ready", flush=True)
        for _ in range(count):
            print(repr(await messages.__anext__()), flush=True)
    await Channel("to-parent", url=url).publish("thanks")
    await channel.aclose()


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
