"""The command line of the benchmark inside the application."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from . import command, machine
from .apps import FRAMEWORKS, load
from .cases import CASES
from .kinds import REQUESTS
from .measure import FULL, QUICK, Effort

CASE_NAMES = [case.name for case in CASES]


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    effort = QUICK if options.quick else FULL
    return command.carry_out(options, REQUESTS, lambda: take(options.cases, options.frameworks, effort))


def parser() -> argparse.ArgumentParser:
    parser = command.parser("bench", "What one request costs inside the application.")
    return command.with_choices(parser, cases=CASE_NAMES, frameworks=FRAMEWORKS)


def take(names: Sequence[str], frameworks: Sequence[str], effort: Effort) -> dict[str, Any]:
    """Measure, with a line on stderr that says how far it has come.

    Raise WrongAnswer when an application does not do what it is measured for.
    """
    cases = [case for case in CASES if case.name in names and set(case.frameworks) & set(frameworks)]
    measured = command.take_cases(cases, {name: load(name) for name in frameworks}, effort)
    return {"taken_at": command.now(), **machine.describe(), "effort": asdict(effort), "cases": measured}


if __name__ == "__main__":
    sys.exit(main())
