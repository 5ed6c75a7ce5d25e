"""Erlen's own examples have no mistake that is looked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"
APPLICATIONS = {
    "guestbook": "guestbook",
    "celery-tasks": "web",
    "offline-scripts": "shop",
    "shop-api": "orders",
}

pytestmark = pytest.mark.slow  # each test starts a process


def test_all_examples_are_there() -> None:
    assert {folder.name for folder in EXAMPLES.iterdir() if (folder / "pyproject.toml").exists()} == set(
        APPLICATIONS
    )


@pytest.mark.parametrize("name", APPLICATIONS)
def test_nothing_is_found_in_an_example(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "erlen", "--app", APPLICATIONS[name], "check", "--format", "json"],
        cwd=EXAMPLES / name,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["findings"] == []
