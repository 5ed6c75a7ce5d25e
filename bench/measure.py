"""Taking times: the smallest of many short rounds, in which the frameworks take turns."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any, Protocol

from . import wsgi
from .cases import Case
from .wsgi import Answer, Request


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


class Driver(Protocol):
    """The server's side of a protocol: the module `wsgi` is one."""

    silent: Any  # an application that does nothing

    def ask(self, app: Any, request: Request, /) -> Answer: ...

    def drive(self, app: Any, request: Request, count: int, /) -> None: ...


@dataclass
class Contender:
    """An application in one case, and what one request took in each round."""

    name: str
    app: Any
    request: Request
    driver: Driver = wsgi
    calls: int = 0
    times: list[float] = field(default_factory=list)  # nanoseconds

    def settle(self, milliseconds: float) -> None:
        """Find out how many calls fill a round; the first ones warm the application up."""
        self.driver.drive(self.app, self.request, 50)
        started = perf_counter_ns()
        self.driver.drive(self.app, self.request, 50)
        once = (perf_counter_ns() - started) / 50
        self.calls = max(10, int(milliseconds * 1e6 / once))

    def run(self) -> None:
        started = perf_counter_ns()
        self.driver.drive(self.app, self.request, self.calls)
        self.times.append((perf_counter_ns() - started) / self.calls)


def measure(
    case: Case,
    apps: Mapping[str, Any],
    effort: Effort,
    on_round: Callable[[int], None],
    driver: Driver = wsgi,
) -> dict[str, float]:
    """Return the microseconds of each framework that takes part in a case, the driver's own taken out.

    Raise WrongAnswer when one of them does not answer as it must, before or after.
    """
    taken = rounds(case, apps, effort, on_round, driver)
    share = min(taken.pop("driver"))
    return {name: max(min(times) - share, 0.0) / 1000 for name, times in taken.items()}


def rounds(
    case: Case, apps: Mapping[str, Any], effort: Effort, on_round: Callable[[int], None], driver: Driver
) -> dict[str, list[float]]:
    """Return what one request took in each round, in nanoseconds: of those who take part, and of the driver.

    Raise WrongAnswer as `measure` does.
    """
    contenders = [
        Contender(name, app, prepared(case, app, driver), driver)
        for name, app in apps.items()
        if name in case.frameworks
    ]
    check(case, contenders)
    nobody = Contender("driver", driver.silent, contenders[0].request, driver)
    take_turns([nobody, *contenders], effort, on_round)
    check(case, contenders)
    return {each.name: each.times for each in [nobody, *contenders]}


def prepared(case: Case, app: Any, driver: Driver = wsgi) -> Request:
    return case.prepare(case.request, lambda request: driver.ask(app, request))


def check(case: Case, contenders: list[Contender]) -> None:
    for contender in contenders:
        answer = contender.driver.ask(contender.app, contender.request)
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
