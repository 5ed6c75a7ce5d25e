"""Plain views on ASGI, which run in threads: what one request costs, and how many answers many clients get.

Threads disturb each other, so the smallest time would tell of luck: medians count, and the ratio is taken in
each round, from the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from ..apps.work import HELLO
from ..cases import Case, text
from ..measure import Effort, rounds
from ..wsgi import Request
from .server import Clients, Server

FRAMEWORKS = ("erlen", "starlette")
CLIENTS = {"plain": 1, "plain-32": 32}


def case_of(name: str) -> Case:
    clients = CLIENTS[name]
    title = f"plain view, {clients} clients" if clients > 1 else "plain view, one at a time"
    return Case(name, title, Request("GET", "/plain"), text(HELLO), FRAMEWORKS)


CASES = tuple(map(case_of, CLIENTS))


def measure(
    case: Case, apps: Mapping[str, Any], effort: Effort, on_round: Callable[[int], None], server: Server
) -> dict[str, Any]:
    """Return the microseconds of each framework, and Erlen's beside Starlette's.

    One at a time the driver's own are taken out; with many clients these are the microseconds from answer to
    answer. Raise CannotMeasure when an answer is wrong.
    """
    clients = CLIENTS[case.name]
    driver = Clients(server, clients, HELLO.encode()) if clients > 1 else server
    taken = rounds(case, apps, effort, on_round, driver)
    drivers = median(taken.pop("driver"))
    share = drivers if clients == 1 else 0.0
    own = {name: [max(time - share, 0.0) / 1000 for time in times] for name, times in taken.items()}
    return {
        "name": case.name,
        "title": case.title,
        "clients": clients,
        "microseconds": {name: median(times) for name, times in own.items()},
        "of_starlette": beside(own) if own.keys() >= set(FRAMEWORKS) else None,
    }


def beside(own: Mapping[str, list[float]]) -> float:
    """Return the median share of Starlette's time, each share from one round."""
    both = zip(own["erlen"], own["starlette"], strict=True)
    return median(erlen / starlette for erlen, starlette in both)
