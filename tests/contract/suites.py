"""Runs a fetched test suite on one of the two frameworks and reads the outcome of each of its tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .environment import HERE, Environment, fresh_folder

_SEVERITY = ("passed", "xfailed", "skipped", "failed")


@dataclass(frozen=True)
class Suite:
    """A folder of tests inside a source distribution."""

    name: str
    source: str
    folder: str = "."
    options: tuple[str, ...] = ()
    without: tuple[str, ...] = ("src", "docs")
    """Folders left out of the copy, so that the installed package is what is tested."""


@dataclass(repr=False)
class Run:
    """What one run of a suite told."""

    outcomes: dict[str, str] = field(default_factory=dict)
    """Outcome by test id: passed, failed, skipped or xfailed."""
    reasons: dict[str, str] = field(default_factory=dict)
    identity: dict[str, object] = field(default_factory=dict)
    asgiref_importers: list[str] = field(default_factory=list)
    finished: bool = False
    output: str = ""

    def with_outcome(self, *wanted: str) -> set[str]:
        """Give the ids of the tests that ended so."""
        return {test for test, outcome in self.outcomes.items() if outcome in wanted}

    def explain(self, tests: Iterable[str]) -> str:
        """List tests with the end of what each said, for a failure message."""
        return "\n".join(map(self._explain_one, sorted(tests)))

    def _explain_one(self, test: str) -> str:
        lines = self.reasons.get(test, "").strip().splitlines()
        telling = [line for line in lines if line.startswith("E ")] or lines
        outcome = self.outcomes.get(test, "did not run")
        return "\n      ".join([f"  {test} [{outcome}]", *telling[-6:]])


def run(
    suite: Suite,
    sources: Path,
    framework: str,
    environment: Environment,
    variables: Mapping[str, str] | None = None,
) -> Run:
    """Run a suite in a copy of its own, in a process of its own, with `flask` meaning `framework`."""
    folder = fresh_folder(f"{suite.name}-{framework}")
    copy, report = folder / "copy", folder / "report.jsonl"
    source = sources / suite.folder
    shutil.copytree(source, copy, symlinks=True, ignore=_leave_out(suite, source))
    alias = ("-p", "erlen.as_flask") if framework == "erlen" else ()
    done = environment.run(
        *("-m", "pytest", "--rootdir=.", *alias, "-p", "contract_witness", "-p", "no:cacheprovider"),
        *("-o", "addopts=", "--timeout=60", "--continue-on-collection-errors", "-q", "--tb=short"),
        *suite.options,
        "tests",
        cwd=copy,
        env={"CONTRACT_REPORT": str(report), "PYTHONPATH": str(HERE / "plugin"), **(variables or {})},
    )
    return _read(report, done.stdout)


def _leave_out(suite: Suite, top: Path) -> Callable[[str, list[str]], set[str]]:
    def ignore(folder: str, names: list[str]) -> set[str]:
        return set(suite.without) if Path(folder) == top else set()

    return ignore


def _read(report: Path, output: str) -> Run:
    told = Run(output=output)
    for line in report.read_text(encoding="utf-8").splitlines() if report.exists() else ():
        record = json.loads(line)
        told.identity = record.get("flask", told.identity)
        told.asgiref_importers = record.get("asgiref_importers", told.asgiref_importers)
        told.finished = record.get("finished", told.finished)
        if "id" in record:
            _note(told, record["id"], record["outcome"], record["reason"])
    return told


def _note(told: Run, test: str, outcome: str, reason: str) -> None:
    known = told.outcomes.get(test, "passed")
    told.outcomes[test] = max(known, outcome, key=_SEVERITY.index)
    if reason:
        told.reasons[test] = reason
