"""One server at a time: its applications take turns, each time in a server that was started for it."""

from __future__ import annotations

import os
import resource
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from ..floors import BUSY
from ..measure import CannotMeasure
from . import wrk
from .processes import cpu_seconds, free_port, running, tree, two_cores
from .servers import Server

ANSWER = (200, "text/html; charset=utf-8", "13", b"Hello, World!")
# Who works less than this part of the whole is a supervisor, not a worker.
IDLE = 0.02


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, and seconds of one application in a round."""

    rounds: int
    seconds: int
    tries: int  # a run in which the server did not get its core is taken again
    warm_up_seconds: int = 1


FULL = Effort(rounds=5, seconds=5, tries=3)
QUICK = Effort(rounds=3, seconds=1, tries=1)


@dataclass(frozen=True)
class Run:
    """One application in one round."""

    requests_per_second: float
    requests_per_cpu_second: float  # tells less of the network, and nothing of who else used the core
    p99_milliseconds: float
    server_busy: float  # part of its core that the server used
    client_busy: float  # part of its core that wrk used: near 1 the client was the limit
    workers: int


def measure(
    server: Server, apps: Sequence[str], effort: Effort, on_round: Callable[[int], None]
) -> dict[str, Any]:
    """Return the medians and the runs of each application on a server.

    Raise CannotMeasure when something is missing, an answer is wrong, or more than one worker worked.
    """
    runs: dict[str, list[Run]] = {app: [] for app in apps}
    for number in range(effort.rounds):
        on_round(number + 1)
        for app in turned(apps, number):
            runs[app].append(undisturbed(server, app, effort))
    return {app: summary(taken) for app, taken in runs.items()}


def turned(apps: Sequence[str], number: int) -> list[str]:
    """Let each round begin with another one."""
    first = number % len(apps)
    return [*apps[first:], *apps[:first]]


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    taken = [asdict(run) for run in runs]
    return {key: median(run[key] for run in taken) for key in taken[0]} | {"runs": taken}


def undisturbed(server: Server, app: str, effort: Effort) -> Run:
    """Run until the server was busy, or the tries are used up; the run in which it was busiest counts."""
    taken: list[Run] = []
    while len(taken) < effort.tries and not any(run.server_busy > BUSY for run in taken):
        taken.append(run(server, app, effort))
    return max(taken, key=lambda run: run.server_busy)


def run(server: Server, app: str, effort: Effort) -> Run:
    """Start a server with an application, ask it for some seconds, and end it."""
    server_core, client_core = two_cores()
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    with running(server.command(app, port), port, server_core) as pid:
        check(server, app, url)
        wrk.ask(url, effort.warm_up_seconds, client_core)
        taken = watched(server, app, pid, lambda: wrk.ask(url, effort.seconds, client_core))
        check(server, app, url)
    return taken


def check(server: Server, app: str, url: str) -> None:
    with urllib.request.urlopen(url, timeout=10) as got:
        answer = (got.status, got.headers["Content-Type"], got.headers["Content-Length"], got.read())
    if answer != ANSWER:
        raise CannotMeasure(f"{app} on {server.name} answers {answer}")


def watched(server: Server, app: str, pid: int, ask: Callable[[], wrk.Told]) -> Run:
    """Ask, and look at who works meanwhile, and where."""
    family = tree(pid)
    before = {member: cpu_seconds(member) for member in family}
    client_before, started = children_seconds(), time.monotonic()
    told = ask()
    elapsed = time.monotonic() - started
    used = {member: cpu_seconds(member) - before[member] for member in tree(pid) if member in before}
    client = children_seconds() - client_before
    if told.failed:
        raise CannotMeasure(f"{app} on {server.name} fails: {told.failed}")
    workers = check_workers(server, used)
    busy = sum(used.values()) / elapsed
    each = told.requests_per_second
    return Run(each, each / busy, told.p99_milliseconds, busy, client / elapsed, workers)


def check_workers(server: Server, used: dict[int, float]) -> int:
    """Count the processes that ran the application: there must be one, and all of them on one core."""
    total = sum(used.values())
    workers = sum(seconds > IDLE * total for seconds in used.values()) - server.helpers
    cores = {core for pid in used for core in os.sched_getaffinity(pid)}
    if workers != 1 or len(cores) != 1:
        raise CannotMeasure(
            f"{server.name} has {workers} workers on the cores {sorted(cores)}, and should have one"
        )
    return workers


def children_seconds() -> float:
    """Return the time that children of this process have worked that have ended: wrk's among them."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
