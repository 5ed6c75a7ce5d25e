"""Attributes of a context that are made on first use, and otherwise behave as plain ones.

COMPAT: they are plain attributes in Flask. A mock sets and deletes what it replaces, and expects that what it
deleted is missing.
"""

from __future__ import annotations

import typing as t

T = t.TypeVar("T")


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

    def attributes_set(self) -> dict[str, t.Any]:
        """Return the dict of what was set; unlike ``vars()``, this makes nothing."""
        attributes: dict[str, t.Any] = _dict_of.__get__(self)
        return attributes

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
            attributes = self.attributes_set()
            for name in self.plain:
                try:
                    attributes[name] = getattr(self, name)
                except AttributeError:
                    attributes.pop(name, None)
            return attributes

        @__dict__.setter
        def __dict__(self, value: dict[str, t.Any]) -> None:
            _dict_of.__set__(self, value)


if t.TYPE_CHECKING:

    class PlainAttribute(t.Generic[T]):
        def __init__(self, get: t.Callable[[t.Any], T], kept_as: str, unmade: object) -> None: ...
        @t.overload
        def __get__(self, obj: None, owner: type) -> PlainAttribute[T]: ...
        @t.overload
        def __get__(self, obj: object, owner: type) -> T: ...
        def __get__(self, obj: object | None, owner: type) -> t.Any: ...
        def __set__(self, obj: t.Any, value: T) -> None: ...
        def __delete__(self, obj: t.Any) -> None: ...

else:

    class PlainAttribute(property):
        """A property whose value is kept in another attribute, and which can be set and deleted."""

        # PERF: a property is read in C; a descriptor of one's own costs a call.
        def __init__(self, get: t.Callable[[t.Any], T], kept_as: str, unmade: object) -> None:
            name = get.__name__

            def set_value(context: PlainAttributes, value: T) -> None:
                context.undelete(name)
                setattr(context, kept_as, value)

            def delete(context: PlainAttributes) -> None:
                context.delete(name)
                setattr(context, kept_as, unmade)

            super().__init__(get, set_value, delete)


def plain_attribute(
    kept_as: str, unmade: object = None
) -> t.Callable[[t.Callable[[t.Any], T]], PlainAttribute[T]]:
    """Return a decorator for the method that makes an attribute.

    *kept_as* is the attribute that has its value, and *unmade* what is there as long as nothing was made.
    """
    return lambda get: PlainAttribute(get, kept_as, unmade)
