from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

Run: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture
def python(tmp_path: Path) -> Run:
    """Run Python in an empty folder, in a process of its own, with warnings as errors.

    The real Flask is installed in this environment; `env` adds variables.
    """
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK", "ERLEN"))}

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=tmp_path,
            env=outside | {"PYTHONDONTWRITEBYTECODE": "1"} | env,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def says(python: Run) -> Callable[[str], str]:
    """Run code and give what it prints; the code must end well."""

    def run(code: str) -> str:
        done = python("-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def both(python: Run) -> Callable[..., list[str]]:
    """Run the same on the real Flask and on Erlen by ERLEN_AS_FLASK=1; give what each prints.

    Each must end well.
    """

    def run(*arguments: str, **env: str) -> list[str]:
        told = [python(*arguments, **env, **alias) for alias in ({}, {"ERLEN_AS_FLASK": "1"})]
        for done in told:
            assert done.returncode == 0, done.stderr
        return [done.stdout for done in told]

    return run
