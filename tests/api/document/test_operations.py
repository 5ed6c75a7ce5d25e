"""Rules are paths of OpenAPI, and converters have schemas."""

import typing as t
from typing import Annotated

import msgspec
import pytest

from erlen import Erlen
from erlen.api import Api, Header, Query
from erlen.api.document.building import build
from erlen.api.document.operations import path_of


@pytest.mark.parametrize(
    ("rule", "path", "schema"),
    [
        ("/<name>", "/{name}", {"type": "string", "minLength": 1}),
        ("/<int:name>", "/{name}", {"type": "integer", "minimum": 0}),
        ("/<int(min=2, max=5):name>", "/{name}", {"type": "integer", "minimum": 2, "maximum": 5}),
        ("/<int(signed=True):name>", "/{name}", {"type": "integer"}),
        ("/<float:name>", "/{name}", {"type": "number", "minimum": 0}),
        ("/<uuid:name>", "/{name}", {"type": "string", "format": "uuid"}),
        ("/a/<path:name>/b", "/a/{name}/b", {"type": "string", "minLength": 1}),
        ("/<any(red, blue):name>", "/{name}", {"type": "string", "enum": ["blue", "red"]}),
    ],
)
def test_rules_are_paths(rule: str, path: str, schema: dict[str, t.Any]) -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app)

    def show(name) -> list[int]:  # type: ignore[no-untyped-def]
        return []

    app.add_url_rule(rule, "show", show)
    document = build(api, app)
    parameters = document["paths"][path]["get"]["parameters"]
    assert parameters == [{"name": "name", "in": "path", "required": True, "schema": schema}]
    assert path_of(next(each for each in app.url_map.iter_rules() if each.endpoint == "show")) == path


def test_the_fields_of_a_record_are_described_as_they_are_read() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Page(pydantic.BaseModel):
        size: int = pydantic.Field(10, ge=1, le=100)

    class Trace(msgspec.Struct):
        x_trace: str
        other: str = msgspec.field(name="own", default="")

    app = Erlen("app", static_folder=None)
    api = Api(app)

    def show(page: Annotated[Page, Query()], trace: Annotated[Trace, Header()]) -> list[int]:
        return []

    show.__annotations__ |= {"page": Annotated[Page, Query()], "trace": Annotated[Trace, Header()]}
    app.add_url_rule("/", "show", show)
    described = build(api, app)["paths"]["/"]["get"]["parameters"]
    assert [(each["in"], each["name"]) for each in described] == [
        ("query", "size"),
        ("header", "x-trace"),
        ("header", "own"),
    ]
    assert described[0]["schema"].items() >= {"type": "integer", "minimum": 1, "maximum": 100}.items()
