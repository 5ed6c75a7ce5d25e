"""The shop of typed views: its own tests pass, and its document is valid OpenAPI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop-api"


@pytest.mark.slow
def test_its_own_tests_pass() -> None:
    taken_out = ("FLASK_", "ERLEN_", "PYTEST_", "WERKZEUG_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(taken_out)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no"]
    done = subprocess.run(command, cwd=EXAMPLE, env=environ, capture_output=True, text=True, timeout=100)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    assert re.search(r"^=+ 8 passed in ", done.stdout, re.MULTILINE), printed
