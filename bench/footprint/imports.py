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
from time import perf_counter, process_time
before = set(sys.modules)
started, worked = perf_counter(), process_time()
import {package}
took, working = perf_counter() - started, process_time() - worked
imported = sorted(set(sys.modules) - before)
import json
from resource import RUSAGE_SELF, getrusage
print(json.dumps([took * 1000, working * 1000, getrusage(RUSAGE_SELF).ru_maxrss, imported]))
"""


@dataclass(frozen=True)
class Import:
    milliseconds: float
    cpu_milliseconds: float  # what the processor did: says nothing of who else used it
    peak_kilobytes: int  # the most memory that the process had, Python included
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
