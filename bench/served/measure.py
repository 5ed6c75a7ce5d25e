"""One server at a time: its applications are started side by side, and asked in turns, in short runs.

What does not work: to ask one application for long and then the next. A shared machine is a third faster or
slower from one minute to the next, and the share of the bare function would tell of that.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from tests.ports import free_port

from ..floors import BUSY
from ..measure import CannotMeasure
from . import wrk
from .processes import Answer, cpu_seconds, get, running, switches, tree, two_cores
from .servers import Server

ANSWER = Answer(200, "text/html; charset=utf-8", "13", b"Hello, World!")
# Who works less than this part of the whole is a supervisor, not a worker.
IDLE = 0.02


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, each with servers of its own; turns in a round; seconds of a turn."""

    rounds: int
    turns: int
    seconds: int
    tries: int  # a turn in which the server did not get its core is taken again


FULL = Effort(rounds=5, turns=5, seconds=1, tries=3)
QUICK = Effort(rounds=1, turns=3, seconds=1, tries=1)


@dataclass(frozen=True)
class Turn:
    """What one application did in one turn; of a round, the medians."""

    requests_per_second: float
    requests_per_cpu_second: float  # says nothing of who else used the core
    p99_milliseconds: float
    server_busy: float  # part of its core that the server used
    client_busy: float  # part of its core that wrk used: near 1 the client was the limit
    switches_per_request: float  # from one thread to another
    workers: int


@dataclass
class Contender:
    """An application in a server that runs."""

    server: Server
    app: str
    pid: int
    port: int
    path: str = "/"
    options: Sequence[str] = ()  # wrk's, where more than a path is asked for
    turns: list[Turn] = field(default_factory=list)


def measure(
    server: Server, apps: Sequence[str], effort: Effort, on_round: Callable[[int], None]
) -> dict[str, Any]:
    """Return of each application on a server the medians, the rounds, and its share of the bare function.

    Raise CannotMeasure when something is missing, an answer is wrong, or more than one worker worked.
    """
    rounds: list[dict[str, dict[str, Any]]] = []
    for number in range(effort.rounds):
        on_round(number + 1)
        with started(server, apps) as contenders:
            take_turns(contenders, effort)
        rounds.append({each.app: medians([asdict(turn) for turn in each.turns]) for each in contenders})
    return {app: summary(app, server.bare, rounds) for app in apps}


def summary(app: str, bare: str, rounds: Sequence[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Put the rounds of an application together; its share is taken in each round, from the same minute."""
    own = [figures[app] for figures in rounds]
    shares = [
        figures[app]["requests_per_second"] / figures[bare]["requests_per_second"]
        for figures in rounds
        if bare in figures
    ]
    return {**medians(own), "share_of_bare": median(shares) if shares else None, "rounds": own}


def medians(taken: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {key: median(each[key] for each in taken) for key in taken[0]}


@contextmanager
def started(server: Server, apps: Sequence[str]) -> Iterator[list[Contender]]:
    """Start a server for each application: the right answer must come, before the turns and after."""
    with ExitStack() as stack:
        contenders = []
        for app in apps:
            port = free_port()
            pid = stack.enter_context(running(server.command(app, port), port, two_cores()[0]))
            contenders.append(Contender(server, app, pid, port))
        check(contenders)
        yield contenders
        check(contenders)


def check(contenders: Sequence[Contender]) -> None:
    for each in contenders:
        answer = get(each.port)
        if answer != ANSWER:
            raise CannotMeasure(f"{each.app} on {each.server.name} answers {answer}")


def take_turns(contenders: list[Contender], effort: Effort) -> None:
    """Let everybody warm up for a turn; then take turns, each time another one first."""
    for each in contenders:
        watched(each, effort.seconds)
    for number in range(effort.turns):
        first = number % len(contenders)
        for each in contenders[first:] + contenders[:first]:
            each.turns.append(undisturbed(each, effort))


def undisturbed(contender: Contender, effort: Effort) -> Turn:
    """Ask until the server was busy, or the tries are used up; the turn in which it was busiest counts."""
    taken: list[Turn] = []
    while len(taken) < effort.tries and not any(turn.server_busy > BUSY for turn in taken):
        taken.append(watched(contender, effort.seconds))
    return max(taken, key=lambda turn: turn.server_busy)


def watched(contender: Contender, seconds: int) -> Turn:
    """Ask for some seconds, and look at who works meanwhile, and where."""
    family = tree(contender.pid)
    before = {member: cpu_seconds(member) for member in family}
    switches_before = sum(map(switches, family))
    client_before, began = children_seconds(), time.monotonic()
    url = f"http://127.0.0.1:{contender.port}{contender.path}"
    told = wrk.ask(url, contender.server.connections, seconds, two_cores()[1], contender.options)
    elapsed = time.monotonic() - began
    used = {member: cpu_seconds(member) - before[member] for member in family}
    switched = sum(map(switches, family)) - switches_before
    if told.failed:
        raise CannotMeasure(f"{contender.app} on {contender.server.name} fails: {told.failed}")
    workers = check_workers(contender.server, used)
    busy = sum(used.values()) / elapsed
    client_busy = (children_seconds() - client_before) / elapsed
    each = told.requests_per_second
    per_cpu_second = each / busy if busy else 0.0
    per_request = switched / max(told.requests, 1)
    return Turn(each, per_cpu_second, told.p99_milliseconds, busy, client_busy, per_request, workers)


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
