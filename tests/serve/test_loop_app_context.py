"""The application's context where no request is, on a loop: it is torn down by functions of either colour."""

from __future__ import annotations

import typing as t

import pytest

from tests.gateway.asgi.driver import http
from tests.serve.tasks import COLOURS, adding, colour, served


@pytest.mark.parametrize("task", COLOURS)
@pytest.mark.parametrize("teardown", COLOURS)
def test_its_own_context_is_torn_down_by_functions_of_either_colour(teardown: str, task: str) -> None:
    log: list[t.Any] = []
    app = adding(colour(task, lambda: log.append("work")))
    app.logger.disabled = True
    app.teardown_appcontext(colour(teardown, lambda error: log.append(error)))

    served(app, http("/coroutine"))

    assert sorted(log, key=str) == [None, None, None, None, "work"]  # start, request, task, stop
