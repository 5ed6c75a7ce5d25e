"""Flask's own tests, as its source distribution ships them, pass on Erlen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from . import sources, suites
from .environment import Environment
from .suites import Run, Suite

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

SUITE = Suite("flask-suite", source="flask", without=("src", "docs", "examples"))

FILES = (
    "test_appctx.py",
    "test_async.py",
    "test_basic.py",
    "test_blueprints.py",
    "test_cli.py",
    "test_config.py",
    "test_converters.py",
    "test_helpers.py",
    "test_instance_config.py",
    "test_json.py",
    "test_json_tag.py",
    "test_logging.py",
    "test_regression.py",
    "test_reqctx.py",
    "test_request.py",
    "test_session_interface.py",
    "test_signals.py",
    "test_subclassing.py",
    "test_templating.py",
    "test_testing.py",
    "test_user_error_handler.py",
    "test_views.py",
)

SKIPPED_BY_FLASK = (
    {"tests/test_config.py::test_config_from_file_toml"} if sys.version_info < (3, 11) else set()
)
"""What Flask skips on this Python: `tomllib` came with 3.11."""

EXCEPTIONS: dict[str, str] = {}
"""Tests that cannot pass by their nature, with the reason. Each really fails, and there are at most five."""


@pytest.fixture(scope="module")
def source(environment: Environment) -> Path:
    return sources.unpacked(SUITE.source, environment)


@pytest.fixture(scope="module")
def on_flask(source: Path, environment: Environment) -> Run:
    return suites.run(SUITE, source, "flask", environment)


@pytest.fixture(scope="module")
def on_erlen(source: Path, environment: Environment) -> Run:
    return suites.run(SUITE, source, "erlen", environment)


def test_every_test_file_of_the_distribution_is_listed_here(source: Path) -> None:
    assert sorted(path.name for path in (source / "tests").glob("test_*.py")) == sorted(FILES)


def test_the_measure_holds_on_the_real_flask(on_flask: Run) -> None:
    assert on_flask.identity["class"] == "flask.app.Flask"
    assert not on_flask.identity["is_erlen"]
    assert on_flask.finished, on_flask.output
    failed = on_flask.with_outcome("failed")
    assert not failed, f"Not even the real Flask passes here:\n{on_flask.explain(failed)}"
    skipped = on_flask.with_outcome("skipped", "xfailed") - SKIPPED_BY_FLASK
    assert not skipped, f"Something is missing in the environment:\n{on_flask.explain(skipped)}"
    assert len(on_flask.outcomes) > 480


def test_the_flask_under_test_is_erlen(on_erlen: Run) -> None:
    assert on_erlen.identity.get("is_erlen"), f"{on_erlen.identity}\n{on_erlen.output}"
    assert "/erlen/" in str(on_erlen.identity["file"])
    print(f"flask.Flask is {on_erlen.identity['class']} from {on_erlen.identity['file']}")


@pytest.mark.parametrize("file", FILES)
def test_file_passes(file: str, on_flask: Run, on_erlen: Run) -> None:
    wanted = {test for test in on_flask.with_outcome("passed") if test.startswith(f"tests/{file}::")}
    assert wanted, f"No test of {file} passed on the real Flask."
    missed = wanted - on_erlen.with_outcome("passed") - EXCEPTIONS.keys()
    kept = len(wanted) - len(missed)
    print(f"{file}: {kept} of {len(wanted)} tests that pass on Flask pass on Erlen")
    assert not missed, f"{len(missed)} of {len(wanted)} tests:\n{on_erlen.explain(missed)}\n{_tail(on_erlen)}"


def test_the_suite_runs_to_its_end(on_erlen: Run) -> None:
    assert on_erlen.finished, on_erlen.output


def test_nothing_is_skipped_that_flask_does_not_skip(on_flask: Run, on_erlen: Run) -> None:
    skipped = on_erlen.with_outcome("skipped", "xfailed") - on_flask.with_outcome("skipped", "xfailed")
    assert not skipped, on_erlen.explain(skipped)


def test_the_exceptions_are_few_and_each_really_fails(on_erlen: Run) -> None:
    assert len(EXCEPTIONS) <= 5
    assert all(EXCEPTIONS.values()), "An exception without a reason is none."
    assert on_erlen.with_outcome("failed") >= EXCEPTIONS.keys()


def test_asgiref_is_there_and_erlen_never_imports_it(on_flask: Run, on_erlen: Run) -> None:
    assert "flask.app" in on_flask.asgiref_importers, "The witness does not see imports of asgiref."
    assert on_erlen.finished
    assert not [name for name in on_erlen.asgiref_importers if name.partition(".")[0] in ("erlen", "flask")]


def _tail(run: Run) -> str:
    return "" if run.outcomes else run.output[-3000:]
