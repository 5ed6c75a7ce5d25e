"""Flask's own tests once more, with an `Api` around every application that they make, by WSGI and ASGI."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from . import sources, suites
from .environment import HERE, Environment
from .suites import Run
from .test_flask_suite import SUITE

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

MSGSPEC = "msgspec==0.23.0"
WAYS = {"wsgi": (), "asgi": ("-p", "contract_asgi")}


@pytest.fixture(scope="module")
def source(environment: Environment) -> Path:
    return sources.unpacked(SUITE.source, environment)


@pytest.fixture(scope="module")
def on_flask(source: Path, environment: Environment) -> Run:
    return suites.run(replace(SUITE, name="flask-suite-beside-api"), source, "flask", environment)


@pytest.fixture(scope="module", params=WAYS)
def with_apis(source: Path, environment: Environment, request: pytest.FixtureRequest) -> Run:
    way: str = request.param
    suite = replace(SUITE, name=f"flask-suite-api-{way}", options=("-p", "contract_api", *WAYS[way]))
    folders = f"{HERE / 'plugin'}:{environment.overlay('api', MSGSPEC)}"
    return suites.run(suite, source, "erlen", environment, {"PYTHONPATH": folders})


def test_every_test_that_passes_on_flask_passes_on_erlen(on_flask: Run, with_apis: Run) -> None:
    assert with_apis.identity.get("is_erlen"), f"{with_apis.identity}\n{with_apis.output}"
    assert with_apis.finished, with_apis.output
    wanted = on_flask.with_outcome("passed")
    assert len(wanted) > 480
    missed = wanted - with_apis.with_outcome("passed")
    assert not missed, f"{len(missed)} of {len(wanted)} tests:\n{with_apis.explain(missed)}"


def test_the_applications_had_an_api_that_looked_at_their_views(with_apis: Run) -> None:
    said = re.search(r"applications with an Api: (\d+), views: (\d+)", with_apis.output)
    assert said is not None, with_apis.output
    assert int(said[1]) > 400
    assert int(said[2]) > 500
