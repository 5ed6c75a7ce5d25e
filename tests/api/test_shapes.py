"""The shape of a type: records, lists, mappings, unions, down to scalars."""

import dataclasses
import typing as t
from typing import Annotated

import attrs
import msgspec
import pytest
from typing_extensions import NotRequired, TypedDict

from erlen.api.shapes import (
    Choice,
    Listing,
    Mapping,
    Record,
    Row,
    Scalar,
    crashes,
    is_endless,
    is_record,
    record_kind,
    shape_of,
    walk,
    without_extras,
)

T = t.TypeVar("T")


class Struct(msgspec.Struct, rename="camel"):
    first_name: str
    age: int = 1
    tags: list[str] = []


@dataclasses.dataclass
class Data:
    first_name: str
    age: int = 1
    tags: list[str] = dataclasses.field(default_factory=list)


@attrs.define
class Attrs:
    first_name: str
    age: int = 1
    tags: list[str] = attrs.field(factory=list)


class Typed(TypedDict):
    first_name: str
    age: NotRequired[int]
    tags: NotRequired[list[str]]


class Named(t.NamedTuple):
    first_name: str
    age: int = 1
    tags: list[str] = []


class Generic(msgspec.Struct, t.Generic[T]):
    item: T


KINDS = {Struct: "struct", Data: "dataclass", Attrs: "attrs", Typed: "typeddict", Named: "namedtuple"}


@pytest.mark.parametrize("cls", KINDS)
def test_every_kind_of_record_has_the_same_fields(cls: t.Any) -> None:
    shape = shape_of(cls)
    assert isinstance(shape, Record)
    assert shape.kind == record_kind(cls) == KINDS[cls]
    assert [(field.name, field.required) for field in shape.fields] == [
        ("first_name", True),
        ("age", False),
        ("tags", False),
    ]
    assert shape.shapes["tags"] == Listing(list[str], Scalar(str))
    assert shape_of(cls) is shape


def test_a_model_of_pydantic_is_a_record() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Model(pydantic.BaseModel):
        name: str
        age: int = pydantic.Field(1, alias="years")

    shape = shape_of(Model)
    assert isinstance(shape, Record)
    assert [(field.key, field.required) for field in shape.fields] == [("name", True), ("years", False)]


def test_names_in_json_are_the_keys() -> None:
    shape = shape_of(Struct)
    assert isinstance(shape, Record)
    assert [field.key for field in shape.fields] == ["firstName", "age", "tags"]


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (int, Scalar),
        (t.Literal["a"], Scalar),
        (list, Scalar),
        (list[int], Listing),
        (set[str], Listing),
        (tuple[int, ...], Listing),
        (tuple[int, str], Row),
        (t.Sequence[int], Listing),
        (dict[str, int], Mapping),
        (t.Mapping[str, int], Mapping),
        (int | None, Choice),
        (t.Optional[int], Choice),  # noqa: UP045
        (Annotated[list[int], msgspec.Meta(max_length=1)], Listing),
        (Generic[int], Record),
    ],
    ids=str,
)
def test_types_have_shapes(annotation: t.Any, kind: t.Any) -> None:
    assert type(shape_of(annotation)) is kind


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Struct, True),
        (Struct | None, True),
        (list[Struct], True),
        (dict[str, int], True),
        (dict, True),
        (list[int], False),
        (int, False),
        (int | Struct, False),
        (None | int, False),
    ],
    ids=str,
)
def test_records_and_lists_of_them_are_bodies(annotation: t.Any, expected: bool) -> None:
    assert is_record(shape_of(annotation)) is expected


def test_extras_are_split_off() -> None:
    assert without_extras(Annotated[int, "a", 5]) == (int, ("a", 5))
    assert without_extras(int) == (int, ())


class Node(msgspec.Struct):
    value: int | None
    below: "dict[str, list[Node]]" = {}


def test_every_part_of_a_shape_is_found_and_those_of_a_record_once() -> None:
    parts = [part.annotation for part in walk(shape_of(list[Node]))]
    assert parts[:4] == [list[Node], Node, int | None, int]
    assert parts[5:] == [dict[str, list[Node]], str, list[Node]]


class Chain(msgspec.Struct):
    next: "Chain | None" = None


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [(Chain, True), (list[t.Any], True), (dict, True), (Struct, False), (dict[str, list[int]], False)],
    ids=str,
)
def test_types_without_an_end(annotation: t.Any, expected: bool) -> None:
    assert is_endless(shape_of(annotation)) is expected


Limited = t.NewType("Limited", Annotated[int, msgspec.Meta(ge=1)])  # type: ignore[valid-newtype]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (tuple[int, str] | Annotated[str, msgspec.Meta(max_length=5)], True),
        (list[dict[str, tuple[int, str] | Limited]], True),
        (tuple[int, str] | Annotated[int, msgspec.Meta(description="x")], False),
        (tuple[int, ...] | Annotated[int, msgspec.Meta(ge=1)], False),
        (tuple[Annotated[int, msgspec.Meta(ge=1)], str] | int, False),
    ],
    ids=str,
)
def test_types_that_crash_msgspec(annotation: t.Any, expected: bool) -> None:
    assert crashes(shape_of(annotation)) is expected


def test_a_walk_has_each_record_once() -> None:
    assert [each.cls for each in walk(shape_of(list[Chain])) if isinstance(each, Record)] == [Chain]


def test_limits_are_kept_with_an_alias() -> None:
    shape = shape_of(Annotated[t.NewType("Names", list[str]), msgspec.Meta(max_length=2)])
    assert isinstance(shape, Listing)
    assert (shape.limits, shape.item) == ((None, 2), Scalar(str))
