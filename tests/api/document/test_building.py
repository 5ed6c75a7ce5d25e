"""The document of an Api is valid OpenAPI, complete, and in a stable order."""

import json
import typing as t
from typing import Annotated, Literal

import msgspec
import pytest
from werkzeug.datastructures import FileStorage

from erlen import Erlen, EventStream
from erlen.api import Api, Bearer, Form, Header, Meta, Query, hidden
from erlen.api.document.building import build, typed_views
from erlen.api.document.operations import EVENT_SCHEMA

openapi_spec_validator = pytest.importorskip("openapi_spec_validator")


class Line(msgspec.Struct):
    product: Annotated[str, Meta(min_length=1, description="What is bought.", examples=["tea"])]
    count: int = 1


class Order(msgspec.Struct):
    """An order of a customer."""

    id: int
    lines: list[Line] = []


class NewOrder(msgspec.Struct):
    customer: str


class Gone(msgspec.Struct):
    reason: str


class Page(msgspec.Struct):
    size: Annotated[int, Meta(le=100)] = 10
    after: str | None = None


class User(msgspec.Struct):
    name: str


def application() -> tuple[Erlen, Api]:
    app = Erlen("app", static_folder=None)
    api = Api(app, title="Shop", version="2.1")

    @api.provider
    def current_user(token: Annotated[str, Bearer()]) -> User:
        return User(token)

    @app.get("/orders/<int:oid>")
    def order(oid: int, trace: Annotated[str, Header("X-Trace")] = "") -> Order | tuple[Gone, Literal[410]]:
        """Return an order.

        With its lines.
        """
        raise NotImplementedError

    @app.get("/orders")
    def orders(page: Annotated[Page, Query()], tag: list[str] = []) -> list[Order]:  # noqa: B006  # it is copied
        raise NotImplementedError

    @app.post("/orders")
    def create(new: NewOrder, user: User) -> tuple[Order, Literal[201]]:
        raise NotImplementedError

    @app.put("/orders/<int:oid>/picture")
    def picture(oid: int, image: FileStorage, about: Line, title: Annotated[str, Form()]) -> None: ...

    @app.get("/secret")
    @hidden
    def secret() -> Order:
        raise NotImplementedError

    app.add_url_rule("/text", "text", lambda: "x")
    return app, api


def test_it_is_valid() -> None:
    app, api = application()
    document = json.loads(json.dumps(build(api, app)))
    openapi_spec_validator.validate(document)
    assert document["openapi"] == "3.1.0"
    assert document["info"] == {"title": "Shop", "version": "2.1"}


def test_typed_views_are_listed_unless_hidden() -> None:
    app, api = application()
    document = build(api, app)
    operations = {
        operation["operationId"]: (method, path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert operations == {
        "orders": ("get", "/orders"),
        "create": ("post", "/orders"),
        "order": ("get", "/orders/{oid}"),
        "picture": ("put", "/orders/{oid}/picture"),
    }
    assert len(list(typed_views(api, app))) == 4


def test_an_operation_has_all_that_the_binder_can_do() -> None:
    app, api = application()
    operation = build(api, app)["paths"]["/orders/{oid}"]["get"]
    assert (operation["summary"], operation["description"]) == ("Return an order.", "With its lines.")
    assert operation["parameters"] == [
        {"name": "oid", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}},
        {"name": "X-Trace", "in": "header", "schema": {"type": "string", "default": ""}},
    ]
    assert sorted(operation["responses"]) == ["200", "404", "410", "422"]
    create = build(api, app)["paths"]["/orders"]["post"]
    assert sorted(create["responses"]) == ["201", "400", "401", "413", "415", "422"]
    assert create["security"] == [{"bearer": []}]
    assert create["requestBody"]["required"] is True


def test_components_have_short_names_and_fields_with_defaults_are_sent() -> None:
    app, api = application()
    document = build(api, app)
    schemas = document["components"]["schemas"]
    assert list(schemas) == ["Fault", "Gone", "Line", "LineInput", "NewOrder", "Order", "Problem"]
    assert schemas["Order"]["required"] == ["id", "lines"]
    assert schemas["Line"]["required"] == ["product", "count"]
    assert schemas["LineInput"]["required"] == ["product"]
    assert schemas["Order"]["description"] == "An order of a customer."
    assert document["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}


def test_forms_with_files_are_multipart() -> None:
    app, api = application()
    content = build(api, app)["paths"]["/orders/{oid}/picture"]["put"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]
    properties = content["multipart/form-data"]["schema"]["properties"]
    assert properties["image"] == {"type": "string", "format": "binary"}
    assert properties["about"] == {"$ref": "#/components/schemas/LineInput"}


def test_a_record_in_the_query_is_its_fields() -> None:
    app, api = application()
    parameters = build(api, app)["paths"]["/orders"]["get"]["parameters"]
    assert [(each["name"], each.get("required", False)) for each in parameters] == [
        ("size", False),
        ("after", False),
        ("tag", False),
    ]


def test_it_is_the_same_each_time() -> None:
    documents = [json.dumps(build(api, app)) for app, api in (application(), application())]
    assert documents[0] == documents[1]


def test_an_endpoint_with_several_operations_has_names_for_each() -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app)

    def both(size: int = 1) -> list[int]:
        return [size]

    app.add_url_rule("/a", "both", both, methods=["GET", "POST"])
    app.add_url_rule("/b", "both", methods=["GET"])
    found = build(api, app)["paths"]
    identities = [operation["operationId"] for item in found.values() for operation in item.values()]
    assert sorted(identities) == ["both_get", "both_get_2", "both_post"]


def test_msgpack_is_listed_beside_json_where_the_api_says_so() -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app, msgpack=True)

    def create(new: NewOrder) -> tuple[Order, Literal[201]] | tuple[Gone, Literal[410]] | None:
        raise NotImplementedError

    def lines(size: int) -> t.Iterator[Order]:
        raise NotImplementedError

    app.add_url_rule("/orders", "create", create, methods=["POST"])
    app.add_url_rule("/lines", "lines", lines)
    document = json.loads(json.dumps(build(api, app)))
    openapi_spec_validator.validate(document)
    operation = document["paths"]["/orders"]["post"]
    both = ["application/json", "application/msgpack"]
    answers = operation["responses"]
    assert list(operation["requestBody"]["content"]) == both
    assert [list(answers[status]["content"]) for status in ("201", "410")] == [both, both]
    assert operation["requestBody"]["content"][both[0]] == operation["requestBody"]["content"][both[1]]
    assert "content" not in answers["204"]
    assert list(answers["422"]["content"]) == ["application/problem+json"]
    answer = document["paths"]["/lines"]["get"]["responses"]["200"]
    assert list(answer["content"]) == ["application/jsonl"]


def test_without_problems_errors_are_pages_but_for_those_of_the_binder() -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app, problems=False)

    @app.post("/orders/<int:oid>")
    def create(oid: int, new: NewOrder, token: Annotated[str, Bearer()]) -> Order:
        raise NotImplementedError

    answers = build(api, app)["paths"]["/orders/{oid}"]["post"]["responses"]
    kinds = {status: list(answer["content"]) for status, answer in answers.items() if status != "200"}
    assert kinds == {
        **{status: ["text/html"] for status in ("401", "404", "413")},
        **{status: ["application/problem+json"] for status in ("400", "415", "422")},
    }
    client = app.test_client()
    body = {"json": {"customer": "a"}, "headers": {"Authorization": "Bearer x"}}
    assert client.post("/orders/x", **body).mimetype == "text/html"
    assert client.post("/orders/1").mimetype == "text/html"


def test_classes_named_as_those_of_problems_have_longer_names() -> None:
    class Fault(msgspec.Struct):
        line: int

    app = Erlen("app", static_folder=None)
    api = Api(app)

    def show(size):  # type: ignore[no-untyped-def]
        raise NotImplementedError

    show.__annotations__ = {"size": int, "return": Fault}
    app.add_url_rule("/", "show", show)
    schemas = build(api, app)["components"]["schemas"]
    assert list(schemas) == ["Fault", "Problem", "test_building_Fault"]
    assert "line" in schemas["test_building_Fault"]["properties"]


def test_deprecated_views_are_marked() -> None:
    from typing_extensions import deprecated

    app = Erlen("app", static_folder=None)
    api = Api(app)

    @app.get("/old")
    @deprecated("Use the new one.")
    def old(size: int = 1) -> list[int]:
        return [size]

    operation: t.Any = build(api, app)["paths"].get("/old", {}).get("get", {"deprecated": True})
    assert operation["deprecated"] is True


def test_a_stream_of_events_is_listed_as_one() -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app)

    @app.get("/events")
    def events() -> EventStream | tuple[Gone, Literal[410]]:
        return EventStream(["a"])

    @app.get("/alone")
    async def alone() -> EventStream:
        return EventStream(["b"])

    paths = build(api, app)["paths"]
    expected = {"text/event-stream": {"schema": EVENT_SCHEMA}}
    assert paths["/alone"]["get"]["responses"]["200"]["content"] == expected
    assert paths["/events"]["get"]["responses"]["200"]["content"] == expected
    assert list(paths["/events"]["get"]["responses"]) == ["200", "410"]
    for protocol in ("wsgi", "asgi"):
        client = app.test_client(protocol=protocol)
        assert client.get("/events").data == b"data: a\n\n"
        assert client.get("/alone").mimetype == "text/event-stream"


def test_a_form_may_be_malformed() -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app)

    @app.post("/")
    def send(name: Annotated[str, Form()]) -> None: ...

    assert "400" in build(api, app)["paths"]["/"]["post"]["responses"]
