"""What the pages on moving to typed views show is fit for type checkers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .pages import DOCS, blocks_of

PAGES = sorted((DOCS / "how-to").glob("move-from-*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_mypy_has_nothing_to_say_of_the_new_form(page: Path, tmp_path: Path) -> None:
    for block in blocks_of(page):
        if block.title is not None:
            (tmp_path / block.title).write_text(block.text)
    command = [sys.executable, "-m", "mypy", "--strict", "after.py", "moved.py", "old_errors.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pages_are_those_of_three_frameworks() -> None:
    assert [page.stem for page in PAGES] == [
        "move-from-apiflask",
        "move-from-fastapi",
        "move-from-flask-smorest",
    ]
