"""What happened while a step ran, in order."""

from __future__ import annotations

_events: list[str] = []


def note(*words: object) -> None:
    """Add one event."""
    _events.append(" ".join(map(str, words)))


def taken() -> list[str]:
    """Give the events since the last call."""
    events = _events[:]
    _events.clear()
    return events
