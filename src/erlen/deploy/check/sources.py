"""The Python files of a project, parsed."""

from __future__ import annotations

import ast
import os
import typing as t
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LARGEST = 2_000_000
"""Bytes of the largest file that is read: nobody writes larger ones by hand."""

_NOT_OURS = frozenset(("node_modules", "site-packages", "build", "dist", "__pycache__"))


@dataclass(frozen=True)
class Source:
    """A Python file."""

    path: Path

    @cached_property
    def text(self) -> str | None:
        """The text; None where it cannot be read."""
        try:
            if self.path.stat().st_size > LARGEST:
                return None
            return self.path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None

    @cached_property
    def tree(self) -> ast.Module | None:
        """The parsed text; None where it is no Python of this version."""
        try:
            return ast.parse(self.text) if self.text is not None else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def calls(self) -> list[ast.Call]:
        """All calls in it."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)] if self.tree else []


def python_files(root: Path) -> t.Iterator[Path]:
    """Yield the Python files below a folder, sorted; hidden folders and virtual environments are left out."""
    for folder, below, names in os.walk(root):
        here = Path(folder)
        below[:] = sorted(name for name in below if _is_ours(here / name))
        yield from (here / name for name in sorted(names) if name.endswith(".py"))


def _is_ours(folder: Path) -> bool:
    name = folder.name
    return not (name.startswith(".") or name in _NOT_OURS or (folder / "pyvenv.cfg").exists())
