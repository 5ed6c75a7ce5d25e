"""A pytest plugin for fetched suites: notes each test's outcome, what `flask` is, and who imports asgiref.

Runs inside the suite's process (`-p contract_witness`); one JSON object per line goes to `$CONTRACT_REPORT`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from types import FrameType

import pytest

# Read once: some of the tests empty the environment.
_REPORT = os.environ["CONTRACT_REPORT"]

_importers: set[str] = set()


class _AsgirefWatch:
    """A finder that finds nothing: it notes which module first imports each part of asgiref.

    `builtins.__import__` would see later imports too, but tests of Flask's count the frames of an import.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == "asgiref":
            _importers.add(_importing_module())


def _importing_module() -> str:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").startswith("importlib"):
        frame = frame.f_back
    return "?" if frame is None else frame.f_globals.get("__name__", "?")


sys.meta_path.insert(0, _AsgirefWatch())


def _write(**record: object) -> None:
    with open(_REPORT, "a", encoding="utf-8") as report:
        report.write(json.dumps(record) + "\n")


def _identity() -> dict[str, object]:
    flask = importlib.import_module("flask")
    erlen = sys.modules.get("erlen")
    return {
        "class": f"{flask.Flask.__module__}.{flask.Flask.__qualname__}",
        "file": sys.modules[flask.Flask.__module__].__file__,
        "is_erlen": erlen is not None and flask.Flask is erlen.Erlen,
    }


def pytest_configure(config: pytest.Config) -> None:
    _write(flask=_identity())


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if not report.passed:
        _write(id=report.nodeid, when="collect", outcome=report.outcome, reason=_reason(report))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or not report.passed:
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        _write(id=report.nodeid, when=report.when, outcome=outcome, reason=_reason(report))


def pytest_sessionfinish(session: pytest.Session) -> None:
    _write(finished=True, flask=_identity(), asgiref_importers=sorted(_importers))


def _reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2]
    return report.longreprtext
