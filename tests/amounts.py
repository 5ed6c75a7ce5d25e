"""How many examples Hypothesis tries: a part of them in the fast tests, all of them in a slow one.

``ERLEN_EXAMPLES=2000`` tries so many in each test, chosen anew in each run. Without it every run tries the
same ones. ``ERLEN_AT_LENGTH=1`` tries as many as the tests name; tests/test_at_length.py does so.
"""

from __future__ import annotations

import os

CHOSEN_ANEW = int(os.environ.get("ERLEN_EXAMPLES", "0"))
AT_LENGTH = os.environ.get("ERLEN_AT_LENGTH") == "1"


def part_of(number: int) -> int:
    """Return how many of so many examples are tried in this run."""
    return number if AT_LENGTH else max(1, number // 8)
