"""What the fast tests try with a part of the examples holds with all of them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.amounts import AT_LENGTH
from tests.docs.pages import ROOT


@pytest.mark.slow
@pytest.mark.skipif(AT_LENGTH, reason="this is the run that it would start")
def test_all_examples_hold() -> None:
    fast = "hypothesis and not (slow or contract or servers)"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", fast, "tests"],
        cwd=ROOT,
        env={**os.environ, "ERLEN_AT_LENGTH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-10_000:]
