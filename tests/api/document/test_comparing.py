"""Changes of a document are told, breaking ones first."""

import copy
import typing as t

import pytest

from erlen.api.document.comparing import changes

DOCUMENT: dict[str, t.Any] = {
    "paths": {
        "/orders": {
            "get": {
                "operationId": "orders",
                "parameters": [
                    {"name": "size", "in": "query", "schema": {"type": "integer", "maximum": 100}}
                ],
                "responses": {
                    "200": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
                    }
                },
            },
            "post": {
                "operationId": "create",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}
                },
                "responses": {"201": {"description": "Created"}, "422": {"description": "No"}},
            },
        }
    },
    "components": {
        "schemas": {
            "Order": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "state": {"enum": ["new", "sent"]}},
                "required": ["id"],
            },
            "New": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        }
    },
}


def changed(change: t.Callable[[t.Any], object]) -> list[str]:
    new = copy.deepcopy(DOCUMENT)
    change(new)
    return [str(each) for each in changes(DOCUMENT, new)]


def operation(document: t.Any, method: str) -> t.Any:
    return document["paths"]["/orders"][method]


def schema(document: t.Any, name: str) -> t.Any:
    return document["components"]["schemas"][name]


CASES: dict[str, tuple[t.Callable[[t.Any], object], list[str]]] = {
    "nothing": (lambda d: None, []),
    "an operation is gone": (
        lambda d: d["paths"]["/orders"].pop("get"),
        ["breaking: GET /orders: it is gone"],
    ),
    "an operation is new": (
        lambda d: d["paths"].update({"/new": {"get": {"responses": {}}}}),
        ["other: GET /new: it is new"],
    ),
    "a parameter is gone": (
        lambda d: operation(d, "get")["parameters"].clear(),
        ["breaking: GET /orders: the query parameter 'size' is gone"],
    ),
    "a parameter is new": (
        lambda d: operation(d, "get")["parameters"].append({"name": "a", "in": "query", "schema": {}}),
        ["other: GET /orders: the query parameter 'a' is new"],
    ),
    "a new parameter is required": (
        lambda d: operation(d, "get")["parameters"].append(
            {"name": "a", "in": "query", "required": True, "schema": {}}
        ),
        ["breaking: GET /orders: the query parameter 'a' is new and required"],
    ),
    "a parameter is required": (
        lambda d: operation(d, "get")["parameters"][0].update(required=True),
        ["breaking: GET /orders: the query parameter 'size' is required now"],
    ),
    "a limit is narrower": (
        lambda d: operation(d, "get")["parameters"][0]["schema"].update(maximum=50),
        ["breaking: GET /orders: the query parameter 'size' has maximum 50, had 100"],
    ),
    "a limit is wider": (
        lambda d: operation(d, "get")["parameters"][0]["schema"].update(maximum=500),
        ["other: GET /orders: the query parameter 'size' has maximum 500, had 100"],
    ),
    "a type changes": (
        lambda d: operation(d, "get")["parameters"][0].update(schema={"type": "string"}),
        ["breaking: GET /orders: the query parameter 'size' is string, was integer"],
    ),
    "an answer has less": (
        lambda d: schema(d, "Order")["properties"].pop("id"),
        ["breaking: GET /orders: the answer 200 has no 'id' any more"],
    ),
    "an answer has more": (
        lambda d: schema(d, "Order")["properties"].update(more={"type": "string"}),
        ["other: GET /orders: the answer 200 has a new 'more'"],
    ),
    "a field of an answer may be missing": (
        lambda d: schema(d, "Order").update(required=[]),
        ["breaking: GET /orders: the answer 200 may be without 'id' now"],
    ),
    "an answer has another value": (
        lambda d: schema(d, "Order")["properties"]["state"]["enum"].append("gone"),
        ["breaking: GET /orders: the answer 200, 'state' may be 'gone' now"],
    ),
    "a body needs more": (
        lambda d: schema(d, "New").update(properties={"name": {}, "age": {}}, required=["name", "age"]),
        [
            "breaking: POST /orders: the body has a new 'age', which is required",
            "other: POST /orders: the body, 'name' is anything, was string",
        ],
    ),
    "a body is required": (
        lambda d: operation(d, "post")["requestBody"].update(required=True),
        ["breaking: POST /orders: the body is required now"],
    ),
    "a body has another type": (
        lambda d: operation(d, "post")["requestBody"].update(content={"text/plain": {"schema": {}}}),
        ["breaking: POST /orders: the body may not be application/json any more"],
    ),
    "an answer is gone": (
        lambda d: operation(d, "post")["responses"].pop("201"),
        ["breaking: POST /orders: the answer 201 is gone"],
    ),
    "a refusal is gone": (
        lambda d: operation(d, "post")["responses"].pop("422"),
        ["other: POST /orders: the answer 422 is gone"],
    ),
    "credentials are needed": (
        lambda d: operation(d, "get").update(security=[{"bearer": []}]),
        ["breaking: GET /orders: it needs credentials"],
    ),
    "it is deprecated": (
        lambda d: operation(d, "get").update(deprecated=True),
        ["other: GET /orders: it is deprecated"],
    ),
    "another name": (
        lambda d: operation(d, "get").update(operationId="list"),
        ["breaking: GET /orders: its operationId is 'list', was 'orders'"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_changes(case: str) -> None:
    change, expected = CASES[case]
    assert changed(change) == expected


def test_a_circle_of_schemas_ends() -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Order"}}}
    document = copy.deepcopy(DOCUMENT)
    document["components"]["schemas"]["Order"] = tree
    assert changes(document, copy.deepcopy(document)) == []


def test_a_page_has_no_schema() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["paths"]["/orders"]["get"]["responses"]["404"] = {"content": {"text/html": {}}}
    assert changes(document, copy.deepcopy(document)) == []


def test_msgpack_breaks_clients_where_it_goes() -> None:
    both = copy.deepcopy(DOCUMENT)
    for of in (
        both["paths"]["/orders"]["post"]["requestBody"],
        both["paths"]["/orders"]["get"]["responses"]["200"],
    ):
        of["content"]["application/msgpack"] = of["content"]["application/json"]
    assert changes(DOCUMENT, both) == []
    assert [str(each) for each in changes(both, DOCUMENT)] == [
        "breaking: GET /orders: the answer 200 is not application/msgpack any more",
        "breaking: POST /orders: the body may not be application/msgpack any more",
    ]
