"""The blog of Flask's tutorial, unchanged, passes its own tests on Erlen."""

from __future__ import annotations

import pytest

from . import sources, suites
from .environment import FRAMEWORKS, Environment
from .suites import Suite

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

SUITE = Suite("tutorial", source="flask", folder="examples/tutorial", without=())


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_tutorial_application_passes_its_tests(framework: str, environment: Environment) -> None:
    told = suites.run(SUITE, sources.unpacked(SUITE.source, environment), framework, environment)
    assert told.finished, told.output
    assert told.identity["is_erlen"] == (framework == "erlen")
    assert len(told.outcomes) >= 24
    unhappy = told.outcomes.keys() - told.with_outcome("passed")
    assert not unhappy, told.explain(unhappy)
