"""Importing in fresh interpreters."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from ..machine import ROOT, environment

# The clock starts when Python has; what Python has imported by itself is not counted.
PROGRAM = """\
import sys
from time import perf_counter_ns
before = set(sys.modules)
started = perf_counter_ns()
import {package}
ended = perf_counter_ns()
imported = sorted(set(sys.modules) - before)
import json
print(json.dumps([(ended - started) / 1e6, imported]))
"""


@dataclass(frozen=True)
class Import:
    milliseconds: float
    modules: list[str]


def import_once(package: str) -> Import:
    """Import a package in an interpreter of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(package=package)],
        cwd=ROOT,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return Import(*json.loads(ran.stdout))
