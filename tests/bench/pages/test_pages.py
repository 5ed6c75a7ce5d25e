"""Both frameworks do the work that their time stands for, and answer the same."""

from __future__ import annotations

from typing import Any

import pytest

from bench import floors, measure, wsgi
from bench.cases import Case
from bench.pages.__main__ import main
from bench.pages.apps import FRAMEWORKS, load
from bench.pages.cases import CASES
from bench.wsgi import Answer


@pytest.fixture(scope="module")
def apps() -> dict[str, Any]:
    return {name: load(name) for name in FRAMEWORKS}


def told(answer: Answer) -> tuple[Any, ...]:
    """Return what has to be alike: a cookie is signed with its time, and Allow has any order."""
    headers = {name: value for name, value in answer.headers if name != "Set-Cookie"}
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    return answer.status, headers, answer.body


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_answer_rightly_and_alike(case: Case, apps: dict[str, Any]) -> None:
    for _ in range(2):
        answers = [wsgi.ask(app, measure.prepared(case, app)) for app in apps.values()]
        assert all(map(case.is_right, answers)), answers
        assert told(answers[0]) == told(answers[1])


def test_every_case_has_a_floor() -> None:
    assert [case.name for case in CASES] == list(floors.PAGES)


def test_a_case_is_measured_and_its_floor_shown(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    assert main(["--quick", "--cases", "410", "--output", str(tmp_path / "pages.json")]) == 0
    shown = capsys.readouterr().out
    assert "abort(410)" in shown
    assert "≥ 10× as fast as Flask" in shown
