"""The example with Celery: its own tests pass, with a real Redis server and a real worker."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "celery-tasks"


def environment() -> dict[str, str]:
    """Return the variables for a child process: nothing that chooses a framework, a broker or a queue."""
    taken_out = ("FLASK_", "ERLEN_", "CELERY_", "REDIS_URL", "PYTEST_", "WERKZEUG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(taken_out)}


@pytest.mark.slow
@pytest.mark.servers
def test_its_own_tests_pass():
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no"]
    done = subprocess.run(
        command, cwd=EXAMPLE, env=environment(), capture_output=True, text=True, timeout=300
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    assert re.search(r"^=+ 10 passed in ", done.stdout, re.MULTILINE), printed


def test_the_tests_install_what_it_needs():
    needs = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["dependencies"]
    installed = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["test"]
    assert [need for need in needs if need != "erlen" and need not in installed] == []
