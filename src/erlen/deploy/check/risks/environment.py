"""Variables of the environment: the line of the environment file that sets one."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from erlen import environment_files

from ...env.statements import Statement, line_of, statements
from ..finding import Place

_LARGEST = 1_000_000


def place_of_variable(name: str) -> Place | None:
    """Return the line of a file that has set a variable; None where the environment has it by itself."""
    for file in reversed(environment_files.files_read()):
        if name in file.values and os.environ.get(name) == file.values[name]:
            path = Path(file.path).resolve()
            text = text_of(path)
            found = [each for each in statements(text) if each.name == name]
            return Place(path, line_of(text, found[-1].value_start) if found else 1)
    return None


def values_in(path: Path) -> t.Iterator[tuple[Statement, int]]:
    """Yield the assignments of an environment file, each with its line."""
    text = text_of(path)
    for each in statements(text):
        if each.name and each.value:
            yield each, line_of(text, each.value_start)


def text_of(path: Path) -> str:
    """Return the text of a file; nothing of one that cannot be read, or is too large."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return ""
