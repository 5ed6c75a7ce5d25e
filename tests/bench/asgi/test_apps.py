"""Every framework does the work that its time stands for, on ASGI."""

from __future__ import annotations

import pytest

from bench.apps.work import FURTHER_RULES
from bench.asgi import plain
from bench.asgi.__main__ import CASES
from bench.asgi.apps import FRAMEWORKS, load
from bench.asgi.server import Server
from bench.cases import Case
from bench.measure import CannotMeasure, prepared
from bench.wsgi import Request

PACKAGES = {"starlette_first": "starlette"}
OURS = ("erlen", "bare_asgi")

# Reading a peer's modules must not fail over what it says of its own dependencies.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def app_of(server):
    """Make and start each application once."""
    apps = {}

    def app_of(framework: str):
        if framework not in OURS:
            pytest.importorskip(
                PACKAGES.get(framework, framework), reason="the peers need the group `bench-asgi`"
            )
        if framework not in apps:
            apps[framework] = server.start(load(framework))
        return apps[framework]

    return app_of


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_answers_each_case_rightly_and_again(server, app_of, framework: str, case: Case):
    if framework not in case.frameworks:
        pytest.skip("it does not take part in this case")
    app = app_of(framework)
    request = prepared(case, app, server)
    for _ in range(2):
        answer = server.ask(app, request)
        assert case.is_right(answer), answer


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_further_rules_are_there_and_answer(server, app_of, framework: str):
    app = app_of(framework)
    last = FURTHER_RULES // 2 - 1
    assert server.ask(app, Request("GET", f"/further/{last}")).status.startswith("200 ")
    if framework != "bare_asgi":
        assert server.ask(app, Request("GET", f"/further/{last}/5")).status.startswith("200 ")
    assert server.ask(app, Request("GET", f"/further/{FURTHER_RULES}")).status.startswith("404 ")


@pytest.mark.parametrize("framework", ["erlen", "quart"])
def test_erlen_and_quart_have_the_further_rules_in_front(app_of, framework: str):
    rules = [rule.rule for rule in app_of(framework).url_map.iter_rules()]
    asked = [rule for rule in rules if not rule.startswith(("/further", "/static", "/plain"))]
    assert asked[:4] == ["/hello", "/json", "/users/<int:uid>", "/sum"]
    assert [rule.startswith("/further") for rule in rules].count(True) == FURTHER_RULES
    assert max(rules.index(rule) for rule in rules if rule.startswith("/further")) < rules.index("/hello")


@pytest.mark.parametrize("framework", ["starlette", "starlette_first"])
def test_both_orders_of_starlette_have_the_same_rules(app_of, framework: str):
    paths = [route.path for route in app_of(framework).routes]
    assert set(paths) == {route.path for route in app_of("starlette").routes}
    assert (paths.index("/hello") < FURTHER_RULES) == (framework == "starlette_first")
    assert paths[0] == "/plain"


@pytest.mark.parametrize("framework", plain.FRAMEWORKS)
def test_the_plain_view_answers(server, app_of, framework: str):
    app = app_of(framework)
    for case in plain.CASES:
        assert case.is_right(server.ask(app, case.request))


def test_a_framework_that_is_not_there_is_named_with_the_way_out():
    with pytest.raises(CannotMeasure, match=r"nothing cannot be imported.*`make bench-asgi` installs it"):
        load("nothing")
