"""Concurrency: threads and event loops, calls from one to the other, and their context variables."""

from __future__ import annotations

import sys
import typing as t

F = t.TypeVar("F", bound=t.Callable[..., t.Any])

NEVER_BLOCKS = "__erlen_never_blocks__"


def runs_loop() -> bool:
    """Tell whether this thread runs an event loop now; asyncio need not have been imported."""
    asyncio = sys.modules.get("asyncio.events")
    return asyncio is not None and asyncio._get_running_loop() is not None


def never_blocks(function: F) -> F:
    """Declare that a plain error handler neither waits nor calls user code: it may run on an event loop."""
    setattr(function, NEVER_BLOCKS, True)
    return function
