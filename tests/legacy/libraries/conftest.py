from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

import erlen.legacy
from erlen.legacy import notices

Says: TypeAlias = "Callable[[str], str]"


@pytest.fixture
def layer() -> Iterator[None]:
    """Turn the layer on, with the names of other packages, and off again."""
    notices.forget()
    remove = erlen.legacy.install("1.1+libraries")
    yield
    remove()
    notices.forget()


@pytest.fixture(scope="session")
def says() -> Says:
    """Run code in a process of its own, with warnings as errors, and give what it prints."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK", "ERLEN"))}

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], env=outside, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
