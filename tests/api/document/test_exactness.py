"""A schema takes what is read, and what differs is what the reference says."""

import datetime as dt
import decimal
import json
import re
import typing as t
import uuid
from typing import Annotated

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec import Meta

from erlen.api.document.schemas import Schemas
from erlen.api.errors import Fault, MalformedBody
from erlen.api.parameters import Parameter
from erlen.api.reading.bodies import MOST_NESTED, BodyDecoder
from tests.docs.pages import ROOT


class Cat(msgspec.Struct, tag=True):
    lives: int


class Dog(msgspec.Struct, tag=True):
    tricks: int


Key = t.TypedDict("Key", {"größe": int})  # noqa: UP013  # a name beyond ASCII


def said(annotation: t.Any, body: str) -> bool:
    """Tell whether the schema of a request takes a body."""
    schemas = Schemas()
    schema = {**schemas.received(annotation), "components": {"schemas": schemas.sorted()}}
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema, format_checker=checker).is_valid(json.loads(body))


def read(annotation: t.Any, body: str) -> bool:
    """Tell whether a body is read."""
    faults: list[Fault] = []
    try:
        BodyDecoder(Parameter("a", annotation, "body", "why")).decode(body.encode(), faults)
    except MalformedBody:
        return False
    return not faults


@pytest.mark.parametrize(
    ("annotation", "body", "expected"),
    [
        (int, "241.0", True),
        (int, "241.5", False),
        (int, "1e30", True),
        (dt.datetime, '"2026-01-01T00:00:00"', True),
        (dt.datetime, '"2026-01-01T00:00:00Z"', True),
        (dt.datetime, '"2026-01-01"', False),
        (Annotated[dt.datetime, Meta(tz=True)], '"2026-01-01T00:00:00"', False),
        (Annotated[dt.datetime, Meta(tz=False)], '"2026-01-01T00:00:00Z"', False),
        (dt.time, '"10:00:00.5"', True),
        (dt.time, '"10:00:00+01:00"', True),
        (dt.time, '"10:00"', False),
        (dt.timedelta, '"-P1DT2H3M4.5S"', True),
        (dt.timedelta, '"P1Y"', False),
        (dt.timedelta, '"P"', False),
        (dt.timedelta, '"PT"', False),
        (decimal.Decimal, '"1.50"', True),
        (decimal.Decimal, "1.5", True),
        (decimal.Decimal, '"x"', False),
        (decimal.Decimal, '"NaN"', False),
        (bytes, '"YQ=="', True),
        (bytes, '"YQ"', False),
        (Annotated[bytes, Meta(min_length=2, max_length=3)], '"YQ=="', False),
        (Annotated[bytes, Meta(min_length=2, max_length=3)], '"YWE="', True),
        (Annotated[bytes, Meta(min_length=2, max_length=3)], '"YWFhYQ=="', False),
        (set[int], "[1, 1]", True),
        (dict[int, int], '{"12": 1}', True),
        (dict[int, int], '{"01": 1}', False),
        (dict[float, int], '{"nan": 1}', False),
        (dict[dt.date, int], '{"2026-02-30": 1}', False),
        (dict[uuid.UUID, int], '{"x": 1}', False),
        (dict[t.Literal[1, 2], int], '{"3": 1}', False),
        (dict[dt.datetime, int], '{"2026-01-01T00:00:00": 1}', True),
        (Cat | Dog, '{"type": "Dog", "tricks": 2.0}', True),
        (Cat | Dog, '{"tricks": 2}', False),
        (tuple[int, dt.date], '[1, "2026-01-01"]', True),
        (tuple[int, dt.date], '[1, "2026-01-01", 2]', False),
        (list[dt.timedelta] | None, '["P1M"]', False),
        (dict[str, dt.timedelta] | dt.time, '"10:00:00"', True),
    ],
    ids=str,
)
def test_what_is_said_is_what_is_read(annotation: t.Any, body: str, expected: bool) -> None:
    assert (said(annotation, body), read(annotation, body)) == (expected, expected)


DEEP = "[" * (MOST_NESTED + 1) + "]" * (MOST_NESTED + 1)


# The row of the table, and what is read although the document does not say so, or the other way round.
@pytest.mark.parametrize(
    ("row", "annotation", "body", "is_read"),
    [
        ("`UUID`", uuid.UUID, f'"{"1" * 32}"', True),
        ("`datetime`, `time`", dt.datetime, '"2026-01-01 10:00:00"', True),
        ("`datetime`, `time`", dt.time, '"10:00:00+0100"', True),
        ("`datetime`, `time`", dt.datetime, '"9999-12-31T23:59:59.9999999Z"', False),
        ("`timedelta`", dt.timedelta, '"P1.5D"', True),
        ("`timedelta`", dt.timedelta, '"p1d"', True),
        ("`Decimal`", decimal.Decimal, '"1_000"', True),
        ("`Decimal`", decimal.Decimal, '" 1"', True),
        ("a set with `min_length` or `max_length`", Annotated[set[int], Meta(max_length=1)], "[1, 1]", True),
        ("a set with `min_length` or `max_length`", Annotated[set[int], Meta(min_length=2)], "[1, 1]", False),
        ("a tagged `Struct` that is in no union", Cat, '{"lives": 9}', True),
        (
            "keys of a `dict` that are numbers with limits",
            dict[Annotated[int, Meta(ge=5)], int],
            '{"1": 1}',
            False,
        ),
        ("`multiple_of` of a fraction such as `0.1`", Annotated[float, Meta(multiple_of=0.1)], "0.9", False),
        (
            "a union of `int` and `float` of which `int` has limits",
            Annotated[int, Meta(ge=5)] | float,
            "1",
            False,
        ),
        ("numbers beyond `1e308`, lone surrogates", float, "1e999", False),
        ("numbers beyond `1e308`, lone surrogates", str, r'"\ud800"', False),
        ("nesting, where a type sets no end to it", t.Any, DEEP, False),
        ("keys of a `TypedDict` beyond ASCII", Key, '{"größe": 1}', False),
    ],
    ids=str,
)
def test_what_differs_is_in_the_reference(row: str, annotation: t.Any, body: str, is_read: bool) -> None:
    assert row in rows()
    assert (read(annotation, body), said(annotation, body)) == (is_read, not is_read)


def rows() -> list[str]:
    text = (ROOT / "docs/reference/typed-views.md").read_text(encoding="utf-8")
    section = text.partition("### What the document says, and what is read")[2].partition("\n#")[0]
    return [row.strip() for row in re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)]
