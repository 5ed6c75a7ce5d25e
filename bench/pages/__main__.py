"""The command line of the benchmark of pages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .. import command, machine
from ..kinds import PAGES
from ..measure import FULL, QUICK, Effort
from ..templates import CASES as TEMPLATES
from ..templates import measure as templates
from .apps import FRAMEWORKS, load
from .cases import CASES

CASE_NAMES = [case.name for case in CASES]


def main(arguments: list[str] | None = None) -> int:
    parser = command.parser("bench.pages", "What links, redirects, error pages, sessions and templates cost.")
    command.with_choices(parser, cases=CASE_NAMES, frameworks=FRAMEWORKS, templates=list(TEMPLATES))
    options = parser.parse_args(arguments)
    effort = QUICK if options.quick else FULL
    return command.carry_out(
        options, PAGES, lambda: take(options.cases, options.frameworks, options.templates, effort)
    )


def take(
    names: Sequence[str], frameworks: Sequence[str], template_names: Sequence[str], effort: Effort
) -> dict[str, Any]:
    """Measure requests, then templates alone, with a line on stderr that says how far it has come.

    Raise CannotMeasure when an application or a template does not do what it is measured for.
    """
    cases = [case for case in CASES if case.name in names]
    measured = command.take_cases(cases, {name: load(name) for name in frameworks}, effort)
    return {
        "taken_at": command.now(),
        **machine.describe(),
        "effort": asdict(effort),
        "cases": measured,
        "templates": templates.take(template_names, effort),
    }


if __name__ == "__main__":
    sys.exit(main())
