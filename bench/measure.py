"""Taking times: the smallest of many short rounds, in which the frameworks take turns."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING

from .cases import Case
from .wsgi import Answer, Request, ask, drive, silent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class CannotMeasure(Exception):
    """Something is missing or wrong, so that a figure would mean nothing."""


class WrongAnswer(CannotMeasure):
    """An application did not answer what the case asks for, so that its time would mean nothing."""

    def __init__(self, case: Case, framework: str, answer: Answer) -> None:
        super().__init__(
            f"{framework} answers the case {case.name!r} with {answer.status}: {answer.body[:200]!r}"
        )


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds for each case, and milliseconds for each framework in a round."""

    rounds: int
    milliseconds: float


FULL = Effort(rounds=60, milliseconds=4)
QUICK = Effort(rounds=8, milliseconds=1.5)


@dataclass
class Contender:
    """An application in one case, and the smallest time that one request took."""

    name: str
    app: WSGIApplication
    request: Request
    calls: int = 0
    best: float = float("inf")  # nanoseconds

    def settle(self, milliseconds: float) -> None:
        """Find out how many calls fill a round; the first ones warm the application up."""
        drive(self.app, self.request, 50)
        started = perf_counter_ns()
        drive(self.app, self.request, 50)
        once = (perf_counter_ns() - started) / 50
        self.calls = max(10, int(milliseconds * 1e6 / once))

    def run(self) -> None:
        started = perf_counter_ns()
        drive(self.app, self.request, self.calls)
        self.best = min(self.best, (perf_counter_ns() - started) / self.calls)


def measure(
    case: Case, apps: Mapping[str, WSGIApplication], effort: Effort, on_round: Callable[[int], None]
) -> dict[str, float]:
    """Return the microseconds of each framework that takes part in a case, the driver's own taken out.

    Raise WrongAnswer when one of them does not answer as it must, before or after.
    """
    contenders = [
        Contender(name, app, prepared(case, app)) for name, app in apps.items() if name in case.frameworks
    ]
    check(case, contenders)
    driver = Contender("driver", silent, contenders[0].request)
    take_turns([driver, *contenders], effort, on_round)
    check(case, contenders)
    return {each.name: max(each.best - driver.best, 0.0) / 1000 for each in contenders}


def prepared(case: Case, app: WSGIApplication) -> Request:
    return case.prepare(case.request, lambda request: ask(app, request))


def check(case: Case, contenders: list[Contender]) -> None:
    for contender in contenders:
        answer = ask(contender.app, contender.request)
        if not case.is_right(answer):
            raise WrongAnswer(case, contender.name, answer)


def take_turns(contenders: list[Contender], effort: Effort, on_round: Callable[[int], None]) -> None:
    """Let everybody run in every round, each time another one first."""
    for contender in contenders:
        contender.settle(effort.milliseconds)
    gc.collect()
    for number in range(effort.rounds):
        on_round(number + 1)
        first = number % len(contenders)
        for contender in contenders[first:] + contenders[:first]:
            contender.run()
