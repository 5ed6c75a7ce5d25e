"""The run that is under way."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

from .checkpoint import Checkpoint


@dataclass
class Run:
    """What the parts of a run share. A script that is called by hand, in a test, has an empty one."""

    is_dry: bool = False
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    progresses: int = 0  # how many `progress()` were begun


_run: ContextVar[Run] = ContextVar("erlen.script.run")


def current_run() -> Run:
    """Return the run that is under way, or one that keeps nothing."""
    return _run.get(None) or Run()


def set_current_run(run: Run) -> None:
    """Make a run the current one of this context."""
    _run.set(run)
