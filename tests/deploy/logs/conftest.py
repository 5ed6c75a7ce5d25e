"""The logs are the process's: each test begins and ends without them."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from erlen import Erlen
from erlen.deploy import logs

Make = Callable[..., Erlen]

_NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _no_logs_are_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), [list(handler.filters) for handler in root.handlers])
    yield
    logs.remove()
    assert (root.level, root.handlers, [handler.filters for handler in root.handlers]) == before


@pytest.fixture(autouse=True)
def _mails_of_other_tests_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def make() -> Iterator[Make]:
    """Return a function that makes an application with logs; its logger is left without handlers."""
    made: list[Erlen] = []

    def make(**config: Any) -> Erlen:
        # A logger of its own for each test.
        app = Erlen(f"shop{next(_NUMBERS)}")
        app.config.update(config)
        logs.init_app(app)
        made.append(app)
        return app

    yield make
    for app in made:
        app.logger.handlers.clear()
        app.logger.setLevel(logging.NOTSET)
    logging.getLogger("erlen.access").setLevel(logging.NOTSET)
