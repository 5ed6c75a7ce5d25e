"""300 typed routes in processes of their own: what it takes until the first request, and what is held then.

Erlen's set-up ends when its plan is made: whatever is not worked out before a request then is worked out for
each of the 300. FastAPI works out a route when it is added.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..machine import ROOT, environment
from ..measure import CannotMeasure

ROUTES = 300
FRAMEWORKS = ("erlen", "fastapi")
FIGURES = ("set_up_milliseconds", "document_milliseconds", "kilobytes")


@dataclass(frozen=True)
class Effort:
    """In how many processes each framework is measured."""

    processes: int


FULL = Effort(processes=15)
QUICK = Effort(processes=3)


def measure(effort: Effort, on_round: Callable[[int], None]) -> dict[str, Any]:
    """Start processes in turns; return the median of each figure. The first process of each is not counted.

    Raise CannotMeasure when one breaks, or its application does not have the routes.
    """
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in FRAMEWORKS}
    for number in range(effort.processes + 1):
        on_round(number)
        for name in FRAMEWORKS if number % 2 else reversed(FRAMEWORKS):
            taken[name].append(ask_process(name))
    return {
        name: {key: median(each[key] for each in figures[1:]) for key in FIGURES}
        for name, figures in taken.items()
    }


def ask_process(framework: str) -> dict[str, Any]:
    """Return what a process says of 300 routes of a framework.

    Raise CannotMeasure as `measure` does.
    """
    ran = subprocess.run(
        [sys.executable, "-m", f"{__package__}.routes_process", framework, str(ROUTES)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        raise CannotMeasure(f"{ROUTES} routes of {framework} break:\n{ran.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(ran.stdout)
    if told["operations"] != ROUTES:
        raise CannotMeasure(f"the document of {framework} has {told['operations']} of {ROUTES} operations")
    return told
