"""Import, first answer, memory and growth, Erlen and Flask in turns, each in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.contract import sources
from tests.contract.environment import Environment

from ..machine import ROOT, environment
from ..measure import CannotMeasure
from .first_answer import PAGES, FirstAnswer, answer_once, make_database
from .imports import import_once
from .mix import FRAMEWORKS


@dataclass(frozen=True)
class Effort:
    """How often to import and to start, how many workers to start, how many requests to answer in them."""

    imports: int
    answers: int
    workers: int
    requests: int
    growing: int  # requests over which growth is looked for; as many warm the worker up as fill the caches
    warm_up: int


FULL = Effort(imports=31, answers=31, workers=5, requests=10_000, growing=200_000, warm_up=20_000)
QUICK = Effort(imports=15, answers=7, workers=1, requests=10_000, growing=20_000, warm_up=20_000)


def measure_imports(effort: Effort, on_round: Callable[[int], None]) -> dict[str, Any]:
    """Import in turns. The first time is not counted: it compiles modules and fills the system's caches."""
    taken = {name: [import_once(name)] for name in FRAMEWORKS}
    for number in range(effort.imports):
        on_round(number + 1)
        for name in FRAMEWORKS if number % 2 else reversed(FRAMEWORKS):
            taken[name].append(import_once(name))
    return {
        name: {
            "smallest_milliseconds": min(each.milliseconds for each in imports[1:]),
            "median_milliseconds": median(each.milliseconds for each in imports[1:]),
            "smallest_cpu_milliseconds": min(each.cpu_milliseconds for each in imports[1:]),
            "median_cpu_milliseconds": median(each.cpu_milliseconds for each in imports[1:]),
            "peak_kilobytes": median(each.peak_kilobytes for each in imports[1:]),
            "modules": len(imports[0].modules),
        }
        for name, imports in taken.items()
    }


def measure_first_answers(effort: Effort, on_round: Callable[[int], None]) -> dict[str, Any]:
    """Start the tutorial's application and ask for one page, in turns; the first time is not counted.

    Raise CannotMeasure where the answers differ.
    """
    application = sources.unpacked("flask", Environment(Path(sys.prefix))) / "examples" / "tutorial"
    taken: dict[str, dict[str, list[FirstAnswer]]] = {
        page: {name: [] for name in FRAMEWORKS} for page in PAGES
    }
    with tempfile.TemporaryDirectory() as folder:
        database = make_database(application, Path(folder) / "flaskr.sqlite")
        for number in range(effort.answers + 1):
            on_round(number)
            for page, by_framework in taken.items():
                for name in FRAMEWORKS if number % 2 else reversed(FRAMEWORKS):
                    by_framework[name].append(answer_once(name, application, database, page))
    for page, by_framework in taken.items():
        if len({(each.status, each.body) for answers in by_framework.values() for each in answers}) != 1:
            raise CannotMeasure(f"the two frameworks answer differently for {page}")
    return {
        page: {name: _summary(answers[1:]) for name, answers in by_framework.items()}
        for page, by_framework in taken.items()
    }


def _summary(answers: list[FirstAnswer]) -> dict[str, float]:
    return {
        "median_milliseconds": median(each.milliseconds for each in answers),
        "median_cpu_milliseconds": median(each.cpu_milliseconds for each in answers),
        "smallest_cpu_milliseconds": min(each.cpu_milliseconds for each in answers),
    }


def measure_memory(effort: Effort, on_round: Callable[[int], None]) -> dict[str, Any]:
    """Answer requests in workers, in turns, and look at the resident memory of each."""
    taken: dict[str, list[int]] = {name: [] for name in FRAMEWORKS}
    for number in range(effort.workers):
        on_round(number + 1)
        for name in FRAMEWORKS:
            taken[name].append(ask_worker(name, "untraced", effort.requests)[0]["kilobytes"])
    return {name: {"kilobytes": median(kilobytes), "runs": kilobytes} for name, kilobytes in taken.items()}


def measure_growth(effort: Effort, on_round: Callable[[int], None]) -> dict[str, Any]:
    """Answer many requests, once with and once without tracemalloc, and compare the halves."""
    half = effort.growing // 2
    grown: dict[str, Any] = {"requests": 2 * half}
    for number, (tracing, key) in enumerate((("untraced", "kilobytes"), ("traced", "traced_bytes"))):
        on_round(number + 1)
        told = [each[key] for each in ask_worker("erlen", tracing, effort.warm_up, half, half)]
        grown[key] = {"before": told[0], "first_half": told[1] - told[0], "second_half": told[2] - told[1]}
    return grown


def ask_worker(framework: str, tracing: str, *counts: int, clock: str = "real") -> list[dict[str, int]]:
    """Return what a worker says after each number of further requests; *clock* is explained there.

    Raise CannotMeasure when the system does not tell a process's memory, or the worker breaks.
    """
    if not Path("/proc/self/status").exists():
        raise CannotMeasure("memory is read from /proc/self/status, and this system has none")
    command = [sys.executable, "-m", f"{__package__}.worker", framework, tracing, clock, *map(str, counts)]
    ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    if ran.returncode:
        raise CannotMeasure(f"the worker of {framework} breaks:\n{ran.stderr[-2000:]}")
    told: list[dict[str, int]] = json.loads(ran.stdout)
    return told
