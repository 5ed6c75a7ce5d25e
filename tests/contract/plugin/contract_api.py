"""A pytest plugin for fetched suites: an `Api` is around every application that is made.

Runs inside the suite's process, behind the alias (`-p erlen.as_flask -p contract_api`). The Api adds no rule
and no error handler: with its document and page an application has more rules than its test counts, and with
its handler it answers errors with problems, as it should then. What is left is what must disturb nobody: each
view is looked at, and called as before. When the run ends it prints how many applications there were and how
many views were looked at, so that a suite that went round it is found out.
"""

from __future__ import annotations

import typing as t
from functools import wraps

import pytest

import erlen
from erlen.api import Api

_applications = 0
_views = 0
_init = erlen.Erlen.__init__


class _Counted(Api):
    """An Api that counts the views that it looks at."""

    def typed(self, route: t.Any, view: t.Any) -> t.Any:
        global _views
        _views += 1
        return super().typed(route, view)


@wraps(_init)
def _with_api(self: erlen.Erlen, *args: t.Any, **kwargs: t.Any) -> None:
    global _applications
    _init(self, *args, **kwargs)
    _applications += 1
    _Counted(self, problems=False, document=None, page=None)


erlen.Erlen.__init__ = _with_api  # type: ignore[method-assign]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"applications with an Api: {_applications}, views: {_views}")
