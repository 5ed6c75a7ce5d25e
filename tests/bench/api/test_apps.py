"""Every framework does the work that its time stands for, with typed parameters and results."""

from __future__ import annotations

from typing import Any

import pytest

from bench import wsgi
from bench.api.apps import ASGI, FURTHER_ROUTES, WSGI, load
from bench.api.cases import CASES, NAMES_OF_FAULTS, cases, named_faults
from bench.asgi.server import Server
from bench.cases import Case
from bench.measure import CannotMeasure
from bench.wsgi import Answer, Request

# What the tests have anyway.
OURS = ("erlen", "erlen_pydantic", "flask_pydantic", "falcon")
BY_NAME = {case.name: case for case in CASES}
BOTH = [(protocol, name) for protocol, modules in (("wsgi", WSGI), ("asgi", ASGI)) for name in modules]

# Importing a peer must not fail over what it says of its own dependencies.
pytestmark = pytest.mark.filterwarnings("ignore")


class Applications:
    """Makes and starts each application once, and asks it by its protocol."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.made: dict[tuple[str, str], Any] = {}

    def ask(self, protocol: str, framework: str, request: Request) -> Answer:
        if framework not in OURS:
            package = framework.removesuffix("_alone")
            pytest.importorskip(package, reason="the peers need the group `bench-api`")
        key = protocol, framework
        if key not in self.made:
            app = load(WSGI if protocol == "wsgi" else ASGI, framework)
            self.made[key] = app if protocol == "wsgi" else self.server.start(app)
        asked = wsgi if protocol == "wsgi" else self.server
        return asked.ask(self.made[key], request)


@pytest.fixture(scope="module")
def apps():
    with Server() as server:
        yield Applications(server)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize(("protocol", "framework"), BOTH)
def test_each_answers_each_case_rightly_and_again(
    apps: Applications, protocol: str, framework: str, case: Case
) -> None:
    chosen = cases([case.name], (framework,))
    for each in chosen:
        for _ in range(2):
            answer = apps.ask(protocol, framework, each.request)
            assert each.is_right(answer), answer
    assert bool(chosen) is (framework != "falcon" or case.name != "typed-faults")


@pytest.mark.parametrize(("protocol", "framework"), [both for both in BOTH if both[1] != "falcon"])
def test_all_name_all_three_faults_but_for_litestar(
    apps: Applications, protocol: str, framework: str
) -> None:
    answer = apps.ask(protocol, framework, BY_NAME["typed-faults"].request)
    assert len(named_faults(answer)) == (1 if framework == "litestar" else len(NAMES_OF_FAULTS))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_case_takes_another_ones_answer(apps: Applications, case: Case) -> None:
    others = [other.request for other in CASES if other is not case]
    assert not any(case.is_right(apps.ask("wsgi", "erlen", request)) for request in others)


@pytest.mark.parametrize(("protocol", "framework"), BOTH)
def test_further_routes_are_there_and_answer(apps: Applications, protocol: str, framework: str) -> None:
    answer = apps.ask(protocol, framework, Request("GET", f"/further/{FURTHER_ROUTES - 1}/5"))
    assert answer.status.startswith("404 " if framework == "fastapi_alone" else "200 "), answer
    answer = apps.ask(protocol, framework, Request("GET", f"/further/{FURTHER_ROUTES}/5"))
    assert answer.status.startswith("404 ")


def test_a_framework_that_is_missing_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(CannotMeasure, match=r"nothing cannot be imported.*`make bench-api` installs it"):
        load({"nothing": "nothing"}, "nothing")
