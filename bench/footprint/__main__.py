"""The command line of the benchmark of start and memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from .. import command
from ..kinds import FOOTPRINT
from ..machine import describe_imported
from .measure import (
    FULL,
    QUICK,
    Effort,
    measure_first_answers,
    measure_growth,
    measure_imports,
    measure_memory,
)


def main(arguments: list[str] | None = None) -> int:
    options = command.parser("bench.footprint", "What a process costs: its start and its memory.").parse_args(
        arguments
    )
    return command.carry_out(options, FOOTPRINT, lambda: take(QUICK if options.quick else FULL))


def take(effort: Effort) -> dict[str, Any]:
    """Measure, with a line on stderr that says how far it has come.

    Raise CannotMeasure when a worker breaks.
    """
    parts = {
        "imports": with_progress("[1/4] imports", effort.imports, measure_imports, effort),
        "first_answers": with_progress("[2/4] first answers", effort.answers, measure_first_answers, effort),
        "memory": with_progress("[3/4] memory", effort.workers, measure_memory, effort),
        "growth": with_progress("[4/4] growth", 2, measure_growth, effort),
    }
    surroundings = describe_imported(["erlen", "flask"])
    return {"taken_at": command.now(), **surroundings, "effort": asdict(effort), **parts}


def with_progress(
    title: str, rounds: int, part: Callable[[Effort, Callable[[int], None]], dict[str, Any]], effort: Effort
) -> dict[str, Any]:
    progress = command.Progress(title, rounds)
    figures = part(effort, progress.show)
    progress.done()
    return figures


if __name__ == "__main__":
    sys.exit(main())
