"""The status of a server, as its parent knows it at the moment."""

from __future__ import annotations

import asyncio
import os
import typing as t
from importlib.metadata import version

from .memory import resident_memory
from .status.fields import OldestRequest, Status, WorkerState, WorkerStatus

if t.TYPE_CHECKING:
    from .supervisor import Supervisor
    from .worker_process import WorkerProcess

# A worker whose interpreter is held by one thread does not answer: it is not waited for any longer.
_SECONDS_TO_ANSWER = 0.5


async def status_of(supervisor: Supervisor) -> Status:
    """Ask all workers, and return what the parent knows."""
    slots, settings = supervisor.slots, supervisor.settings
    workers = [worker for slot in slots for worker in slot.workers()]
    facts = next((worker.facts for worker in workers if worker.facts), {})
    return Status(
        version=version("erlen"),
        pid=os.getpid(),
        state=supervisor.state,
        started=supervisor.started,
        addresses=[listener.address for listener in supervisor.listeners],
        app=facts.get("app", settings.app or ""),
        interface=facts.get("interface", settings.interface),
        generation=supervisor.generation,
        reloads=supervisor.reloads,
        workers=await asyncio.gather(*map(_status_of_worker, workers)),
        deaths=sum(slot.deaths for slot in slots),
        cut_off=sum(slot.cut_off for slot in slots),
        earlier_requests=sum(slot.earlier_requests for slot in slots),
        longest_reload=len(slots) * (settings.start_timeout + settings.closing),
    )


async def _status_of_worker(worker: WorkerProcess) -> WorkerStatus:
    report = await worker.report(_SECONDS_TO_ANSWER) if worker.state != "starting" else None
    oldest = None if report is None else report["oldest"]
    state: WorkerState = "stopping" if worker.state == "ended" else worker.state
    return WorkerStatus(
        slot=worker.slot,
        pid=worker.pid,
        state=state,
        generation=worker.generation,
        started=worker.started,
        requests=worker.requests,
        under_way=0 if report is None else report["under_way"],
        oldest_request=None if oldest is None else OldestRequest(oldest["seconds"], oldest["line"]),
        memory=resident_memory(worker.pid),
        answers=worker.answers,
    )
