"""The command line of the benchmark inside the application, on ASGI."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from .. import cases, command, machine
from ..kinds import ASGI
from ..measure import FULL, QUICK, Effort
from ..pages import cases as pages
from . import plain
from .apps import FRAMEWORKS, load
from .server import Server

NAMES = ("hello", "json", "path", "json-in-out")
# Pages of templates are only compared with the framework that has Flask's API.
PAGES = ("messages",)
CASES = (
    *(replace(case, frameworks=FRAMEWORKS) for case in cases.CASES if case.name in NAMES),
    *(replace(case, frameworks=("erlen", "quart")) for case in pages.CASES if case.name in PAGES),
)
CASE_NAMES = [case.name for case in (*CASES, *plain.CASES)]
# Threads need longer rounds: of each other's time they take some milliseconds at once.
PLAIN_FULL = Effort(rounds=40, milliseconds=50)
PLAIN_QUICK = Effort(rounds=4, milliseconds=10)


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    return command.carry_out(options, ASGI, lambda: take(options.cases, options.frameworks, options.quick))


def parser() -> argparse.ArgumentParser:
    parser = command.parser("bench.asgi", "What one request costs inside the application, on ASGI.")
    return command.with_choices(parser, cases=CASE_NAMES, frameworks=FRAMEWORKS)


def take(names: Sequence[str], frameworks: Sequence[str], quick: bool) -> dict[str, Any]:
    """Measure coroutine views, then plain ones, with a line on stderr that says how far it has come.

    Raise CannotMeasure when a framework is missing, or does not do what it is measured for.
    """
    effort, plain_effort = (QUICK, PLAIN_QUICK) if quick else (FULL, PLAIN_FULL)
    apps = {name: load(name) for name in frameworks}
    with Server() as server:
        for app in apps.values():
            server.start(app)
        coroutines = command.take_cases([case for case in CASES if case.name in names], apps, effort, server)
        threads = take_plain([case for case in plain.CASES if case.name in names], apps, plain_effort, server)
    return {
        "taken_at": command.now(),
        **machine.describe(),
        "effort": asdict(effort),
        "cases": coroutines,
        "plain_effort": asdict(plain_effort),
        "plain": threads,
    }


def take_plain(
    chosen: Sequence[cases.Case], apps: Mapping[str, Any], effort: Effort, server: Server
) -> list[dict[str, Any]]:
    """Measure plain views, unless nobody takes part who has them."""
    if not apps.keys() & set(plain.FRAMEWORKS):
        return []
    measured = []
    for case in chosen:
        progress = command.Progress(f"[threads] {case.title}", effort.rounds)
        measured.append(plain.measure(case, apps, effort, progress.show, server))
        progress.done()
    return measured


if __name__ == "__main__":
    sys.exit(main())
