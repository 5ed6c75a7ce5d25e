"""Both frameworks do the work that their time stands for, and answer the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bench import floors, measure, wsgi
from bench.cases import Case, with_its_cookie
from bench.kinds import PAGES
from bench.pages.__main__ import main
from bench.pages.apps import FRAMEWORKS, load
from bench.pages.cases import CASES, get
from bench.wsgi import Answer


@pytest.fixture(scope="module")
def apps() -> dict[str, Any]:
    return {name: load(name) for name in FRAMEWORKS}


def told(answer: Answer) -> tuple[Any, ...]:
    """Return what has to be alike: not times, which cookies are signed with, nor the order of Allow."""
    headers = {name: value for name, value in answer.headers if name not in ("Set-Cookie", "Date")}
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
    output = str(tmp_path / "pages.json")
    assert main(["--quick", "--cases", "410", "--templates", "line,text", "--output", output]) == 0
    shown = capsys.readouterr().out
    assert "abort(410)" in shown
    assert "≥ 10× as fast as Flask" in shown
    assert "× Jinja" in shown
    assert shown.count("≥ 1× as fast as Jinja") == 2


def test_the_markdown_has_a_table_of_pages_and_one_of_templates(tmp_path: Any) -> None:
    output = tmp_path / "pages.json"
    main(["--quick", "--cases", "410", "--templates", "line", "--output", str(output)])
    text = PAGES.as_markdown(json.loads(output.read_text()))
    assert "| case | Erlen | Flask | × Flask |" in text
    assert "| template | Erlen | Jinja | × Jinja |" in text


def test_the_page_of_messages_shows_what_was_flashed(apps: dict[str, Any]) -> None:
    pages = []
    for app in apps.values():
        cookie = measure.prepared(replace(CASES[3], prepare=with_its_cookie), app).headers
        pages.append(wsgi.ask(app, replace(get("/messages"), headers=cookie)))
    assert told(pages[0]) == told(pages[1])
    assert b'<li class="message">Saved Ada.</li>' in pages[0].body
