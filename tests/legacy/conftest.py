from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import pytest

from erlen import legacy
from erlen.legacy import notices
from tests.alias.conftest import python, says

__all__ = ["of_1_1", "of_2_2", "python", "says", "warned"]


@pytest.fixture
def of_1_1() -> Iterator[None]:
    """Turn the layer on for one test; its warnings are of no concern."""
    yield from turned_on("1.1")


@pytest.fixture
def of_2_2() -> Iterator[None]:
    """Turn the layer on for one test, with what Flask 2.2 still had."""
    yield from turned_on("2.2")


def turned_on(level: str) -> Iterator[None]:
    notices.forget()
    legacy.install(level)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        legacy.uninstall()
        notices.forget()


@pytest.fixture
def warned() -> Callable[[Callable[[], object]], list[str]]:
    """Give the old names that warn when a function is called."""

    def call(function: Callable[[], object]) -> list[str]:
        notices.forget()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            function()
        return [str(each.message).split("'")[1] for each in caught]

    return call
