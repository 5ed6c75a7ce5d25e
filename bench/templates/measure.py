"""Measure templates on Erlen beside Jinja: the smallest of many rounds, in which both take turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Any

import jinja2

from erlen import Erlen
from erlen.templating import Environment

from ..command import Progress
from ..measure import CannotMeasure, Effort
from . import CASES, Case

Render = Callable[[], str]


def take(names: Sequence[str], effort: Effort) -> list[dict[str, Any]]:
    """Measure one template after the other, with a line on stderr for each.

    Raise CannotMeasure where Erlen and Jinja do not write the same.
    """
    measured = []
    for name in names:
        case = CASES[name]
        progress = Progress(f"[templates] {case.title}", effort.rounds)
        times = measure(renders(name, case), effort, progress.show)
        progress.done()
        measured.append({"name": name, "title": case.title, "microseconds": times})
    return measured


def renders(name: str, case: Case) -> dict[str, Render]:
    """Return the functions that render a case on Jinja and on Erlen. Raise CannotMeasure as `take` does."""
    loader = jinja2.DictLoader(case.sources)
    values = case.values()
    environments = {
        "jinja": jinja2.Environment(loader=loader, autoescape=True),
        "erlen": Environment(Erlen(__name__), loader=loader, autoescape=True),
    }
    templates = {who: each.get_template(name) for who, each in environments.items()}
    if len({template.render(values) for template in templates.values()}) > 1:
        raise CannotMeasure(f"Erlen and Jinja do not write the same for {case.title!r}.")
    return {who: lambda template=template: template.render(values) for who, template in templates.items()}


def measure(both: dict[str, Render], effort: Effort, on_round: Callable[[int], None]) -> dict[str, float]:
    """Return the microseconds of each."""
    count = max(3, int(effort.milliseconds * 1e6 / min(once(both["jinja"], 3) for _ in range(5))))
    taken: dict[str, list[float]] = {who: [] for who in both}
    for number in range(effort.rounds):
        on_round(number + 1)
        for who, render in both.items():
            taken[who].append(once(render, count))
    return {who: min(times) / 1000 for who, times in taken.items()}


def once(render: Render, count: int) -> float:
    """Return the nanoseconds of one rendering, of so many."""
    started = perf_counter_ns()
    for _ in range(count):
        render()
    return (perf_counter_ns() - started) / count
