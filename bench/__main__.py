"""The command line of the benchmark inside the application."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from . import command, machine
from .apps import FRAMEWORKS, load
from .cases import CASES
from .kinds import REQUESTS
from .measure import FULL, QUICK, Effort, measure

CASE_NAMES = [case.name for case in CASES]


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    effort = QUICK if options.quick else FULL
    return command.carry_out(options, REQUESTS, lambda: take(options.cases, options.frameworks, effort))


def parser() -> argparse.ArgumentParser:
    parser = command.parser("bench", "What one request costs inside the application.")
    parser.add_argument(
        "--cases",
        type=command.some_of(CASE_NAMES),
        default=CASE_NAMES,
        help=f"some of: {', '.join(CASE_NAMES)}",
    )
    parser.add_argument(
        "--frameworks",
        type=command.some_of(FRAMEWORKS),
        default=FRAMEWORKS,
        help=f"some of: {', '.join(FRAMEWORKS)}",
    )
    return parser


def take(names: Sequence[str], frameworks: Sequence[str], effort: Effort) -> dict[str, Any]:
    """Measure, with a line on stderr that says how far it has come.

    Raise WrongAnswer when an application does not do what it is measured for.
    """
    cases = [case for case in CASES if case.name in names and set(case.frameworks) & set(frameworks)]
    apps = {name: load(name) for name in frameworks}
    measured = []
    for number, case in enumerate(cases, 1):
        progress = command.Progress(f"[{number}/{len(cases)}] {case.title}", effort.rounds)
        times = measure(case, apps, effort, progress.show)
        progress.done()
        measured.append({"name": case.name, "title": case.title, "microseconds": times})
    effort_used = {"rounds": effort.rounds, "milliseconds": effort.milliseconds}
    return {"taken_at": command.now(), **machine.describe(), "effort": effort_used, "cases": measured}


if __name__ == "__main__":
    sys.exit(main())
