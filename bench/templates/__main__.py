"""The command line of the benchmark of templates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from time import thread_time_ns

import jinja2

from erlen import Erlen
from erlen.templating import Environment

from ..measure import CannotMeasure
from ..report import text_table
from . import CASES, Case

Render = Callable[[], str]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m bench.templates", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="the smallest time of so many counts")
    options = parser.parse_args(arguments)
    rows = [["template", "Jinja, µs", "Erlen, µs", "times as fast", "at least"]]
    for name, case in CASES.items():
        theirs, ours = measure(name, case, options.rounds)
        faster = f"{theirs / ours:.2f}"
        rows.append([case.title, f"{theirs:.1f}", f"{ours:.1f}", faster, f"{case.at_least}"])
    print(text_table(rows))
    return 0


def renders(name: str, case: Case) -> tuple[Render, Render]:
    """Return the functions that render a case on Jinja and on Erlen.

    Raise CannotMeasure where they do not give the same text.
    """
    loader = jinja2.DictLoader(case.sources)
    values = case.values()
    jinjas = jinja2.Environment(loader=loader, autoescape=True)
    erlens = Environment(Erlen(__name__), loader=loader, autoescape=True)
    first, second = (each.get_template(name) for each in (jinjas, erlens))
    if first.render(values) != second.render(values):
        raise CannotMeasure(f"Erlen and Jinja do not write the same for {case.title!r}.")
    return lambda: first.render(values), lambda: second.render(values)


def measure(name: str, case: Case, rounds: int) -> tuple[float, float]:
    """Return the microseconds on Jinja and on Erlen: the smallest of many rounds in turns."""
    both = renders(name, case)
    count = max(3, int(3e6 / min(_once(both[0], 3) for _ in range(5))))
    taken = [(_once(both[0], count), _once(both[1], count)) for _ in range(rounds)]
    return min(first for first, _ in taken) / 1000, min(second for _, second in taken) / 1000


def _once(render: Render, count: int) -> float:
    started = thread_time_ns()
    for _ in range(count):
        render()
    return (thread_time_ns() - started) / count


if __name__ == "__main__":
    sys.exit(main())
