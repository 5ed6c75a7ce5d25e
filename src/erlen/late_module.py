"""What is imported when it is first looked at: modules, names of a package, attributes of a class.

A late module is in ``sys.modules`` before it is executed. The standard library has
``importlib.util.LazyLoader`` for that; up to Python 3.11 two threads that look at the same time execute such
a module twice.
"""

from __future__ import annotations

import importlib.util
import sys
import typing as t
from importlib import import_module
from threading import RLock
from types import ModuleType

# What the import system and those who list modules ask for. It is known without the module's code.
_KNOWN = frozenset(
    ("__class__", "__name__", "__spec__", "__loader__", "__package__", "__path__", "__file__", "__cached__")
)
# Another thread that imports at the same time may wait for what this one has locked, while this one waits
# for what that thread imports. Then the module is handed out as far as it is, as Python's import system does.
_LONGEST_WAIT = 10.0

_lock = RLock()
_executed_now: set[str] = set()


class LateModule(ModuleType):
    """A module whose code runs when an attribute is read, set or deleted for the first time."""

    # Executing it makes it a plain module, which `super()` would not take.

    def __getattribute__(self, name: str) -> t.Any:
        if name not in _KNOWN:
            _execute(self)
        return ModuleType.__getattribute__(self, name)

    def __setattr__(self, name: str, value: t.Any) -> None:
        # The import system sets a package's modules, which may be wanted without the package.
        is_child = type(value) is ModuleType and value.__name__ == f"{self.__name__}.{name}"
        if name not in _KNOWN and not is_child:
            _execute(self)
        ModuleType.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if name not in _KNOWN:
            _execute(self)
        ModuleType.__delattr__(self, name)


def add_late_module(name: str) -> ModuleType:
    """Put a module into ``sys.modules`` and into its package without executing it; return it.

    A module that is there already is returned as it is.
    """
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module = importlib.util.module_from_spec(spec)
    module.__class__ = LateModule
    package, _, child = name.rpartition(".")
    sys.modules[name] = module
    setattr(sys.modules[package], child, module)
    return module


def _execute(module: LateModule) -> None:
    name = module.__name__
    if not _lock.acquire(timeout=_LONGEST_WAIT):
        return
    try:
        # Its own code asks the module for attributes while it is executed; afterwards it is no LateModule.
        if name in _executed_now or type(module) is not LateModule:
            return
        _executed_now.add(name)
        try:
            _loader_of(module).exec_module(module)
        finally:
            _executed_now.discard(name)
        ModuleType.__setattr__(module, "__class__", ModuleType)
    finally:
        _lock.release()


def _loader_of(module: ModuleType) -> t.Any:
    spec = module.__spec__
    assert spec is not None
    return spec.loader


def late_names(package: str, places: t.Mapping[str, str]) -> t.Callable[[str], t.Any]:
    """Return a package's ``__getattr__`` (PEP 562): *places* has the module of each name.

    What is read is not kept, so a name that is patched where it is defined is patched here too, and stays
    as it was when the patch ends.
    """

    def __getattr__(name: str) -> t.Any:
        try:
            place = places[name]
        except KeyError:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
        return getattr(import_module(place, package), name)

    return __getattr__


class LateAttribute:
    """An attribute of a class that is imported when it is first read.

    It is not a data descriptor, and can be replaced in a subclass, on the class and on an instance.
    """

    def __init__(self, place: str, name: str) -> None:
        self._place, self._name = place, name

    def __get__(self, obj: object, owner: type | None = None) -> t.Any:
        return getattr(import_module(self._place), self._name)
