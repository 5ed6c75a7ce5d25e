"""What holds for every test: no context or receiver is left, and examples are the same in each run."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from erlen.globals import NOTHING, _state
from erlen.signals import appcontext_pushed, request_is_heard

pytest.register_assert_rewrite("tests.serve.beside")

# More examples, chosen anew in each run: ERLEN_EXAMPLES=2000. Without it every run tries the same ones.
EXAMPLES = int(os.environ.get("ERLEN_EXAMPLES", "0"))
settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("searching", deadline=None, max_examples=EXAMPLES or 100, print_blob=True)
settings.load_profile("searching" if EXAMPLES else "same")


@pytest.fixture(autouse=True)
def _nobody_hears_signals_from_before() -> None:
    """Let receivers of earlier tests go: signals are everybody's, and each application is told of them."""
    if request_is_heard() or appcontext_pushed.receivers:
        gc.collect()


@pytest.fixture(autouse=True)
def _no_context_is_left_active() -> Iterator[None]:
    yield
    left = _state.get()
    _state.set(NOTHING)  # the next test is not to blame
    assert left is NOTHING
