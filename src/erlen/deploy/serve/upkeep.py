"""What the parent looks at regularly: stuck requests, and workers that are due to be replaced."""

from __future__ import annotations

import asyncio
import logging
import random
import time
import typing as t

from .memory import resident_memory

if t.TYPE_CHECKING:
    from .settings import Settings
    from .slot import Slot
    from .supervisor import Supervisor
    from .worker_process import WorkerProcess

logger = logging.getLogger("erlen.serve")

_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_AFTER_A_FAILURE = 30.0
# How far the limits of one worker may be from those that were asked for: not all are replaced at once.
_JITTER = 0.1


async def keep_up(supervisor: Supervisor) -> None:
    """Look at each worker every second, for as long as this is not cancelled."""
    settings = supervisor.settings
    if not (
        settings.request_timeout or settings.max_requests or settings.max_lifetime or settings.max_memory
    ):
        await asyncio.get_running_loop().create_future()
    await asyncio.gather(*(_keep_up(slot, settings) for slot in supervisor.slots))


async def _keep_up(slot: Slot, settings: Settings) -> None:
    # The share of its limits at which each worker is replaced.
    shares: dict[int, float] = {}
    while True:
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        try:
            await _look_after(slot, settings, shares)
        except Exception:  # a fault of this program must not end the server
            logger.exception("Worker %d could not be looked after.", slot.number)


async def _look_after(slot: Slot, settings: Settings, shares: dict[int, float]) -> None:
    worker = slot.worker
    if worker is None or worker.state != "ready":
        return
    share = shares.setdefault(worker.pid, random.uniform(1 - _JITTER, 1 + _JITTER))
    report = await worker.report()
    stuck = await _why_stuck(worker, report, settings)
    worker.is_stuck = stuck is not None
    why = stuck or _why_due(worker, settings, share)
    if why is not None and slot.worker is worker:
        shares.pop(worker.pid, None)
        # A worker that cannot be replaced goes on, and is not tried again at once.
        if not await slot.replace(why):
            await asyncio.sleep(_SECONDS_AFTER_A_FAILURE)


async def _why_stuck(
    worker: WorkerProcess, report: dict[str, t.Any] | None, settings: Settings
) -> str | None:
    """Log the stacks of a worker with a request that is older than the limit; return why it is replaced."""
    limit = settings.request_timeout
    if limit is None:
        return None
    if report is None:
        report = await worker.report(limit)
        if report is None and not worker.ended.is_set():
            await worker.stacks()
            return f"it has not answered its parent for {limit:g} seconds"
    waiting = None if report is None else report["waiting"]
    if waiting is None or waiting["seconds"] < limit:
        return None
    text = await worker.stacks()
    why = f"{waiting['line']} has been under way for {waiting['seconds']:.1f} seconds"
    logger.error("Worker %d (pid %d): %s. The stacks of its threads:\n%s", worker.slot, worker.pid, why, text)
    return why


def _why_due(worker: WorkerProcess, settings: Settings, share: float) -> str | None:
    """Return why a worker is due to be replaced, or None."""
    if settings.max_requests and worker.requests >= settings.max_requests * share:
        return f"it has answered {worker.requests} requests"
    age = time.time() - worker.started
    if settings.max_lifetime and age >= settings.max_lifetime * share:
        return f"it has lived for {age:.0f} seconds"
    memory = resident_memory(worker.pid) if settings.max_memory else None
    # Not by the share: the limit on memory is a promise.
    if settings.max_memory and memory is not None and memory >= settings.max_memory:
        return f"it uses {memory // 2**20} MiB of memory"
    return None
