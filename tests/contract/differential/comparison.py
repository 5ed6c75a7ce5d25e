"""Compares what came of the same steps on two frameworks."""

from __future__ import annotations

import difflib
import json
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings

from tests.amounts import CHOSEN_ANEW

from .differences import comparable
from .peers import Peers, Step

Test = TypeVar("Test", bound=Callable[..., None])


def searching(examples: int, name: str) -> Callable[[Test], Test]:
    """Let Hypothesis try so many examples, others for each name, or `ERLEN_EXAMPLES` random ones."""
    chosen = settings(
        max_examples=CHOSEN_ANEW or examples,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    if CHOSEN_ANEW:
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
