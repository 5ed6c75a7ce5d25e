"""Folders with programs of Flask 1.1's time, and what the reader finds in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.legacy.check.survey import Survey, survey

Files = dict[str, "str | bytes"]


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., Survey]:
    """Write an application's files and look for old names in them; a text alone is `app.py`."""

    def look(files: Files | str, **options: bool) -> Survey:
        write(tmp_path, {"app.py": files} if isinstance(files, str) else files)
        return survey(tmp_path.resolve(), **{"with_extensions": False, **options})

    return look


@pytest.fixture
def names(look: Callable[..., Survey]) -> Callable[..., list[tuple[int, str]]]:
    """Return line and name of each finding."""

    def names(files: Files | str) -> list[tuple[int, str]]:
        found = look(files)
        assert found.notes == []
        return [(finding.line, finding.name) for finding in found.findings]

    return names
