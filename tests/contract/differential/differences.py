"""Where Erlen answers otherwise than Flask 3.1.3 on purpose, and what of an answer is not compared."""

from __future__ import annotations

from typing import Any

TIME_OF_DAY = ("Date",)
"""Headers left out."""

UNORDERED = ("Allow",)
"""Headers whose parts come from a set, in no order."""


def comparable(step: dict[str, Any], told: Any) -> Any:
    """Give what must be equal of a step's outcome."""
    outcome = told["outcome"]
    if isinstance(outcome, dict) and "headers" in outcome:
        outcome = {**outcome, "headers": headers(outcome["headers"])}
    return {**told, "outcome": outcome}


def headers(headers: list[list[str]]) -> list[list[str]]:
    """Sort by name only: the order of the values of one name counts."""
    told = [[name, _value(name, value)] for name, value in headers if name not in TIME_OF_DAY]
    return sorted(told, key=lambda header: header[0])


def _value(name: str, value: str) -> str:
    return ", ".join(sorted(value.split(", "))) if name in UNORDERED else value
