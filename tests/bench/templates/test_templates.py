"""The benchmark of templates compares what it measures, and says what must be reached."""

from __future__ import annotations

import pytest

from bench.measure import CannotMeasure
from bench.templates import CASES, Case
from bench.templates.__main__ import main, renders


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_one_text(name: str) -> None:
    theirs, ours = renders(name, CASES[name])
    assert theirs() == ours() != ""


def test_cases_with_two_texts_are_not_measured() -> None:
    texts = iter(["one", "two"])
    case = Case("changing", {"changing": "{{ text() }}"}, lambda: {"text": lambda: next(texts)}, 1)
    with pytest.raises(CannotMeasure, match="changing"):
        renders("changing", case)


def test_the_table_has_a_row_for_each_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1"]) == 0
    printed = capsys.readouterr().out
    assert all(case.title in printed for case in CASES.values())
