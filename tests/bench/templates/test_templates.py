"""The benchmark of templates compares what it measures, and has a floor for each case."""

from __future__ import annotations

import pytest

from bench import floors
from bench.measure import CannotMeasure, Effort
from bench.templates import CASES, Case
from bench.templates.measure import renders, take


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_one_text(name: str) -> None:
    both = renders(name, CASES[name])
    assert both["jinja"]() == both["erlen"]() != ""


def test_cases_with_two_texts_are_not_measured() -> None:
    texts = iter(["one", "two"])
    case = Case("changing", {"changing": "{{ text() }}"}, lambda: {"text": lambda: next(texts)})
    with pytest.raises(CannotMeasure, match="changing"):
        renders("changing", case)


def test_all_are_measured_and_have_a_floor() -> None:
    measured = take(list(CASES), Effort(rounds=1, milliseconds=0.1))
    assert [template["title"] for template in measured] == [case.title for case in CASES.values()]
    found = floors.findings({"templates": measured})
    assert [finding.title for finding in found] == [f"template, {case.title}" for case in CASES.values()]


@pytest.mark.parametrize(
    ("name", "jinja", "needed", "reached"),
    [("dicts", 9.0, "≥ 4.5× as fast as Jinja", True), ("text", 1.9, "≥ 1× as fast as Jinja", False)],
)
def test_jinja_must_take_so_many_times_as_long(name: str, jinja: float, needed: str, reached: bool) -> None:
    measured = {"name": name, "title": name, "microseconds": {"erlen": 2.0, "jinja": jinja}}
    [found] = floors.findings({"templates": [measured]})
    assert (found.needed, found.reached) == (needed, reached)


def test_every_floor_is_of_a_case() -> None:
    assert floors.TEMPLATES.keys() <= CASES.keys()
