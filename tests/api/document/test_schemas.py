"""Schemas have stable names, and tell what is sent from what is received."""

import enum
import typing as t

import msgspec
import pytest

from erlen.api import SetupError
from erlen.api.document.schemas import Schemas, records_in
from erlen.api.shapes import shape_of


class Colour(enum.Enum):
    RED = "red"


class Item(msgspec.Struct):
    name: str
    colour: Colour = Colour.RED
    note: str | None = None


class Plain(msgspec.Struct):
    name: str


class Tree(msgspec.Struct):
    children: "list[Tree]"


def test_a_class_without_defaults_has_one_schema() -> None:
    schemas = Schemas()
    assert schemas.sent(Plain) == schemas.received(Plain) == {"$ref": "#/components/schemas/Plain"}
    assert list(schemas.sorted()) == ["Plain"]


def test_a_class_with_defaults_has_two() -> None:
    schemas = Schemas()
    assert schemas.received(Item) == {"$ref": "#/components/schemas/ItemInput"}
    assert schemas.sent(list[Item]) == {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
    found = schemas.sorted()
    assert found["Item"]["required"] == ["name", "colour", "note"]
    assert found["ItemInput"]["required"] == ["name"]
    assert "default" not in str(found)
    assert found["Colour"] == {"title": "Colour", "enum": ["red"]}


def test_a_field_that_may_be_unset_is_not_required_of_an_answer() -> None:
    class Changes(msgspec.Struct):
        id: int = 0
        note: str | msgspec.UnsetType | None = msgspec.UNSET

    schemas = Schemas()
    schemas.sent(Changes)
    assert schemas.components["Changes"]["required"] == ["id"]


def test_two_classes_of_one_name_are_told_apart() -> None:
    other = msgspec.defstruct("Plain", [("size", int)], module="shop.models")
    schemas = Schemas()
    schemas.sent(Plain)
    assert schemas.sent(other) == {"$ref": "#/components/schemas/models_Plain"}
    assert sorted(schemas.components) == ["Plain", "models_Plain"]


def test_a_class_may_refer_to_itself() -> None:
    schemas = Schemas()
    schemas.sent(Tree)
    assert schemas.components["Tree"]["properties"]["children"]["items"] == {
        "$ref": "#/components/schemas/Tree"
    }
    assert [record.cls for record in records_in(shape_of(Tree))] == [Tree]


def test_models_of_pydantic_have_the_schemas_of_pydantic() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Model(pydantic.BaseModel):
        name: str
        count: int = 1

    schemas = Schemas()
    assert schemas.sent(Model) == {"$ref": "#/components/schemas/Model"}
    assert schemas.received(Model) == {"$ref": "#/components/schemas/ModelInput"}
    assert schemas.components["Model"]["required"] == ["name", "count"]
    assert schemas.components["ModelInput"]["required"] == ["name"]


def test_a_type_without_schema_is_an_error_at_set_up() -> None:
    with pytest.raises(SetupError, match="has no schema"):
        Schemas().sent(t.Callable[[], int])


def test_a_schema_is_added_by_name_once() -> None:
    schemas = Schemas()
    assert schemas.add("A", {"type": "string"}) == {"$ref": "#/components/schemas/A"}
    schemas.add("A", {"type": "integer"})
    assert schemas.components == {"A": {"type": "string"}}


def test_an_object_of_any_properties_says_so() -> None:
    schemas = Schemas()
    assert schemas.received(dict[str, t.Any]) == {"type": "object", "additionalProperties": True}
    assert schemas.sent(dict[str, int]) == {"type": "object", "additionalProperties": {"type": "integer"}}
    assert schemas.sent(dict) == {"type": "object", "additionalProperties": True}
