"""The worker's clock, which stands still unless a step moves it: signed cookies carry the time."""

from __future__ import annotations

import importlib
import time
from datetime import datetime, timezone, tzinfo
from typing import Any

EPOCH = 1_714_566_600.0
"""Where the clock stands at first: 1 May 2024, 12:30 UTC."""

_now = EPOCH


class _AnyDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class StandingDatetime(datetime, metaclass=_AnyDatetime):
    """What tools that freeze the time put in the place of `datetime`."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.fromtimestamp(_now, tz)

    @classmethod
    def utcnow(cls) -> Any:
        return datetime.fromtimestamp(_now, timezone.utc).replace(tzinfo=None)


def set_to(seconds_after_the_epoch: float) -> None:
    """Set the clock to this many seconds after `EPOCH`."""
    global _now
    _now = EPOCH + seconds_after_the_epoch


def stop() -> None:
    """Stop `time.time`. Call it before anything is imported that may keep the function."""
    time.time = lambda: _now


def stop_datetime(*modules: str) -> None:
    """Replace the `datetime` that these modules hold, as freezegun does."""
    for module in modules:
        importlib.import_module(module).datetime = StandingDatetime  # type: ignore[attr-defined]
