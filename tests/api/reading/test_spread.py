"""A record takes its fields from texts by their names, whatever kind of record it is."""

import dataclasses
import typing as t

import attrs
import msgspec
import pytest
from typing_extensions import TypedDict

from erlen.api.errors import Fault
from erlen.api.parameters import Parameter
from erlen.api.reading.spread import Spread, is_spread

pydantic = pytest.importorskip("pydantic")


class Struct(msgspec.Struct):
    size: int
    tag: list[str] = []


class Array(msgspec.Struct, array_like=True):
    size: int
    tag: list[str] = []


@dataclasses.dataclass
class Data:
    size: int
    tag: list[str] = dataclasses.field(default_factory=list)


@attrs.define
class Attrs:
    size: int
    tag: list[str] = attrs.Factory(list)


class Typed(TypedDict):
    size: int
    tag: list[str]


class Named(t.NamedTuple):
    size: int
    tag: list[str] = []  # it is copied


class Model(pydantic.BaseModel):
    size: int
    tag: list[str] = []


KINDS = [Struct, Array, Data, Attrs, Typed, Named, Model]


def spread(annotation: t.Any, raw: dict[str, t.Any], where: str = "query") -> tuple[t.Any, list[str]]:
    values: dict[str, t.Any] = {}
    faults: list[Fault] = []
    Spread(where, Parameter("p", annotation, where, "why", "p")).add(
        lambda name, several: raw.get(name), values, faults
    )
    return values.get("p"), [fault.at for fault in faults]


@pytest.mark.parametrize("cls", KINDS)
def test_every_kind_of_record_takes_texts(cls: t.Any) -> None:
    assert is_spread(Parameter("p", cls, "query", "why", "p"))
    value, faults = spread(cls, {"size": "5", "tag": ["a"]})
    assert faults == []
    found = value if isinstance(value, dict) else {"size": value.size, "tag": value.tag}
    assert found == {"size": 5, "tag": ["a"]}
    assert spread(cls, {"size": "x", "tag": ["a"]}) == (None, ["size"])
    assert spread(cls, {"tag": ["a"]}) == (None, ["size"])


@pytest.mark.parametrize("cls", [kind for kind in KINDS if kind is not Typed])
def test_defaults_are_not_shared(cls: t.Any) -> None:
    for _ in range(2):
        value, _ = spread(cls, {"size": "5"})
        assert value.tag == []
        value.tag.append("x")


class Span(msgspec.Struct):
    first_day: int
    last_day: int = 9

    def __post_init__(self) -> None:
        if self.first_day > self.last_day:
            raise ValueError("the first day is behind the last")


def test_what_a_class_itself_refuses_is_a_fault_of_the_parameter() -> None:
    assert spread(Span, {"first_day": "5"})[1] == []
    assert spread(Span, {"first_day": "10"}) == (None, ["p"])


def test_headers_have_hyphens() -> None:
    assert spread(Span, {"first-day": "5"}, "header") == (Span(5), [])
    assert spread(Span, {"first-day": "x"}, "header") == (None, ["first-day"])
