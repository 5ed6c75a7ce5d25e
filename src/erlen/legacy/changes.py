"""Changes of modules and classes that can be undone."""

from __future__ import annotations

import typing as t
from functools import partial

_MISSING: t.Any = object()


class Changes:
    """The changes that the layer made, in their order."""

    def __init__(self) -> None:
        self._undo: list[t.Callable[[], object]] = []

    def set(self, owner: t.Any, name: str, value: object) -> None:
        """Set an attribute of a module or a class."""
        before = vars(owner).get(name, _MISSING)
        setattr(owner, name, value)
        self.undo_by(partial(_restore, owner, name, before))

    def undo_by(self, function: t.Callable[[], object]) -> None:
        """Call *function* when the changes are undone."""
        self._undo.append(function)

    def undo(self) -> None:
        """Undo all changes, the last one first."""
        while self._undo:
            self._undo.pop()()


def _restore(owner: t.Any, name: str, before: object) -> None:
    if before is not _MISSING:
        setattr(owner, name, before)
    elif name in vars(owner):
        delattr(owner, name)
