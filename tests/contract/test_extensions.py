"""The suites of extensions, as their sources ship them, pass on Erlen where they pass on Flask."""

from __future__ import annotations

import pytest

from . import sources, suites
from .environment import Environment
from .suites import Suite

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

# From Python 3.13 on sqlite3 warns of each connection that the garbage collector finds open. Which test that
# hits depends on what was allocated before.
UNCLOSED = ("-W", "ignore::pytest.PytestUnraisableExceptionWarning")

SUITES = {
    "flask-sqlalchemy": (Suite("flask-sqlalchemy", source="flask-sqlalchemy", options=UNCLOSED), 430),
    "flask-login": (Suite("flask-login", source="flask-login"), 100),
    "flask-wtf": (Suite("flask-wtf", source="flask-wtf", without=("src", "docs", "examples")), 80),
}
"""Suite, and how many of its tests pass on Flask at least: fewer means that the run tells nothing."""


@pytest.mark.parametrize("name", SUITES)
def test_what_passes_on_flask_passes_on_erlen(name: str, environment: Environment) -> None:
    suite, at_least = SUITES[name]
    source = sources.unpacked(suite.source, environment)
    on_flask = suites.run(suite, source, "flask", environment)
    on_erlen = suites.run(suite, source, "erlen", environment)

    wanted = on_flask.with_outcome("passed")
    assert on_flask.identity["class"] == "flask.app.Flask"
    assert len(wanted) >= at_least, on_flask.output
    assert on_erlen.finished, on_erlen.output
    assert on_erlen.identity["is_erlen"]
    missed = wanted - on_erlen.with_outcome("passed")
    print(f"{name}: {len(wanted) - len(missed)} of {len(wanted)} tests that pass on Flask pass on Erlen")
    assert not missed, f"{len(missed)} of {len(wanted)} tests:\n{on_erlen.explain(missed)}"
