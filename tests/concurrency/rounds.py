"""A coroutine with a time limit, and a way to let the loop turn once."""

from __future__ import annotations

import asyncio
import contextvars
import typing as t

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="outside")


R = t.TypeVar("R")


def run(main: t.Coroutine[t.Any, t.Any, R]) -> R:
    """Run *main* on a loop of its own, and not without end."""
    return asyncio.run(asyncio.wait_for(main, 30))


async def once_round() -> None:
    """Let everything that is ready on the loop run once."""
    await asyncio.sleep(0)
