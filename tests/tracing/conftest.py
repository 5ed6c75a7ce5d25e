"""Programs that patch the framework for their whole process, each run in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.contract import environment as environments
from tests.contract.environment import Environment

PROGRAMS = Path(__file__).parent / "programs"
Run: TypeAlias = "Callable[..., Any]"


@cache
def run_once(program: str, *arguments: str) -> Any:
    """Run a program of this folder and read the JSON that it prints; the same run is not repeated."""
    left_out = ("FLASK", "ERLEN", "OTEL", "SENTRY")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAMS / program), *arguments],
        env=outside | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def program() -> Run:
    """Give what runs a program, by its name and its arguments."""
    return run_once


@pytest.fixture(scope="session")
def tools() -> Environment:
    """Give the environment with the agents."""
    return environments.prepare("tools.txt", "tools")
