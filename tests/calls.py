"""Count calls: what tests look at in place of a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def count_calls(call: Callable[[], object]) -> int:
    """Return how many functions are called, those written in C included."""
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(None)
    return calls
