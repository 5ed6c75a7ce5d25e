"""How many functions a template calls, on Erlen and on Jinja: what its speed rests on."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest

from bench.templates import CASES
from tests.calls import count_calls

from .both import environments


def calls(render: Callable[[], object]) -> int:
    for _ in range(3):  # compiled, and warmed up
        render()
    return count_calls(render)


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("objects", 3.2),
        ("dicts", 2.4),
        ("macros", 2.9),
        ("inheritance", 1.4),
        ("filters", 1.5),
        ("loops", 5.5),
        ("calls", 2.8),
        ("text", 3),
        ("captured", 2.5),
        ("unescaped", 1.8),
    ],
)
def test_a_template_calls_that_many_times_fewer_functions_than_on_jinja(name: str, times: float) -> None:
    case = CASES[name]
    theirs, ours = (environment.get_template(name) for environment in environments(case.sources))
    values: dict[str, t.Any] = case.values()
    assert ours.render(values) == theirs.render(values)
    assert calls(lambda: theirs.render(values)) >= times * calls(lambda: ours.render(values))
