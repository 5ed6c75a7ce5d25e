"""Jinja's own tests, as its source distribution ships them, pass with Erlen's environment and generator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import sources, suites
from .environment import Environment
from .suites import Run, Suite

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

ON_JINJA = Suite("jinja-suite", source="jinja2")
ON_ERLEN = Suite("jinja-suite", source="jinja2", options=("-p", "jinja_on_erlen"))


@pytest.fixture(scope="module")
def source(environment: Environment) -> Path:
    return sources.unpacked(ON_JINJA.source, environment)


@pytest.fixture(scope="module")
def on_jinja(source: Path, environment: Environment) -> Run:
    return suites.run(ON_JINJA, source, "flask", environment)


@pytest.fixture(scope="module")
def on_erlen(source: Path, environment: Environment) -> Run:
    return suites.run(ON_ERLEN, source, "erlen", environment)


def test_the_measure_holds_on_jinja(on_jinja: Run) -> None:
    assert on_jinja.finished, on_jinja.output
    failed = on_jinja.with_outcome("failed", "skipped")
    assert not failed, f"Not even Jinja passes here:\n{on_jinja.explain(failed)}"
    assert len(on_jinja.outcomes) > 850


def test_what_passes_on_jinja_passes_with_erlens_generator(on_jinja: Run, on_erlen: Run) -> None:
    assert on_erlen.finished, on_erlen.output
    missed = on_jinja.with_outcome("passed") - on_erlen.with_outcome("passed")
    assert not missed, f"{len(missed)} tests:\n{on_erlen.explain(missed)}"


def test_erlens_generator_compiled_the_templates(on_erlen: Run) -> None:
    told = re.search(r"Erlen compiled (\d+) templates", on_erlen.output)
    assert told is not None, on_erlen.output
    assert int(told[1]) > 700
