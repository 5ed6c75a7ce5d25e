"""A pytest plugin for fetched suites: test clients speak ASGI unless a test asks for another protocol.

Runs inside the suite's process, behind the alias (`-p erlen.as_flask -p contract_asgi`). When the run
ends it prints how many requests came by ASGI, so that a suite that went round it is found out.
"""

from __future__ import annotations

import typing as t
from functools import wraps

import pytest

import erlen.gateway.asgi

_requests = 0
_test_client = erlen.Erlen.test_client


@wraps(_test_client)
def _by_asgi(self: erlen.Erlen, *args: t.Any, **kwargs: t.Any) -> t.Any:
    return _test_client(self, *args, **{"protocol": "asgi", **kwargs})


erlen.Erlen.test_client = _by_asgi  # type: ignore[method-assign]


def _counted(answer: t.Any) -> t.Any:
    async def counting(*args: t.Any) -> None:
        global _requests
        _requests += 1
        await answer(*args)

    return counting


# Below the application, whose methods the tests patch: what the gateway hands HTTP requests to.
erlen.gateway.asgi.answers["http"] = _counted(erlen.gateway.asgi.answers["http"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"requests by ASGI: {_requests}")
