"""Where a parameter comes from, by its annotation and what the rule has."""

import datetime
import decimal
import io
import typing as t
import uuid
from typing import Annotated, Literal

import msgspec
import pytest
from werkzeug.datastructures import FileStorage

from erlen.api import Bearer, Body, Cookie, Form, Header, Query, SetupError
from erlen.api.parameters import Taken, is_list, is_simple, settle

pydantic = pytest.importorskip("pydantic")


class Order(msgspec.Struct):
    id: int


@pytest.mark.parametrize(
    ("annotation", "where", "key"),
    [
        (int, "query", "a_b"),
        (list[str], "query", "a_b"),
        (Literal["x"], "query", "a_b"),
        (Annotated[Order, Query()], "query", "a_b"),
        (Annotated[int, Header()], "header", "a-b"),
        (Annotated[int, Header], "header", "a-b"),
        (Annotated[int, Header("X")], "header", "X"),
        (Annotated[int, Cookie()], "cookie", "a_b"),
        (Annotated[int, Form()], "form", "a_b"),
        (Annotated[int, Body()], "body", "a_b"),
        (Annotated[str, Bearer()], "scheme", ""),
        (FileStorage, "file", "a_b"),
        (list[FileStorage], "file", "a_b"),
        (FileStorage | None, "file", "a_b"),
        (Order, "body", "a_b"),
        (list[Order], "body", "a_b"),
        (dict, "body", "a_b"),
        (Order | None, "body", "a_b"),
    ],
    ids=str,
)
def test_annotations_name_the_source(annotation: t.Any, where: str, key: str) -> None:
    def view(a_b):  # type: ignore[no-untyped-def]
        pass

    view.__annotations__ = {"a_b": annotation}
    (parameter,), _ = settle(view, Taken("the view"))
    assert parameter.where == where
    if key:
        assert parameter.key == key


def test_a_variable_of_the_rule_goes_before_all() -> None:
    def view(a: Order, b: Annotated[int, Header()]) -> None: ...

    parameters, _ = settle(view, Taken("the view", of_rule={"a": str, "b": int}))
    assert [(each.where, each.is_converted) for each in parameters] == [("path", False), ("path", False)]


def test_a_record_beside_files_is_a_part() -> None:
    def view(picture: FileStorage, about: Order) -> None: ...

    parameters, _ = settle(view, Taken("the view"))
    assert [each.where for each in parameters] == ["file", "part"]


def test_each_says_why() -> None:
    def view(a: int, b: Annotated[int, Header()], c: Order) -> None: ...

    parameters, _ = settle(view, Taken("the view", of_rule={"a": int}))
    assert [each.why for each in parameters] == [
        "a variable of the rule",
        "Header() says so",
        "its type is a record",
    ]


def test_under_a_decorator_nothing_has_to_be_supplied() -> None:
    def view(a, b: io.BytesIO) -> None: ...  # type: ignore[no-untyped-def]

    parameters, _ = settle(view, Taken("the view", has_suppliers=True))
    assert [each.where for each in parameters] == ["left", "left"]
    with pytest.raises(SetupError, match="Nothing supplies 'a' of the view"):
        settle(view, Taken("the view"))


def test_defaults_that_can_be_changed_are_copied() -> None:
    def view(a: list[int] = [1]) -> None: ...  # noqa: B006  # on purpose

    (parameter,), _ = settle(view, Taken("the view"))
    assert parameter.make_default() == [1]
    assert parameter.make_default() is not parameter.default


@pytest.mark.parametrize(
    ("annotation", "simple"),
    [
        (str, True),
        (int | None, True),
        (decimal.Decimal, True),
        (datetime.timedelta, True),
        (uuid.UUID, True),
        (list[int], True),
        (frozenset[str], True),
        (t.NewType("Number", int), True),
        (Order, False),
        (list[Order], False),
        (dict[str, int], False),
        (t.Any, False),
        (object, False),
        (io.BytesIO, False),
        (t.Callable[[], int], False),
    ],
    ids=str,
)
def test_simple_types_are_those_of_texts(annotation: t.Any, simple: bool) -> None:
    assert is_simple(annotation) is simple


@pytest.mark.parametrize(
    ("annotation", "several"), [(int, False), (list[int], True), (list[int] | None, True)], ids=str
)
def test_lists_take_several_texts(annotation: t.Any, several: bool) -> None:
    assert is_list(annotation) is several


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[int, pydantic.Field(ge=1)],
        Annotated[list[int], pydantic.Field(min_length=1)],
        pydantic.PositiveInt,
    ],
    ids=["Field", "a list", "PositiveInt"],
)
@pytest.mark.parametrize("of_rule", [{}, {"size": int}], ids=["query", "path"])
def test_a_constraint_that_nobody_would_check_is_an_error(
    annotation: t.Any, of_rule: dict[str, t.Any]
) -> None:
    def view(size) -> None: ...  # type: ignore[no-untyped-def]

    view.__annotations__ = {"size": annotation}
    with pytest.raises(
        SetupError, match=r"'size' in the view has \w+ of (pydantic|annotated_types), .* Meta\("
    ):
        settle(view, Taken("the view", of_rule=of_rule))


def test_a_default_of_another_library_is_an_error() -> None:
    def view(size: int = pydantic.Field(5, ge=1)) -> None: ...

    with pytest.raises(SetupError, match="'size' in the view has FieldInfo of pydantic"):
        settle(view, Taken("the view"))


def test_a_value_of_a_type_of_pydantic_may_be_a_default() -> None:
    def view(secret=None) -> None: ...  # type: ignore[no-untyped-def]

    view.__defaults__ = (pydantic.SecretStr("x"),)
    (parameter,), _ = settle(view, Taken("the view"))
    assert parameter.where == "left"


def test_what_pydantic_reads_may_have_its_words() -> None:
    class Cat(pydantic.BaseModel):
        kind: Literal["cat"]

    class Dog(pydantic.BaseModel):
        kind: Literal["dog"]

    def view(pet) -> None: ...  # type: ignore[no-untyped-def]

    view.__annotations__ = {"pet": Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]}
    (parameter,), _ = settle(view, Taken("the view"))
    assert parameter.where == "body"
