"""Where the time of a request goes: the stack is looked at a thousand times a second, and each sample counts.

A profiler that is called for each function makes short functions look expensive, and templates consist of
them. Samples leave the program its speed. Python runs the signal's handler between two instructions, so a
sample falls a little later than the signal: after a call of C code on its caller, which is what ran.

A signal that came while somebody else had the processor is left out. It would count for the place where the
system took the processor away, and that is a call of the system more often than others: the database's.
"""

from __future__ import annotations

import random
import signal
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_THREAD, getrusage
from types import FrameType

PARTS = ("framework", "templates", "database", "application")
DRIVER = "driver"
FRAMEWORK = ("flask", "erlen", "werkzeug", "itsdangerous", "click", "blinker")
TEMPLATES = ("jinja2", "markupsafe")
DATABASE = ("sqlalchemy", "flask_sqlalchemy", "sqlalchemy_continuum", "alembic", "flask_migrate")
PACKAGES = {
    **dict.fromkeys(FRAMEWORK, "framework"),
    **dict.fromkeys(TEMPLATES, "templates"),
    **dict.fromkeys(DATABASE, "database"),
}
HERE = Path(__file__).parent
STANDARD = sysconfig.get_path("stdlib")
# Erlen's and Flask's own modules about templates.
OF_TEMPLATES = ("/erlen/templating/", "/flask/templating.py")
# Seconds between two samples, on average: at random, so that no request's rhythm is met.
BETWEEN = 0.001


def part_of(file: str) -> str | None:
    """Return the part that a file's code belongs to; None for the standard library, which serves others."""
    if file == str(HERE / "database.py"):
        return "database"
    if Path(file).is_relative_to(HERE.parent):
        return DRIVER
    if file.startswith("<") and file != "<template>":
        return None  # made by exec (named tuples, SQLAlchemy's processors), or frozen
    if not file.endswith(".py") or any(name in file for name in OF_TEMPLATES):
        return "templates"
    _, installed, rest = file.rpartition("/site-packages/")
    if not installed:
        if file.startswith(STANDARD):
            return None
        _, source, rest = file.rpartition("/src/")
        rest = rest if source else ""
    return PACKAGES.get(rest.partition("/")[0].removesuffix(".py"), "application")


def part_of_stack(files: Iterator[str], known: dict[str, str | None]) -> str:
    """Return the part of the innermost code that belongs to one."""
    for file in files:
        if file not in known:
            known[file] = part_of(file)
        if part := known[file]:
            return part
    return DRIVER


def files_of(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back


@contextmanager
def sampled() -> Iterator[Counter[str]]:
    """Count samples of this thread by part while the block runs. It must be the main thread."""
    counted: Counter[str] = Counter()
    known: dict[str, str | None] = {}
    chance = random.Random(1)
    switched = 0
    is_on = True

    def take(number: int, frame: FrameType | None) -> None:
        nonlocal switched
        before, switched = switched, getrusage(RUSAGE_THREAD).ru_nivcsw
        if before == switched:
            counted[part_of_stack(files_of(frame), known)] += 1
        if is_on:  # a signal that came before the timer was stopped is taken after that
            signal.setitimer(signal.ITIMER_REAL, BETWEEN * (0.5 + chance.random()))

    earlier = signal.signal(signal.SIGALRM, take)
    signal.setitimer(signal.ITIMER_REAL, BETWEEN)
    try:
        yield counted
    finally:
        is_on = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


def shares(counted: Counter[str]) -> dict[str, float]:
    """Return each part's share of an application's samples; the driver's are left out."""
    total = sum(counted[part] for part in PARTS)
    return {part: counted[part] / total if total else 0.0 for part in PARTS}


def sample(run: Callable[[], None], until: Callable[[], bool]) -> Counter[str]:
    """Run something again and again, and count where its time goes."""
    with sampled() as counted:
        while not until():
            run()
    return counted
