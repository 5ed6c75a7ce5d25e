"""What is known of an installed extension, from the runs of the matrix."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from itertools import zip_longest

from .distributions import Installed
from .matrix import Run

Result = t.Literal["as on Flask", "imports", "with losses", "broken", "unknown"]
Age = t.Literal["", "newer", "older"]
_UNITS = {"suite": "of its tests", "application": "answers of an application", "imports": "modules imported"}


@dataclass(frozen=True)
class Verdict:
    """What is known of one installed extension."""

    name: str
    installed: str
    tried: str
    """The version that was tried; empty if none was."""
    age: Age
    """Whether the installed version is newer or older than that."""
    result: Result
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        if not self.tried:
            return "not tried"
        said = {
            "as on Flask": "runs as on Flask",
            "imports": "imports as on Flask; nothing else was tried",
            "with losses": "runs, with losses",
            "broken": "broken",
            "unknown": "was tried, but does not run on Flask either",
        }[self.result]
        return f"{self.age} than tried; {self.tried} {said}" if self.age else said


def judge(extension: Installed, runs: t.Sequence[Run]) -> Verdict:
    """Judge an installed extension by its runs, the most telling of which comes first."""
    without_legacy = [run for run in runs if not run.legacy and run.what != "installation"]
    # What was run with the legacy layer is a promise for those alone who ask for that layer.
    if not without_legacy:
        legacy = [run for run in runs if run.legacy]
        reasons = tuple(f"runs with ERLEN_LEGACY={run.legacy}: {_measure(run)}" for run in legacy)
        return Verdict(extension.name, extension.version, "", "", "unknown", reasons)
    nearest = max(without_legacy, key=lambda run: (run.version == extension.version, -runs.index(run)))
    of_that_version = [run for run in without_legacy if run.version == nearest.version]
    worst = _SEVERITY[max(_SEVERITY.index(result_of(run)) for run in of_that_version)]
    return Verdict(
        extension.name,
        extension.version,
        nearest.version,
        _age(extension.version, nearest.version),
        worst,
        tuple(reason for run in of_that_version for reason in (_measure(run), *run.losses)),
    )


_SEVERITY: tuple[Result, ...] = ("unknown", "imports", "as on Flask", "with losses", "broken")


def result_of(run: Run) -> Result:
    """Judge one run; it is *broken* if nothing that is right on Flask is right on Erlen."""
    if not run.flask:
        return "unknown"
    if run.losses:
        return "with losses" if run.wsgi or run.asgi else "broken"
    return "imports" if run.what == "imports" else "as on Flask"


def _measure(run: Run) -> str:
    counted = [
        f"{number} by {protocol}"
        for protocol, number in (("WSGI", run.wsgi), ("ASGI", run.asgi))
        if number is not None
    ]
    return f"{run.flask} {_UNITS[run.what]} on Flask, {' and '.join(counted)} ({run.date})"


def _age(installed: str, tried: str) -> Age:
    here, there = _numbers(installed), _numbers(tried)
    for one, other in zip_longest(here, there, fillvalue=0):
        if one != other:
            return "newer" if one > other else "older"
    return ""


def _numbers(version: str) -> list[int]:
    """Return the numbers of a release: `1.10.post1` is 1, 10."""
    release = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return [int(part) for part in release[1].split(".")] if release else []
