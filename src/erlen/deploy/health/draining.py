"""Whether this process is to get no more requests: a balancer that asks ``/readyz`` is told so."""

from __future__ import annotations

import threading

_draining = threading.Event()


def drain() -> None:
    """Let ``/readyz`` answer 503 from now on, for every application of this process; it serves on."""
    _draining.set()


def undrain() -> None:
    """Take :func:`drain` back."""
    _draining.clear()


def is_draining() -> bool:
    """Tell whether :func:`drain` was called."""
    return _draining.is_set()
