"""How many functions a template calls, on Erlen and on Jinja: what its speed rests on."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Callable

import pytest

from bench.templates import CASES
from erlen.templating import runtime

from .both import environments


def calls(render: Callable[[], object]) -> int:
    """Return how many functions written in Python are called; some versions count those in C, too."""
    for _ in range(3):  # compiled, and warmed up
        render()
    count = 0

    def note(frame: t.Any, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        render()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.skipif(
    runtime.escape_text.__module__ == runtime.__name__,
    reason="MarkupSafe before 3.0, or without its extension",
)
@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("objects", 2.3),
        ("dicts", 2.3),
        ("macros", 2.4),
        ("inheritance", 1.25),
        ("filters", 1.6),
        ("loops", 4),
        ("calls", 2.4),
        ("text", 3),
        ("line", 3),
        ("captured", 3),
        ("unescaped", 1.4),
    ],
)
def test_a_template_calls_that_many_times_fewer_functions_than_on_jinja(name: str, times: float) -> None:
    case = CASES[name]
    theirs, ours = (environment.get_template(name) for environment in environments(case.sources))
    values: dict[str, t.Any] = case.values()
    assert ours.render(values) == theirs.render(values)
    assert calls(lambda: theirs.render(values)) >= times * calls(lambda: ours.render(values))
