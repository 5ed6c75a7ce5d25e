"""Compares what came of the same steps on two frameworks."""

from __future__ import annotations

import difflib
import json
import os
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings

from .differences import comparable
from .peers import Peers, Step

Test = TypeVar("Test", bound=Callable[..., None])

EXAMPLES = int(os.environ.get("ERLEN_EXAMPLES", "0"))
"""More examples, chosen anew in each run. Without it every run tries the same ones, and is quick."""


def searching(examples: int, name: str) -> Callable[[Test], Test]:
    """Let Hypothesis try so many examples, others for each name, or `ERLEN_EXAMPLES` random ones."""
    chosen = settings(
        max_examples=EXAMPLES or examples,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    if EXAMPLES:
        return chosen
    return lambda test: chosen(seed(zlib.crc32(name.encode()))(test))


def assert_same(peers: Peers, steps: list[Step]) -> None:
    """Let both take the steps; what came of each must be equal."""
    on_flask, on_erlen = peers.ask(steps)
    for step, expected, got in zip(steps, on_flask, on_erlen, strict=True):
        expected, got = comparable(step, expected), comparable(step, got)
        if expected != got:
            asked = json.dumps(step, ensure_ascii=False)
            pytest.fail(f"Not the same after {asked}\n{_difference(expected, got)}", pytrace=False)


def _difference(expected: Any, got: Any) -> str:
    one, other = (json.dumps(told, indent=1, ensure_ascii=False).splitlines() for told in (expected, got))
    return "\n".join(difflib.unified_diff(one, other, "Flask", "Erlen", lineterm="", n=4))
