"""Concurrency: threads and event loops, the ways between them, and the context variables that go along."""

from __future__ import annotations

import sys


def runs_loop() -> bool:
    """Tell whether this thread runs an event loop now; asyncio need not have been imported."""
    asyncio = sys.modules.get("asyncio.events")
    return asyncio is not None and asyncio._get_running_loop() is not None
