"""Attributes of a context that are made on first use, and otherwise behave as plain ones.

COMPAT: they are plain attributes in Flask. A mock sets and deletes what it replaces, and expects that what it
deleted is missing.
"""

from __future__ import annotations

import typing as t


class _HasDict:
    __slots__ = ("__dict__", "__weakref__")


_dict_of: t.Any = vars(_HasDict)["__dict__"]


class PlainAttributes(_HasDict):
    """The attributes named in ``plain``: ``vars()`` lists them, and one that was deleted is missing."""

    __slots__ = ()

    # The names that vars() lists, with what was set from outside.
    plain: t.ClassVar[tuple[str, ...]] = ()
    # The names that have been deleted.
    deleted: frozenset[str] = frozenset()

    def delete(self, name: str) -> None:
        """Note that an attribute is deleted; raises AttributeError where it is already."""
        self.refuse_deleted(name)
        self.deleted |= {name}

    def undelete(self, name: str) -> None:
        """Note that an attribute is set."""
        if self.deleted:
            self.deleted -= {name}

    def refuse_deleted(self, name: str) -> None:
        """Raise AttributeError where the attribute has been deleted."""
        if name in self.deleted:
            raise AttributeError(f"The attribute {name!r} of this {type(self).__name__} was deleted.")

    if not t.TYPE_CHECKING:

        @property
        def __dict__(self) -> dict[str, t.Any]:
            """The attributes, made where they had not been used; those in ``plain`` are only listed."""
            attributes: dict[str, t.Any] = _dict_of.__get__(self)
            for name in self.plain:
                try:
                    attributes[name] = getattr(self, name)
                except AttributeError:
                    attributes.pop(name, None)
            return attributes

        @__dict__.setter
        def __dict__(self, value: dict[str, t.Any]) -> None:
            _dict_of.__set__(self, value)
