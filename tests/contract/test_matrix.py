"""A sample of the matrix runs again: what was recorded still holds.

The sample is what the contract environment has installed anyway; `make matrix` runs all of it.
"""

from __future__ import annotations

import pytest

from .environment import FRAMEWORKS, Environment
from .matrix import probing, records
from .matrix.packages import packages

pytestmark = [pytest.mark.contract, pytest.mark.timeout(300)]

SAMPLE = ("flask-sqlalchemy", "flask-login", "flask-wtf", "flask-babel", "flask-reuploaded", "flask-restful")


@pytest.mark.parametrize("name", SAMPLE)
def test_the_application_answers_as_recorded(name: str, environment: Environment) -> None:
    told = probing.record_of(packages()[name], environment, {})
    print(told)
    recorded = records.read(told.path)
    assert told.kind == "application", told.note
    assert told.losses == recorded.losses
    assert (told.on_flask, told.by_wsgi, told.by_asgi) == (
        recorded.on_flask,
        recorded.by_wsgi,
        recorded.by_asgi,
    )


def test_requests_by_asgi_came_by_asgi(environment: Environment) -> None:
    probe = packages()["flask-wtf"].probe
    assert probe is not None
    told = probing.work(environment, "erlen", "application", probe, "asgi")
    assert told["by_asgi"] == len(told["answers"]) == 6


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_worker_says_what_flask_is(framework: str, environment: Environment) -> None:
    told = probing.work(environment, framework, "imports", "flask-login")
    assert told["identity"]["erlen"] == (framework == "erlen")
    assert set(told["modules"].values()) == {"imported"}
    assert "flask_login.login_manager" in told["modules"]
