"""Dicts and classes that report their changes.

Extensions write to an application's tables and patch its methods, at any time. So the tables are
real dicts in Flask's shapes, and the classes real classes, which report a change: the plan need not
look for one. The lists inside the tables are plain: the plan refers to those very lists.
"""

from __future__ import annotations

import sys
import typing as t
import weakref
from abc import ABCMeta
from collections import defaultdict
from functools import wraps

K = t.TypeVar("K")
V = t.TypeVar("V")


class Reported(t.Protocol):
    """An object that is told of changes: an application's planner."""

    def stale(self, concern: str) -> None: ...


class Table(defaultdict[K, V]):
    """A defaultdict that calls *changed* after each change of its keys or values."""

    __slots__ = ("changed",)

    def __init__(
        self, changed: t.Callable[[], None], default_factory: t.Callable[[], V] | None = None
    ) -> None:
        self.changed = changed
        super().__init__(default_factory)

    def __missing__(self, key: K) -> V:
        value = super().__missing__(key)
        self.changed()
        return value

    # The copy is less than a table on purpose, which no type allows.
    def __copy__(self) -> t.Any:
        """Copy into a plain defaultdict: a copy belongs to no application."""
        return defaultdict(self.default_factory, self)

    copy = __copy__

    def __or__(self, other: t.Any) -> t.Any:
        return self.copy() | other if isinstance(other, dict) else NotImplemented

    def __ror__(self, other: t.Any) -> t.Any:
        return other | self.copy() if isinstance(other, dict) else NotImplemented

    def __reduce__(self) -> tuple[t.Any, ...]:
        return defaultdict, (self.default_factory, dict(self))


def _reporting(original: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    @wraps(original)
    def mutate(self: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
        try:
            return original(self, *args, **kwargs)
        finally:
            self.changed()

    return mutate


for _name in ["__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"]:
    setattr(Table, _name, _reporting(getattr(defaultdict, _name)))


class Series(list[V]):
    """A list that calls *changed* after each change of its items."""

    __slots__ = ("changed",)

    def __init__(self, changed: t.Callable[[], None]) -> None:
        self.changed = changed
        super().__init__()

    def __reduce__(self) -> tuple[t.Any, ...]:
        return list, (list(self),)


for _name in ["__setitem__", "__delitem__", "__iadd__", "__imul__"]:
    setattr(Series, _name, _reporting(getattr(list, _name)))
for _name in ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"]:
    setattr(Series, _name, _reporting(getattr(list, _name)))


class Watched(ABCMeta):
    """A metaclass for classes whose methods are seams: setting or deleting one is reported.

    It derives from ABCMeta, so that ``class App(Flask, SomeAbstractClass)`` needs no metaclass of
    its own.
    """

    # PERF: isinstance() returns False in 0.12 us instead of 0.21 (CPython 3.11). ABCMeta's own checks are for
    # virtual subclasses, and nobody registers any of these classes.
    __instancecheck__ = type.__instancecheck__
    __subclasscheck__ = type.__subclasscheck__

    _watchers: t.ClassVar[weakref.WeakSet[t.Any]] = weakref.WeakSet()

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, t.Any], **kwargs: t.Any
    ) -> Watched:
        # COMPAT: of a class made by type(name, bases, {}), Python takes the caller's module; behind ABCMeta
        # that would be "abc".
        namespace.setdefault("__module__", sys._getframe(1).f_globals.get("__name__", __name__))
        return super().__new__(mcls, name, bases, namespace, **kwargs)

    def __setattr__(cls, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if not name.startswith("_abc_") and name != "__abstractmethods__":  # ABCMeta's own attributes
            cls._class_changed()
            Watched.report()

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        cls._class_changed()
        Watched.report()

    def _class_changed(cls) -> None:
        """Handle a change of an attribute of the class; override to look at the class again."""

    @staticmethod
    def watch(watcher: Reported) -> None:
        """Report changes of watched classes to *watcher*, which is held weakly."""
        Watched._watchers.add(watcher)

    @staticmethod
    def report(concern: str = "seams") -> None:
        """Tell every watcher that *concern* changed."""
        for watcher in list(Watched._watchers):
            watcher.stale(concern)


class ApplicationPart(metaclass=Watched):
    """A part of an application: a class that applications inherit, whose methods may be seams."""
