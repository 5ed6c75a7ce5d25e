"""Where settings are written in the programs of a project, and with which values."""

from __future__ import annotations

import ast
import typing as t

from ..finding import Place

if t.TYPE_CHECKING:
    from ..examined import Examined
    from ..sources import Source

_ATTRIBUTES = {"SECRET_KEY": "secret_key", "DEBUG": "debug", "TESTING": "testing"}
_INSTALLED = frozenset(("site-packages", "dist-packages"))


def place_of_setting(examined: Examined, key: str) -> Place | None:
    """Return the line that has set a key; None where none is known, or an extension has set it."""
    if examined.settings:
        recorded = examined.settings.get(key)
        return None if recorded is None or _INSTALLED.intersection(recorded.path.parts) else recorded
    value = examined.app.config.get(key)
    return next((place for place, written in assignments(examined, key) if has_value(written, value)), None)


def assignments(examined: Examined, key: str) -> t.Iterator[tuple[Place, ast.expr]]:
    """Yield each value that a program gives to a key: a name, an item, an argument or an attribute."""
    for source in programs(examined):
        for node in source.nodes:
            for value in _values(node, key):
                yield Place(source.path, value.lineno), value


def has_value(written: ast.expr, value: object) -> bool:
    """Tell whether a value comes from an expression: it is that constant, or text that is in it."""
    if isinstance(value, (str, bytes)):
        parts = (node.value for node in ast.walk(written) if isinstance(node, ast.Constant))
        return any(type(part) is type(value) and part == value for part in parts)
    return isinstance(written, ast.Constant) and written.value is value


def programs(examined: Examined) -> t.Iterator[Source]:
    """Yield the Python files that are no tests."""
    return (source for source in examined.sources if not _is_test(source, examined))


def imported(examined: Examined) -> list[Source]:
    """Return the programs that have been imported with the application: it runs what is in them."""
    return [source for source in examined.loaded if not _is_test(source, examined)]


def calls(examined: Examined, *names: str) -> t.Iterator[tuple[Place, ast.Call]]:
    """Yield the calls of functions of these names in programs that are no tests."""
    for source, call in examined.calls_of(*names):
        if not _is_test(source, examined):
            yield Place(source.path, call.lineno), call


def imported_calls(examined: Examined, *names: str) -> t.Iterator[tuple[Place, ast.Call]]:
    """Yield those calls that are in imported programs."""
    paths = {source.path for source in imported(examined)}
    return ((place, call) for place, call in calls(examined, *names) if place.path in paths)


def place_of_call(examined: Examined, *names: str) -> Place | None:
    """Return the first line that calls a function of one of these names."""
    return next((place for place, _ in calls(examined, *names)), None)


def argument(call: ast.Call, name: str) -> object:
    """Return the constant that is passed by name; None for none, and for what is worked out."""
    found = next((word.value for word in call.keywords if word.arg == name), None)
    return found.value if isinstance(found, ast.Constant) else None


def _values(node: ast.AST, key: str) -> t.Iterator[ast.expr]:
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None and any(_is_key(target, key) for target in targets):
            yield node.value
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (value for name, value in pairs if isinstance(name, ast.Constant) and name.value == key)
    elif isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg == key)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "setdefault" and len(node.args) == 2:
            name, value = node.args
            if isinstance(name, ast.Constant) and name.value == key:
                yield value


def _is_key(target: ast.expr, key: str) -> bool:
    if isinstance(target, ast.Name):
        return target.id == key
    if isinstance(target, ast.Attribute):
        return target.attr == _ATTRIBUTES.get(key)
    return (
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and target.slice.value == key
    )


def _is_test(source: Source, examined: Examined) -> bool:
    path = source.path
    folders = path.relative_to(examined.root).parts[:-1] if path.is_relative_to(examined.root) else ()
    return path.name.startswith(("test_", "conftest")) or bool(
        {"tests", "test", "testing"}.intersection(folders)
    )
