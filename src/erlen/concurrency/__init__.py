"""Concurrency: threads and event loops, calls from one to the other, and their context variables."""

from __future__ import annotations

import sys


def runs_loop() -> bool:
    """Tell whether this thread runs an event loop now; asyncio need not have been imported."""
    asyncio = sys.modules.get("asyncio.events")
    return asyncio is not None and asyncio._get_running_loop() is not None
