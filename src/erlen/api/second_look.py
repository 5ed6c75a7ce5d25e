"""The second look at what msgspec refused: every fault is named, where msgspec stops at the first.

It is taken only where something is wrong. Numbers such as ``241.0`` are integers in JSON Schema, and not in
msgspec: so it may also find that nothing is.
"""

from __future__ import annotations

import re
import typing as t
from decimal import Decimal
from math import isfinite

import msgspec
from msgspec import convert

from .errors import MOST_FAULTS, Fault
from .quick_checks import doubtful_parts
from .shapes import Choice, Listing, Mapping, Record, Row, Scalar, Shape, is_set

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
            return (self._array if shape.is_array else self._record)(value, shape, pointer)
        if isinstance(shape, Listing):
            return self._listing(value, shape, pointer)
        if isinstance(shape, Row):
            return self._row(value, shape, pointer)
        if isinstance(shape, Mapping):
            return self._mapping(value, shape, pointer)
        if isinstance(shape, Choice):
            return self._choice(value, shape, pointer)
        return self._leaf(value, shape.annotation, pointer)

    def add(self, pointer: str, detail: str) -> None:
        """Note a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(self._where, pointer, detail))

    def _is(self, value: t.Any, kind: type, pointer: str) -> bool:
        """Tell whether a value is a list or a dict, as it should be; note it if not."""
        if not isinstance(value, kind):
            self.add(pointer, f"Expected {_KINDS[kind]}, got {_kind(value)}")
            return False
        return True

    def _record(self, value: t.Any, shape: Record, pointer: str) -> t.Any:
        if not self._is(value, dict, pointer):
            return value
        changed: dict[str, t.Any] = {}
        tag_field = shape.tag_field
        if tag_field is not None and tag_field in value:
            changed[tag_field] = self._tag(value[tag_field], (shape,), f"{pointer}/{escaped(tag_field)}")
        # PERF: most fields are fine (see `quick_checks`).
        for key, required, part in doubtful_parts(shape)(value):
            if key in value:
                changed[key] = self.at(value[key], part, f"{pointer}/{escaped(key)}")
            elif required:
                self.add(f"{pointer}/{escaped(key)}", _REQUIRED)
        if shape.is_closed:
            for key in value:
                if key not in shape.keys and key != tag_field:
                    self.add(f"{pointer}/{escaped(str(key))}", "This field is not known")
        return {**value, **changed} if changed else value

    def _array(self, value: t.Any, shape: Record, pointer: str) -> t.Any:
        """Look at a record that is an array in JSON."""
        if not self._is(value, list, pointer):
            return value
        items, first = list(value), 0
        if shape.tag is not None:
            first = 1
            items[:1] = [self._tag(item, (shape,), f"{pointer}/0") for item in items[:1]]
            if not items:
                self.add(f"{pointer}/0", _REQUIRED)
        for index, field in enumerate(shape.fields, first):
            if index < len(items):
                items[index] = self.at(items[index], shape.shapes[field.name], f"{pointer}/{index}")
            elif field.required:
                self.add(f"{pointer}/{index}", _REQUIRED)
        if shape.is_closed:
            self._add_surplus(items, first + len(shape.fields), pointer)
        return items

    def _row(self, value: t.Any, shape: Row, pointer: str) -> t.Any:
        if not self._is(value, list, pointer):
            return value
        items = list(value)
        for index, part in enumerate(shape.items):
            if index < len(items):
                items[index] = self.at(items[index], part, f"{pointer}/{index}")
            else:
                self.add(f"{pointer}/{index}", _REQUIRED)
        self._add_surplus(items, len(shape.items), pointer)
        return items

    def _add_surplus(self, items: list[t.Any], most: int, pointer: str) -> None:
        for index in range(most, min(len(items), most + MOST_FAULTS)):
            self.add(f"{pointer}/{index}", "This item is not known")

    def _listing(self, value: t.Any, shape: Listing, pointer: str) -> t.Any:
        if not self._is(value, list, pointer):
            return value
        before = len(self.faults)
        items = [self.at(item, shape.item, f"{pointer}/{index}") for index, item in enumerate(value)]
        if not is_set(shape):
            self._count(items, shape.limits, "array", pointer)
        elif len(self.faults) == before:
            self._distinct(items, shape, pointer)
        return items

    def _distinct(self, items: list[t.Any], shape: Listing, pointer: str) -> None:
        """Count the items of a set: convert() does so before it leaves out those that come again."""
        try:
            made = convert(items, shape.annotation, strict=self._strict)
        except (ValueError, TypeError) as error:  # too few, or items that no set can have
            self.add(pointer, split(str(error))[0])
        else:
            self._count(made, shape.limits, "array", pointer)

    def _mapping(self, value: t.Any, shape: Mapping, pointer: str) -> t.Any:
        if not self._is(value, dict, pointer):
            return value
        keys = None if shape.key == Scalar(str) else dict[shape.key.annotation, t.Any]  # type: ignore[name-defined]
        items: dict[t.Any, t.Any] = {}
        for key, item in value.items():
            place = f"{pointer}/{escaped(str(key))}"
            if keys is not None:
                self._key(key, keys, place)
            items[key] = self.at(item, shape.value, place)
        self._count(items, shape.limits, "object", pointer)
        return items

    def _key(self, key: str, annotation: t.Any, pointer: str) -> None:
        try:
            (made,) = convert({key: None}, annotation, strict=self._strict, str_keys=True)
        except (ValueError, OverflowError) as error:
            self.add(pointer, f"This key does not fit: {split(str(error))[0]}")
        else:
            if is_no_number(made):
                self.add(pointer, "This key is no number")

    def _count(self, items: t.Sized, limits: tuple[int | None, int | None], kind: str, pointer: str) -> None:
        least, most = limits
        if least is not None and len(items) < least:
            self.add(pointer, f"Expected `{kind}` of length >= {least}")
        if most is not None and len(items) > most:
            self.add(pointer, f"Expected `{kind}` of length <= {most}")

    def _choice(self, value: t.Any, shape: Choice, pointer: str) -> t.Any:
        """Look at the option that fits the kind of value; else at the union as a whole."""
        options = [option for option in shape.options if _takes(option, value)]
        if len(options) == 1:
            return self.at(value, options[0], pointer)
        records = [option for option in options if isinstance(option, Record)]
        if len(records) < 2 or len(records) < len(options):
            return self._leaf(value, shape.annotation, pointer)
        key: t.Any = 0 if records[0].is_array else records[0].tag_field
        place = f"{pointer}/{escaped(str(key))}"
        if (key not in value) if isinstance(value, dict) else not value:
            self.add(place, _REQUIRED)
            return value
        tag = self._tag(value[key], records, place)
        chosen = [record for record in records if tag == record.tag and type(tag) is type(record.tag)]
        return self.at(value, chosen[0], pointer) if chosen else value

    def _tag(self, given: t.Any, records: t.Iterable[Record], pointer: str) -> t.Any:
        """Look at what tells records of a union apart."""
        for candidate in _candidates(given):
            if any(candidate == each.tag and type(candidate) is type(each.tag) for each in records):
                return candidate
        self.add(pointer, "Invalid value")
        return given

    def _leaf(self, value: t.Any, annotation: t.Any, pointer: str) -> t.Any:
        message = ""  # not the exception: it would hold this frame, and the frame it
        for candidate in _candidates(value):
            try:
                made = convert(candidate, annotation, strict=self._strict, str_keys=True)
            except msgspec.ValidationError as error:
                message = message or str(error)
            except (RecursionError, ValueError, OverflowError):
                self.add(pointer, "This value cannot be read")
                return value
            else:
                if is_no_number(made):
                    self.add(pointer, "Expected a number")
                return candidate
        detail, rest = split(message)
        self.add(pointer + rest, detail)
        return value


_REQUIRED = "This field is required"


def is_no_number(value: t.Any) -> bool:
    """Tell whether a value is infinite or not a number, which JSON does not have."""
    if type(value) is Decimal:
        return not value.is_finite()
    return type(value) is float and not isfinite(value)


def _candidates(value: t.Any) -> tuple[t.Any, ...]:
    """Return a value, and the integer that it is."""
    if isinstance(value, float) and value.is_integer():
        return value, int(value)
    return (value,)


def _takes(option: Shape, value: t.Any) -> bool:
    """Tell whether an option is the one with parts that fits the kind of a value."""
    if isinstance(option, Scalar):
        return False
    if isinstance(option, (Listing, Row)) or (isinstance(option, Record) and option.is_array):
        return isinstance(value, list)
    return isinstance(value, dict)


_KINDS: dict[type, str] = {list: "an array", dict: "an object"}


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
        rest = "".join(f"/{escaped(step)}" for step in steps if step != "...")
    if message[:7] == "Object ":
        missing = _NAMED.match(message)
        if missing is not None:
            return missing[1], f"{rest}/{escaped(missing[2])}"
    shown = _SHOWN.match(message) if message[:8] == "Invalid " else None
    return (shown[1] if shown else message), rest


def escaped(key: str) -> str:
    """Return a step of a JSON pointer (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def unescaped(step: str) -> str:
    """Return the key that a step of a JSON pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")
