"""The environments in which the applications with old extensions run, and how one is run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import environment as environments
from ..environment import CHECKOUT, Environment

HERE = Path(__file__).parent
APPLICATIONS = HERE / "applications"
ERLEN = {"ERLEN_AS_FLASK": "1"}
LEGACY = {"ERLEN_AS_FLASK": "1", "ERLEN_LEGACY": "1.1+libraries"}

_OLDER = {
    "werkzeug-0.16": ("werkzeug==0.16.1",),
    "flask-0.12": ("flask==0.12.5", "werkzeug==0.16.1"),
}


@dataclass(frozen=True)
class Answers:
    """What one run of an application printed."""

    framework: str
    """The module that `import flask` gave: "flask" or "erlen"."""
    reports: list[list[list[Any]]]
    output: str
    failed: bool

    @property
    def entries(self) -> list[list[Any]]:
        """All that was noted: name and value."""
        return [entry for report in self.reports for entry in report]

    @property
    def broken(self) -> list[str]:
        """The requests that were answered by an internal server error."""
        return [name for name, told in self.entries if isinstance(told, dict) and told.get("status") == 500]


def python_3_10() -> Path | None:
    """Find CPython 3.10, for which the old libraries and today's are both made; None if it is not there."""
    if sys.version_info[:2] == (3, 10):
        return Path(sys.executable).resolve()
    finder = CHECKOUT / ".ci" / "find-python"
    found = subprocess.run([finder, "--all"], capture_output=True, text=True).stdout.splitlines()
    candidates = [*found, *filter(None, [shutil.which("python3.10")])]
    ask = "import sys; print(sys.version_info[:2] == (3, 10))"
    for python in candidates:
        if subprocess.run([python, "-c", ask], capture_output=True, text=True).stdout.strip() == "True":
            return Path(python)
    return None


def then(python: Path) -> Environment:
    """Give the environment of Flask 1.1.4."""
    return environments.prepare_pinned("legacy-then", python, "legacy-then.txt", "legacy-extensions.txt")


def now(python: Path, wheel_of: Environment) -> Environment:
    """Give the environment of Flask 3.1.3 and of Erlen, in which a variable says which of them is meant."""
    environment = environments.prepare_pinned("legacy-now", python, "legacy-now.txt", "legacy-extensions.txt")
    environment.install_wheel_of(wheel_of)
    return environment


def paths(environment: Environment, names: tuple[str, ...]) -> dict[str, str]:
    """Give the variable that puts older releases, or Python 3.9's names, before those of the environment."""
    folders = [
        HERE / "python39" if name == "python39" else environment.overlay(name, *_OLDER[name])
        for name in names
    ]
    return {"PYTHONPATH": ":".join(map(str, folders))} if folders else {}


def run(name: str, environment: Environment, variables: Mapping[str, str]) -> Answers:
    """Run the application of an extension."""
    done = subprocess.run(
        [environment.python, APPLICATIONS / f"app_{name}.py"],
        cwd=environments.CACHE,
        env=environment.variables(variables),
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line[:2] in ("[[", '{"')]
    framework = next((line["framework"] for line in lines if isinstance(line, dict)), "none")
    reports = [line for line in lines if isinstance(line, list)]
    return Answers(framework, reports, done.stdout[-2000:] + done.stderr[-4000:], failed=done.returncode != 0)


def run_both(name: str, *sides: tuple[Environment, Mapping[str, str]]) -> list[Answers]:
    """Run the application on two sides, at the same time."""
    with ThreadPoolExecutor(len(sides)) as threads:
        return list(threads.map(lambda side: run(name, *side), sides))
