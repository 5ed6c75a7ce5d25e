"""Changes of modules and classes that can be undone."""

from __future__ import annotations

import typing as t
from functools import partial

from ..observe import Watched

if t.TYPE_CHECKING:
    from ..originals import Originals

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

    def set_as_own(self, originals: Originals, name: str, value: object, owner: type | None = None) -> None:
        """Set an attribute of a class, or of *owner*, a base of it, which its straight form keeps to."""
        before = originals.attributes[name]
        self.set(owner or originals.cls, name, value)
        originals.attributes[name] = value
        Watched.report()
        self.undo_by(partial(originals.attributes.__setitem__, name, before))

    def undo_by(self, function: t.Callable[[], object]) -> None:
        """Call *function* when the changes are undone."""
        self._undo.append(function)

    def undo(self) -> None:
        """Undo all changes, the last one first."""
        while self._undo:
            self._undo.pop()()
        Watched.report()


def _restore(owner: t.Any, name: str, before: object) -> None:
    if before is not _MISSING:
        setattr(owner, name, before)
    elif name in vars(owner):
        delattr(owner, name)
