"""`import erlen` imports nothing that `import flask` does without."""

from __future__ import annotations

import pytest

from bench.footprint.imports import import_once


@pytest.fixture(scope="module")
def modules() -> dict[str, set[str]]:
    return {name: set(import_once(name).modules) for name in ("erlen", "flask")}


def foreign(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] not in ("erlen", "flask")}


@pytest.mark.slow
def test_nothing_is_imported_that_flask_does_without(modules):
    assert foreign(modules["erlen"]) - foreign(modules["flask"]) == set()


def test_less_is_imported_than_flask_imports(modules):
    assert len(foreign(modules["erlen"])) < len(foreign(modules["flask"]))


def test_neither_imports_the_other(modules):
    assert not any(name.partition(".")[0] == "flask" for name in modules["erlen"])
    assert not any(name.partition(".")[0] == "erlen" for name in modules["flask"])
