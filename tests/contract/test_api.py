"""Every public name of Flask 3.1.3 is there: same place, same sort of thing, same signature and defaults."""

from __future__ import annotations

import importlib
import inspect
import types
import typing as t
from collections.abc import Iterator

import pytest

from erlen import alias
from erlen.late_module import LateAttribute

from .flask_names import PRIVATE, modules, names_of

MODULES = modules()

# Private by name, and read or replaced by extensions all the same.
USED_THOUGH_PRIVATE = [f"{module}:{name}" for module, names in PRIVATE.items() for name in names]


def twin(module: str) -> types.ModuleType:
    """Give Erlen's module of a module of Flask."""
    return importlib.import_module(alias.MODULES[module])


def kind(value: object) -> str:
    """Say what sort of thing a name stands for."""
    if isinstance(value, type):
        return "class"
    if inspect.isfunction(value) or inspect.isbuiltin(value):
        return "function"
    return "property" if hasattr(type(value), "__get__") else "value"


def signature(function: t.Any) -> list[tuple[str, str, object]]:
    """Give names, kinds and defaults of the parameters."""
    function = inspect.unwrap(function)
    found = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind.name, _default(parameter.default)) for parameter in found]


def _default(value: object) -> object:
    """Give a default in a form that can be compared: of an object of Flask's, its class's name."""
    if value is None or value is inspect.Parameter.empty or isinstance(value, (str, int, float, bytes)):
        return value
    if isinstance(value, tuple):
        return tuple(map(_default, value))
    return value.__name__ if isinstance(value, type) else type(value).__name__


def is_flasks(value: object) -> bool:
    return getattr(value, "__module__", "").partition(".")[0] == "flask"


def members(cls: type, package: str) -> dict[str, object]:
    """Give the public members that the package's own classes give to a class, as they are stored."""
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.partition(".")[0] == package:
            found.update(vars(base))
    return {name: value for name, value in found.items() if not name.startswith("_") or name == "__init__"}


def stored(cls: type, name: str) -> object:
    """Give a member as it is stored, wherever it is inherited from."""
    value = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    # It stands for the class that it imports.
    return value.__get__(None, cls) if isinstance(value, LateAttribute) else value


def plain(value: object) -> t.Any:
    return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value


NAMES = [f"{module}:{name}" for module in MODULES for name in names_of(module)]


def both(path: str) -> tuple[t.Any, t.Any]:
    """Give what a name stands for in Flask and in Erlen."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name), getattr(twin(module), name, None)


CLASSES = [path for path in NAMES if kind(both(path)[0]) == "class" and is_flasks(both(path)[0])]


def test_there_is_something_to_compare() -> None:
    assert len(NAMES) > 170
    assert len(CLASSES) > 30


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_every_public_name(module: str) -> None:
    ours = twin(module)
    assert [name for name in names_of(module) if not hasattr(ours, name)] == []


@pytest.mark.parametrize("path", NAMES)
def test_a_name_is_the_same_sort_of_thing_as_in_flask(path: str) -> None:
    theirs, ours = both(path)
    assert kind(ours) == kind(theirs)
    if (
        not is_flasks(theirs)
        and kind(theirs) in ("class", "function")
        and "<locals>" not in theirs.__qualname__
    ):
        assert ours is theirs, "What a dependency offers is the very same object."
    elif kind(theirs) == "function":
        assert signature(ours) == signature(theirs)
        assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs)


@pytest.mark.parametrize("path", CLASSES)
def test_a_class_has_the_bases_that_come_from_dependencies(path: str) -> None:
    theirs, ours = both(path)
    foreign = [base for base in theirs.__mro__ if not is_flasks(base) and base is not object]
    assert [base for base in ours.__mro__ if base in foreign] == foreign


@pytest.mark.parametrize("path", USED_THOUGH_PRIVATE)
def test_a_private_name_that_is_used_is_there(path: str) -> None:
    theirs, ours = both(path)
    assert kind(ours) == kind(theirs)


@pytest.mark.parametrize("path", CLASSES)
def test_a_class_is_a_subclass_of_what_it_is_in_flask(path: str) -> None:
    theirs, ours = both(path)
    bases = [base for base in CLASSES if issubclass(theirs, both(base)[0])]
    assert [base for base in bases if not issubclass(ours, both(base)[1])] == []


@pytest.mark.parametrize("path", CLASSES)
def test_a_class_has_every_public_member(path: str) -> None:
    theirs, ours = both(path)
    assert [name for name in members(theirs, "flask") if not hasattr(ours, name)] == []


@pytest.mark.parametrize("path", CLASSES)
def test_the_members_of_a_class_have_the_same_shape(path: str) -> None:
    theirs, ours = both(path)
    assert dict(shapes(theirs, theirs)) == dict(shapes(theirs, ours))


def shapes(names_from: type, cls: type) -> Iterator[tuple[str, object]]:
    """Give for each public member its sort and its signature or value."""
    for name in members(names_from, "flask"):
        value = stored(cls, name)
        if kind(plain(value)) == "function":
            yield name, (type(value).__name__, signature(plain(value)))
        elif isinstance(value, (str, int, float, bool, frozenset, set, tuple)):
            yield name, value
        else:
            yield name, kind(value)
