"""Flask's own tests once more, with the test client on the ASGI gateway."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from . import sources, suites
from .environment import Environment
from .suites import Run
from .test_flask_suite import FILES, SUITE

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

ON_ASGI = replace(SUITE, name="flask-suite-asgi", options=("-p", "contract_asgi"))

EXCEPTIONS: dict[str, str] = {}
"""Tests that cannot hold on ASGI by their nature, with the reason. Each really fails."""


@pytest.fixture(scope="module")
def source(environment: Environment) -> Path:
    return sources.unpacked(SUITE.source, environment)


@pytest.fixture(scope="module")
def on_flask(source: Path, environment: Environment) -> Run:
    return suites.run(SUITE, source, "flask", environment)


@pytest.fixture(scope="module")
def on_asgi(source: Path, environment: Environment) -> Run:
    return suites.run(ON_ASGI, source, "erlen", environment)


def test_the_suite_runs_to_its_end_on_erlen(on_asgi: Run) -> None:
    assert on_asgi.identity.get("is_erlen"), f"{on_asgi.identity}\n{on_asgi.output}"
    assert on_asgi.finished, on_asgi.output


def test_its_requests_came_by_asgi(on_asgi: Run) -> None:
    said = re.search(r"requests by ASGI: (\d+)", on_asgi.output)
    assert said is not None, on_asgi.output
    assert int(said[1]) > 400


@pytest.mark.parametrize("file", FILES)
def test_file_passes(file: str, on_flask: Run, on_asgi: Run) -> None:
    wanted = {test for test in on_flask.with_outcome("passed") if test.startswith(f"tests/{file}::")}
    assert wanted, f"No test of {file} passed on the real Flask."
    missed = wanted - on_asgi.with_outcome("passed") - EXCEPTIONS.keys()
    assert not missed, f"{len(missed)} of {len(wanted)} tests:\n{on_asgi.explain(missed)}"


def test_nothing_is_skipped_that_flask_does_not_skip(on_flask: Run, on_asgi: Run) -> None:
    skipped = on_asgi.with_outcome("skipped", "xfailed") - on_flask.with_outcome("skipped", "xfailed")
    assert not skipped, on_asgi.explain(skipped)


def test_each_exception_has_a_reason_and_really_fails(on_asgi: Run) -> None:
    assert all(EXCEPTIONS.values()), "An exception without a reason is none."
    assert on_asgi.with_outcome("failed") >= EXCEPTIONS.keys()
