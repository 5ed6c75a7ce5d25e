"""What holds for every test: no context, receiver or command is left; examples are the same in each run."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from erlen.active import NOTHING, state_variable
from erlen.signals import appcontext_pushed, request_is_heard
from tests.amounts import CHOSEN_ANEW, part_of

# What the many programs that tests start import is compiled once, not by each of them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

pytest.register_assert_rewrite("tests.serve.beside")
pytest_plugins = ["tests.reports"]

settings.register_profile("same", deadline=None, max_examples=part_of(100), derandomize=True, database=None)
settings.register_profile("searching", deadline=None, max_examples=CHOSEN_ANEW or 100, print_blob=True)
settings.load_profile("searching" if CHOSEN_ANEW else "same")


# Next to nothing of what collecting makes is garbage, and to look for it took a quarter of the time.
gc.disable()


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what was collected: it looked at all of it in each full run."""
    gc.enable()
    gc.collect()
    gc.freeze()


_tests_begun = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Let receivers of earlier tests go: signals are everybody's, and each application is told of them.

    Now and then, have the collector pass over what is there to stay: modules, and what they keep.
    """
    is_time_to_freeze = next(_tests_begun) % 500 == 0
    if request_is_heard() or appcontext_pushed.receivers or is_time_to_freeze:
        gc.collect()
    if is_time_to_freeze:
        gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Say of a test that leaves a context active that it does."""
    yield
    # A command that is called in this process sets it, and app.run() would do nothing in later tests.
    os.environ.pop("FLASK_RUN_FROM_CLI", None)
    left = state_variable.get()
    state_variable.set(NOTHING)  # the next test is not to blame
    assert left is NOTHING
