"""Reports of tests, sent between processes as one text.

pytest-xdist writes each part of a report by itself, in Python: it took longer than many a test.
"""

from __future__ import annotations

import json
import typing as t

import pytest

TEXT = "text of a report"


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
