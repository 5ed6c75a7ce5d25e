"""The second look at what msgspec refused: every fault is named, where msgspec stops at the first.

It is taken only where something is wrong. Numbers such as ``241.0`` are integers in JSON Schema, and not in
msgspec: so it may also find that nothing is.
"""

from __future__ import annotations

import re
import typing as t

import msgspec
from msgspec import convert

from .errors import MOST_FAULTS, Fault
from .quick_tests import doubtful_parts
from .shapes import NONE, Choice, Listing, Mapping, Record, Scalar, Shape, without_extras

_AT = re.compile(r" - at `(?:key in )?\$(.*)`$", re.DOTALL)
# Messages that show a value or name a key.
_SHOWN = re.compile(r"(Invalid (?:enum value|value))\b")
_NAMED = re.compile(r"(Object (?:missing required|contains unknown) field) `(.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


class Look:
    """One look at a value: the faults that were found, and the value with whole numbers as integers."""

    def __init__(self, where: str, *, strict: bool) -> None:
        self.faults: list[Fault] = []
        self._where = where
        self._strict = strict

    def at(self, value: t.Any, shape: Shape, pointer: str = "") -> t.Any:
        """Look at a value; return it, corrected."""
        if len(self.faults) >= MOST_FAULTS:
            return value
        if isinstance(shape, Record) and shape.kind != "pydantic":
            return self._record(value, shape, pointer)
        if isinstance(shape, Listing):
            return self._listing(value, shape, pointer)
        if isinstance(shape, Mapping):
            return self._mapping(value, shape, pointer)
        if isinstance(shape, Choice):
            return self._choice(value, shape, pointer)
        return self._leaf(value, shape.annotation, pointer)

    def add(self, pointer: str, detail: str) -> None:
        """Note a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(self._where, pointer, detail))

    def _record(self, value: t.Any, shape: Record, pointer: str) -> t.Any:
        if shape.kind == "namedtuple" or _is_special(shape):
            return self._leaf(value, shape.annotation, pointer)
        if not isinstance(value, dict):
            self.add(pointer, f"Expected an object, got {_kind(value)}")
            return value
        changed: dict[str, t.Any] = {}
        # PERF: most fields are fine (see `quick_tests`).
        for key, required, part in doubtful_parts(shape)(value):
            if key in value:
                changed[key] = self.at(value[key], part, f"{pointer}/{_escaped(key)}")
            elif required:
                self.add(f"{pointer}/{_escaped(key)}", "This field is required")
        if getattr(getattr(shape.cls, "__struct_config__", None), "forbid_unknown_fields", False):
            for key in value.keys() - {field.key for field in shape.fields}:
                self.add(f"{pointer}/{_escaped(str(key))}", "This field is not known")
        return {**value, **changed} if changed else value

    def _listing(self, value: t.Any, shape: Listing, pointer: str) -> t.Any:
        if not isinstance(value, list):
            self.add(pointer, f"Expected an array, got {_kind(value)}")
            return value
        before = len(self.faults)
        items = [self.at(item, shape.item, f"{pointer}/{index}") for index, item in enumerate(value)]
        if len(self.faults) == before:
            self._leaf(items, shape.annotation, pointer)  # its own constraints: length, uniqueness
        return items

    def _mapping(self, value: t.Any, shape: Mapping, pointer: str) -> t.Any:
        if not isinstance(value, dict):
            self.add(pointer, f"Expected an object, got {_kind(value)}")
            return value
        before = len(self.faults)
        items = {
            key: self.at(item, shape.value, f"{pointer}/{_escaped(str(key))}") for key, item in value.items()
        }
        if len(self.faults) == before:
            self._leaf(items, shape.annotation, pointer)  # its keys, and its own constraints
        return items

    def _choice(self, value: t.Any, shape: Choice, pointer: str) -> t.Any:
        """Look at the one option that fits the kind of value; else at the union as a whole."""
        options = [option for option in shape.options if _takes(option, value)]
        if len(options) == 1 and not isinstance(options[0], Scalar):
            return self.at(value, options[0], pointer)
        return self._leaf(value, shape.annotation, pointer)

    def _leaf(self, value: t.Any, annotation: t.Any, pointer: str) -> t.Any:
        message = ""  # not the exception: it would hold this frame, and the frame it
        for candidate in _candidates(value):
            try:
                convert(candidate, annotation, strict=self._strict)
            except msgspec.ValidationError as error:
                message = message or str(error)
            except (RecursionError, ValueError, OverflowError):
                self.add(pointer, "This value cannot be read")
                return value
            else:
                return candidate
        detail, rest = split(message)
        self.add(pointer + rest, detail)
        return value


def _candidates(value: t.Any) -> tuple[t.Any, ...]:
    """Return a value, and the integer that it is."""
    if isinstance(value, float) and value.is_integer():
        return value, int(value)
    return (value,)


def _takes(option: Shape, value: t.Any) -> bool:
    if isinstance(option, Scalar):
        return (without_extras(option.annotation)[0] is NONE) == (value is None)
    if isinstance(option, Listing):
        return isinstance(value, list)
    return isinstance(value, dict)


def _is_special(shape: Record) -> bool:
    config = getattr(shape.cls, "__struct_config__", None)
    return config is not None and bool(config.array_like or config.tag is not None)


def _kind(value: t.Any) -> str:
    """Return the word of JSON for the kind of a value: no value is shown."""
    if value is None:
        return "null"
    kinds = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
    }
    return kinds.get(type(value), "another type")


def split(message: str) -> tuple[str, str]:
    """Split msgspec's message into what is wrong and where, as a JSON pointer.

    SECURITY: what it shows of the value is left out.
    """
    rest = ""
    # PERF: looked at first: 3,500 instructions less for a message without a place (CPython 3.11).
    found = _AT.search(message) if message[-1:] == "`" else None
    if found is not None:
        message = message[: found.start()]
        steps = (name or index for name, index in _STEP.findall(found[1]))
        rest = "".join(f"/{_escaped(step)}" for step in steps if step != "...")
    if message[:7] == "Object ":
        missing = _NAMED.match(message)
        if missing is not None:
            return missing[1], f"{rest}/{_escaped(missing[2])}"
    shown = _SHOWN.match(message) if message[:8] == "Invalid " else None
    return (shown[1] if shown else message), rest


def _escaped(key: str) -> str:
    """Return a step of a JSON pointer (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


pointer_step = _escaped
