"""Reports of tests, as the processes that run them send them.

pytest-xdist sends six messages for each test, and writes each of their parts by itself, in Python: for both
processes together that took longer than many a test. Here a test that passes sends one report, as one text.
"""

from __future__ import annotations

import json
import typing as t

import pytest
from _pytest.runner import runtestprotocol

TEXT = "text of a report"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test, and report its call, and what went wrong before and after it."""
    if _all_is_asked_for(item.config):
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


def _all_is_asked_for(config: pytest.Config) -> bool:
    """Tell whether this is the only process, or somebody wants to know how long fixtures take."""
    option = config.option
    return not hasattr(config, "workerinput") or option.durations is not None or option.xmlpath is not None


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(config: pytest.Config) -> t.Generator[None, t.Any, t.Any]:
    """Send what passed as text; what failed or was skipped is told in tuples, which JSON has not."""
    data = yield
    if data is None or data.get("outcome") != "passed" or not hasattr(config, "workerinput"):
        return data
    return {TEXT: json.dumps(data)}


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(data: dict[str, t.Any]) -> t.Generator[None, t.Any, t.Any]:
    """Put the report that came as text in its place, with what was added to it on its way."""
    if TEXT in data:
        data.update(json.loads(data.pop(TEXT)))
        data["location"] = tuple(data["location"])
    return (yield)
