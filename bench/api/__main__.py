"""The command line of the benchmark of typed views."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .. import command, machine, wsgi
from ..asgi.server import Server
from ..kinds import API
from ..measure import FULL, QUICK
from . import routes
from .apps import ASGI, WSGI, load
from .cases import CASE_NAMES, cases

FRAMEWORKS = tuple(dict.fromkeys((*WSGI, *ASGI)))
PARTS = (*CASE_NAMES, "routes")


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    return command.carry_out(options, API, lambda: take(options.cases, options.frameworks, options.quick))


def parser() -> argparse.ArgumentParser:
    parser = command.parser("bench.api", "What one request costs with typed parameters and results.")
    return command.with_choices(parser, cases=PARTS, frameworks=FRAMEWORKS)


def take(names: Sequence[str], frameworks: Sequence[str], quick: bool) -> dict[str, Any]:
    """Measure by WSGI, by ASGI, and 300 routes, with a line on stderr that says how far it has come.

    Raise CannotMeasure when a framework is missing, or does not do what it is measured for.
    """
    typed = {"wsgi": take_wsgi(names, frameworks, quick), "asgi": take_asgi(names, frameworks, quick)}
    effort = routes.QUICK if quick else routes.FULL
    return {
        "taken_at": command.now(),
        **machine.describe(),
        "effort": asdict(QUICK if quick else FULL),
        "typed": typed,
        "routes_effort": asdict(effort),
        "routes": take_routes(effort) if "routes" in names else {},
    }


def take_wsgi(names: Sequence[str], frameworks: Sequence[str], quick: bool) -> list[dict[str, Any]]:
    apps = {name: load(WSGI, name) for name in WSGI if name in frameworks}
    chosen = cases(names, tuple(apps))
    return command.take_cases(chosen, apps, QUICK if quick else FULL, wsgi) if apps else []


def take_asgi(names: Sequence[str], frameworks: Sequence[str], quick: bool) -> list[dict[str, Any]]:
    apps = {name: load(ASGI, name) for name in ASGI if name in frameworks}
    with Server() as server:
        for app in apps.values():
            server.start(app)
        chosen = cases(names, tuple(apps))
        return command.take_cases(chosen, apps, QUICK if quick else FULL, server) if apps else []


def take_routes(effort: routes.Effort) -> dict[str, Any]:
    progress = command.Progress(f"[processes] {routes.ROUTES} routes", effort.processes)
    taken = routes.measure(effort, progress.show)
    progress.done()
    return taken


if __name__ == "__main__":
    sys.exit(main())
