"""Quick checks of values as JSON has them: what passes one is what msgspec would take, without asking it.

What does not pass may be fine all the same: then msgspec is asked, which words the fault, too. To convert one
value it takes 3,400 instructions, as it looks at the type anew each time. The tests of a record are one
function, compiled when it is first needed: it takes 1,000 instructions for each field (CPython 3.11).
"""

from __future__ import annotations

import typing as t

import msgspec

from .shapes import NONE, Choice, Record, Scalar, Shape, without_extras

# Key, whether it is required, and shape.
Part: t.TypeAlias = "tuple[str, bool, Shape]"
Doubts: t.TypeAlias = "t.Callable[[dict[str, t.Any]], list[Part]]"

# Integers beyond are a matter of their own for msgspec, and beyond 2**53 not every one is a float.
_LEAST, _MOST = -(2**53), 2**53
_LIMITS = ("ge", "gt", "le", "lt", "multiple_of", "pattern", "min_length", "max_length", "tz")


def doubtful_parts(shape: Record) -> Doubts:
    """Return the function that returns those fields of an object which are missing, or may be wrong."""
    found = _doubts.get(shape)
    if found is None:
        parts = [(each.key, each.required, shape.shapes[each.name]) for each in shape.fields]
        lines = ["def doubts(value):", " found = []", " get = value.get"]
        for number, (key, _, part) in enumerate(parts):
            test = test_of(part, "each")
            lines += [
                f" each = get({key!r}, missing)",
                f" if {'True' if test is None else f'not ({test})'}: found.append(parts[{number}])",
            ]
        namespace = {"parts": parts, "missing": object()}
        # SECURITY: names of fields are in it by repr(), limits as numbers; nothing of a request.
        exec("\n".join([*lines, " return found"]), namespace)
        made: t.Any = namespace["doubts"]
        found = _doubts[shape] = made
    return found


_doubts: dict[Record, Doubts] = {}


def test_of(shape: Shape, name: str) -> str | None:
    """Return the test of a variable as an expression; None where only msgspec can tell."""
    kind, extras = without_extras(shape.annotation)
    limits = _limits(extras)
    if limits is None:
        return None
    if isinstance(shape, Choice):
        tests = [test_of(option, name) for option in shape.options]
        return None if limits or None in tests else " or ".join(f"({test})" for test in tests)
    if not isinstance(shape, Scalar):
        return None
    if kind is NONE:
        return None if limits else f"{name} is None"
    if kind is bool:
        return None if limits else f"{name} is True or {name} is False"
    make = _MAKERS.get(kind) if type(kind) is type else None
    return None if make is None else make(limits, name)


def _limits(extras: tuple[t.Any, ...]) -> dict[str, t.Any] | None:
    """Return what `Annotated` says of values; None where it is not known what that means."""
    found: dict[str, t.Any] = {}
    for extra in extras:
        if type(extra) is not msgspec.Meta:
            return None
        for name in _LIMITS:
            limit = getattr(extra, name)
            if limit is not None and (type(limit) is not int or found.setdefault(name, limit) is not limit):
                return None
    return found


def _text(limits: dict[str, int], name: str) -> str | None:
    if not limits:
        return f"type({name}) is str"
    least, most = limits.pop("min_length", 0), limits.pop("max_length", _MOST)
    return None if limits else f"type({name}) is str and {least} <= len({name}) <= {most}"


def _int(limits: dict[str, int], name: str) -> str | None:
    least = max(limits.pop("ge", _LEAST), limits.pop("gt", _LEAST) + 1)
    most = min(limits.pop("le", _MOST), limits.pop("lt", _MOST) - 1)
    return None if limits else f"type({name}) is int and {least} <= {name} <= {most}"


def _float(limits: dict[str, int], name: str) -> str | None:
    least, most = max(limits.pop("ge", _LEAST), _LEAST), min(limits.pop("le", _MOST), _MOST)
    kind = f"(type({name}) is float or type({name}) is int)"
    return None if limits else f"{kind} and {least} <= {name} <= {most}"


_MAKERS: dict[t.Any, t.Callable[[dict[str, int], str], str | None]] = {str: _text, int: _int, float: _float}
