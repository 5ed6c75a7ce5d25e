"""Every framework does the work that its time stands for."""

from __future__ import annotations

import pytest

from bench.apps import FRAMEWORKS, load
from bench.apps.work import FURTHER_RULES
from bench.cases import CASES, Case
from bench.measure import prepared
from bench.wsgi import Request, ask

TURNS = [
    pytest.param(framework, case, id=f"{framework}-{case.name}")
    for framework in FRAMEWORKS
    for case in CASES
    if framework in case.frameworks
]


@pytest.fixture(scope="module")
def app_of():
    """Make each application once."""
    apps = {}

    def app_of(framework: str):
        if framework not in apps:
            apps[framework] = load(framework)
        return apps[framework]

    return app_of


@pytest.mark.parametrize(("framework", "case"), TURNS)
def test_each_answers_each_case_rightly_and_again(app_of, framework: str, case: Case):
    app = app_of(framework)
    request = prepared(case, app)
    for _ in range(2):
        answer = ask(app, request)
        assert case.is_right(answer), answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_case_takes_another_ones_answer(app_of, case: Case):
    app = app_of("flask")
    others = [other for other in CASES if other is not case and other.request.path != case.request.path]
    assert len(others) > 10
    assert not any(case.is_right(ask(app, other.request)) for other in others)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_further_rules_are_there_and_answer(app_of, framework: str):
    app = app_of(framework)
    last = FURTHER_RULES // 2 - 1
    assert ask(app, Request("GET", f"/further/{last}")).status.startswith("200 ")
    if framework != "bare":
        assert ask(app, Request("GET", f"/further/{last}/5")).status.startswith("200 ")
        assert ask(app, Request("GET", f"/further/{last + 1}")).status.startswith("404 ")


@pytest.mark.parametrize("framework", ["flask", "erlen"])
def test_both_applications_have_the_same_rules(app_of, framework: str):
    rules = {rule.rule for rule in app_of(framework).url_map.iter_rules()}
    assert rules == {rule.rule for rule in app_of("flask").url_map.iter_rules()}
    assert len(rules) > FURTHER_RULES


def test_flask_and_erlen_are_two_frameworks(app_of):
    assert type(app_of("flask")).__module__ == "flask.app"
    assert type(app_of("erlen")).__module__ == "erlen.app"
