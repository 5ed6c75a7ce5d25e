"""What the parent process knows of itself and of its workers."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

State = t.Literal["starting", "serving", "reloading", "draining", "stopping"]
WorkerState = t.Literal["starting", "ready", "closing", "stopping"]


@dataclass(frozen=True)
class OldestRequest:
    """The request that a worker has been answering for the longest time."""

    seconds: float
    line: str
    """The request line. What is told of it is without the query string."""


@dataclass(frozen=True)
class WorkerStatus:
    """One worker process."""

    slot: int
    """Its place among the workers. A successor has the slot of the one that it replaces."""
    pid: int
    state: WorkerState
    generation: int
    """The generation that it was started for."""
    started: float
    """In seconds since 1970."""
    requests: int = 0
    """How many it has begun to answer."""
    under_way: int = 0
    """How many it is answering now."""
    oldest_request: OldestRequest | None = None
    memory: int | None = None
    """Its resident memory in bytes, where the system says it."""
    answers: bool = True
    """Whether it has reported lately."""


@dataclass(frozen=True)
class Reloads:
    """The reloads that have ended."""

    done: int = 0
    failed: int = 0
    last_error: str | None = None
    """Why the last one failed; None when it was done. Of a traceback, the last line is told."""
    last_finished: float | None = None
    """In seconds since 1970."""

    @property
    def finished(self) -> int:
        """How many have ended, one way or the other."""
        return self.done + self.failed

    def with_success(self, now: float) -> Reloads:
        """Count a reload that is done."""
        return replace(self, done=self.done + 1, last_error=None, last_finished=now)

    def with_failure(self, error: str, now: float) -> Reloads:
        """Count a reload that failed."""
        return replace(self, failed=self.failed + 1, last_error=error, last_finished=now)


@dataclass(frozen=True)
class Status:
    """A server: the parent process and its workers."""

    version: str
    """Erlen's."""
    pid: int
    state: State
    started: float
    """In seconds since 1970."""
    addresses: t.Sequence[str]
    """What it serves on."""
    app: str
    interface: str
    generation: int = 1
    """Grows with each reload."""
    reloads: Reloads = Reloads()
    workers: t.Sequence[WorkerStatus] = field(default_factory=list[WorkerStatus])
    deaths: int = 0
    """Workers that have ended without being told to."""
    cut_off: int = 0
    """Requests that were not finished when the grace was over."""
    earlier_requests: int = 0
    """How many requests those workers have begun to answer that are gone."""
    longest_reload: float | None = None
    """How long a reload may take before `erlen serve --reload` gives up, in seconds."""
