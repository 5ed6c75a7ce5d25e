"""Checks are run one after another, and one that raises does not stop the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from erlen.deploy.check import running
from erlen.deploy.check.examined import Examined
from erlen.deploy.check.finding import Finding, Kind, Level, Place

from .applications import examined, own_process

__all__ = ["examined", "own_process"]

KIND = Kind("own", Level.INFO, "Why.")


def fine(examined: Examined) -> Iterator[Finding]:
    yield KIND.found("b", Place(Path("b"), 2))
    yield KIND.found("nowhere")
    yield KIND.found("a", Place(Path("b"), 1))
    yield KIND.found("a", Place(Path("b"), 1))


def half(examined: Examined) -> Iterator[Finding]:
    yield KIND.found("half", Place(Path("a")))
    raise KeyError("\x1b[31m")


def ends(examined: Examined) -> list[Finding]:
    sys.exit(3)


def strange(examined: Examined) -> list[Finding]:
    return ["text"]  # type: ignore[list-item]


def test_findings_are_sorted_and_each_is_there_once(examined: Callable[..., Examined]) -> None:
    assert [finding.what for finding in running.run([fine], examined(""))] == ["a", "b", "nowhere"]


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (half, "half' raises KeyError: "),
        (ends, "ends' raises SystemExit: 3"),
        (strange, "strange' raises TypeError: it yields something of the type 'str', not findings"),
    ],
)
def test_a_check_that_raises_is_a_finding_and_the_others_go_on(
    examined: Callable[..., Examined], check: running.Check, text: str
) -> None:
    found = running.run([check, fine], examined(""))
    (failed,) = (finding for finding in found if finding.kind is running.CHECK_FAILED)
    assert text in failed.what
    assert failed.kind.level is Level.ERROR
    assert {"a", "b", "nowhere"} <= {finding.what for finding in found}
    assert ("half" in {finding.what for finding in found}) == (check is half)


def test_the_kinds_of_a_check_are_the_constants_of_its_module() -> None:
    assert running.kinds_of([fine, half]) == [KIND]
    assert running.kinds_of([lambda examined: []]) == [KIND]
    assert running.kinds_of([]) == []
