"""The examples have no risks but those that they have silenced, each with a reason."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.check.risks.cases import KEY

EXAMPLES = Path(__file__).parents[4] / "examples"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    taken_out = ("FLASK_", "ERLEN_", "GUESTBOOK_", "DATABASE_URL", "PYTEST_", "WERKZEUG_", "WEB_CONCURRENCY")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(taken_out)}
    command = [sys.executable, "-m", "erlen", *words]
    return subprocess.run(
        command, cwd=folder, env={**environ, "SECRET_KEY": KEY}, capture_output=True, text=True, timeout=60
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("example", "application", "prepare"),
    [
        ("guestbook", "wsgi", ("init-db",)),
        ("celery-tasks", "web", ()),
        ("offline-scripts", "shop", ()),
        ("shop-api", "orders", ()),
    ],
)
def test_an_example_has_no_risks(
    example: str, application: str, prepare: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / example
    shutil.copytree(
        EXAMPLES / example, folder, ignore=shutil.ignore_patterns("instance", "__pycache__", ".*cache")
    )
    for each in prepare:
        assert run(folder, "--app", application, each).returncode == 0
    done = run(folder, "--app", application, "check", "--deploy", "--fail-level", "info")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Nothing found in ")
