"""The second look names every fault, where it is, and shows no value."""

import decimal
import enum
import typing as t
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from erlen.api.second_look import Look, split
from erlen.api.shapes import shape_of
from tests.serve.beside import examples


class Colour(enum.Enum):
    RED = "red"


class Line(msgspec.Struct):
    product: Annotated[str, Meta(min_length=1)]
    count: int


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Cat(msgspec.Struct, tag=True):
    lives: int


class Dog(msgspec.Struct, tag=True):
    tricks: int


class Pair(t.NamedTuple):
    name: str
    count: int = 1


class Position(msgspec.Struct, array_like=True, tag=True):
    x: int
    y: int


class Bend(msgspec.Struct, array_like=True, tag=True):
    angle: float


class Parts(msgspec.Struct):
    row: tuple[int, str] = (1, "")
    pair: Pair = Pair("a")
    path: list[Position | Bend] = []
    by_number: Annotated[dict[int, Line], Meta(max_length=2)] = {}
    few: Annotated[list[Line], Meta(max_length=1)] = []
    ids: Annotated[set[int], Meta(min_length=2)] = set()
    price: decimal.Decimal = decimal.Decimal(0)
    either: int | list[Line] | None = None


class Order(msgspec.Struct):
    lines: list[Line]
    by_name: dict[str, Line] = {}
    colour: Colour = Colour.RED
    note: str | None = None
    first: Line | None = None
    tags: Annotated[list[str], Meta(max_length=2)] = []
    pet: Cat | Dog | None = None


def faults(value: t.Any, annotation: t.Any = Order) -> list[str]:
    look = Look("body", strict=True)
    look.at(value, shape_of(annotation))
    return [fault.at for fault in look.faults]


GOOD = {"product": "tea", "count": 1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"lines": [GOOD]}, []),
        ({"lines": [{**GOOD, "count": 3.0}]}, []),
        ({"lines": [{**GOOD, "count": 3.5}]}, ["/lines/0/count"]),
        ({}, ["/lines"]),
        ([], [""]),
        (None, [""]),
        ({"lines": {}}, ["/lines"]),
        ({"lines": [1, GOOD, None]}, ["/lines/0", "/lines/2"]),
        ({"lines": [{"product": ""}]}, ["/lines/0/product", "/lines/0/count"]),
        ({"lines": [], "by_name": {"a/b~": {}}}, ["/by_name/a~1b~0/product", "/by_name/a~1b~0/count"]),
        ({"lines": [], "colour": "green"}, ["/colour"]),
        ({"lines": [], "note": 5}, ["/note"]),
        ({"lines": [], "note": None}, []),
        ({"lines": [], "first": {"product": 1, "count": "x"}}, ["/first/product", "/first/count"]),
        ({"lines": [], "tags": ["a", "b", "c"]}, ["/tags"]),
        ({"lines": [], "tags": ["a", 1]}, ["/tags/1"]),
        ({"lines": [], "pet": {"type": "Cat", "lives": 9}}, []),
        ({"lines": [], "pet": {"type": "Cat", "lives": "x"}}, ["/pet/lives"]),
        ({"lines": [], "pet": {"type": "Cow"}}, ["/pet/type"]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_every_fault_is_named(value: t.Any, expected: list[str]) -> None:
    assert faults(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"row": ["a", 1, 2, 3]}, ["/row/0", "/row/1", "/row/2", "/row/3"]),
        ({"row": []}, ["/row/0", "/row/1"]),
        ({"row": {}}, ["/row"]),
        ({"pair": ["a", "b", "c"]}, ["/pair/1", "/pair/2"]),
        ({"pair": []}, ["/pair/0"]),
        ({"pair": ["a", 2.0]}, []),
        ({"path": [["Position", 1, "x"], ["Bend"], []]}, ["/path/0/2", "/path/1/1", "/path/2/0"]),
        ({"path": [["Line", "x"], 5, ["Bend", "x"]]}, ["/path/0/0", "/path/1", "/path/2/1"]),
        ({"by_number": {"x": GOOD, "1": {}}}, ["/by_number/x", "/by_number/1/product", "/by_number/1/count"]),
        ({"by_number": {"1": GOOD, "2": GOOD, "3": 5}}, ["/by_number/3", "/by_number"]),
        ({"by_number": {"1": {**GOOD, "count": 2.0}}}, []),
        ({"few": [GOOD, {}]}, ["/few/1/product", "/few/1/count", "/few"]),
        ({"ids": [1, 1]}, ["/ids"]),
        ({"ids": [1.0, 2.0, 1]}, []),
        ({"price": "NaN"}, ["/price"]),
        ({"price": "1.5"}, []),
        ({"either": [GOOD, {}]}, ["/either/1/product", "/either/1/count"]),
        ({"either": 2.0}, []),
        ({"either": "x"}, ["/either"]),
    ],
    ids=str,
)
def test_parts_of_every_kind_have_their_places(value: t.Any, expected: list[str]) -> None:
    assert faults(value, Parts) == expected


def test_unknown_fields_are_faults_where_they_are_forbidden() -> None:
    assert faults({"name": "a", "b": 1}, Strict) == ["/b"]


def test_no_value_is_shown() -> None:
    look = Look("body", strict=True)
    look.at({"lines": [{"product": 5, "count": "hidden"}], "colour": "hidden"}, shape_of(Order))
    assert len(look.faults) == 3
    assert not any("hidden" in fault.detail for fault in look.faults)


def test_whole_numbers_are_corrected() -> None:
    look = Look("body", strict=True)
    value = look.at({"lines": [{"product": "a", "count": 2.0}]}, shape_of(Order))
    assert msgspec.convert(value, Order).lines[0].count == 2


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Expected `int`, got `str`", ("Expected `int`, got `str`", "")),
        ("Expected `int`, got `str` - at `$.a[3].b`", ("Expected `int`, got `str`", "/a/3/b")),
        ("Expected `int`, got `str` - at `$[...]`", ("Expected `int`, got `str`", "")),
        ("Invalid enum value 'secret' - at `$.a`", ("Invalid enum value", "/a")),
        ("Object missing required field `b` - at `$.a`", ("Object missing required field", "/a/b")),
        ("Object contains unknown field `b/c`", ("Object contains unknown field", "/b~1c")),
    ],
)
def test_messages_are_split(message: str, expected: tuple[str, str]) -> None:
    assert split(message) == expected


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("lines", "product", "count", "note", "first", "tags", "x")), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(_json)
@examples(300)
def test_what_has_no_faults_is_what_can_be_converted(value: t.Any) -> None:
    look = Look("body", strict=True)
    corrected = look.at(value, shape_of(Order))
    try:
        msgspec.convert(corrected, Order)
    except msgspec.ValidationError:
        assert look.faults
    else:
        assert look.faults == []
