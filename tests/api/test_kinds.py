"""The same models as Struct, dataclass, attrs, TypedDict and pydantic: the same answers and documents.

What differs is a table in docs/reference/typed-views.md.
"""

import dataclasses
import datetime as dt
import enum
import json
import re
import typing as t
import uuid
from typing import Annotated, Literal

import attrs
import msgspec
import pytest
from msgspec import Meta
from typing_extensions import NotRequired, TypedDict

from erlen import Erlen
from erlen.api import Api, Query
from tests.docs.pages import ROOT

pydantic = pytest.importorskip("pydantic")


class State(enum.Enum):
    OPEN = "open"
    SENT = "sent"


Name = Annotated[str, Meta(min_length=1, max_length=20, pattern="^[a-z ]*$")]
Count = Annotated[int, Meta(ge=1, le=99)]
OfPydantic = pydantic.Field
PName = Annotated[str, OfPydantic(min_length=1, max_length=20, pattern="^[a-z ]*$")]
PCount = Annotated[int, OfPydantic(ge=1, le=99)]


def structs() -> t.Any:
    class Line(msgspec.Struct):
        product: Name
        count: Count = 1

    class Order(msgspec.Struct):
        customer: str
        lines: list[Line]
        due: dt.date
        key: uuid.UUID
        state: State = State.OPEN
        note: str | None = None
        prices: dict[str, float] = {}

    class Search(msgspec.Struct):
        size: Count = 10
        since: dt.date | None = None
        tag: list[str] = []

    return Order, Search


def dataclass_models() -> t.Any:
    @dataclasses.dataclass
    class Line:
        product: Name
        count: Count = 1

    @dataclasses.dataclass
    class Order:
        customer: str
        lines: "list[Line]"
        due: dt.date
        key: uuid.UUID
        state: State = State.OPEN
        note: str | None = None
        prices: dict[str, float] = dataclasses.field(default_factory=dict)

    @dataclasses.dataclass
    class Search:
        size: Count = 10
        since: dt.date | None = None
        tag: list[str] = dataclasses.field(default_factory=list)

    Order.__annotations__["lines"] = list[Line]
    return Order, Search


def attrs_models() -> t.Any:
    @attrs.define
    class Line:
        product: Name
        count: Count = 1

    @attrs.define
    class Order:
        customer: str
        lines: list[Line]
        due: dt.date
        key: uuid.UUID
        state: State = State.OPEN
        note: str | None = None
        prices: dict[str, float] = attrs.field(factory=dict)

    @attrs.define
    class Search:
        size: Count = 10
        since: dt.date | None = None
        tag: list[str] = attrs.field(factory=list)

    return Order, Search


def typed_dicts() -> t.Any:
    class Line(TypedDict):
        product: Name
        count: NotRequired[Count]

    class Order(TypedDict):
        customer: str
        lines: list[Line]
        due: dt.date
        key: uuid.UUID
        state: NotRequired[State]
        note: NotRequired[str | None]
        prices: NotRequired[dict[str, float]]

    class Search(TypedDict):
        size: NotRequired[Count]
        since: NotRequired[dt.date | None]
        tag: NotRequired[list[str]]

    return Order, Search


def models() -> t.Any:
    class Line(pydantic.BaseModel):
        product: PName
        count: PCount = 1

    class Order(pydantic.BaseModel):
        customer: str
        lines: list[Line]
        due: dt.date
        key: uuid.UUID
        state: State = State.OPEN
        note: str | None = None
        prices: dict[str, float] = {}

    class Search(pydantic.BaseModel):
        size: PCount = 10
        since: dt.date | None = None
        tag: list[str] = []

    return Order, Search


KINDS: dict[str, t.Callable[[], t.Any]] = {
    "Struct": structs,
    "dataclass": dataclass_models,
    "attrs": attrs_models,
    "TypedDict": typed_dicts,
    "pydantic": models,
}


def served(kind: str) -> Erlen:
    app = Erlen("app", static_folder=None)
    app.logger.disabled = True
    Api(app, title="Shop")
    Order, Search = KINDS[kind]()

    def create(order):  # type: ignore[no-untyped-def]
        return order, 201

    def find(search):  # type: ignore[no-untyped-def]
        return search

    def many(orders):  # type: ignore[no-untyped-def]
        return orders

    create.__annotations__ = {"order": Order, "return": tuple[Order, Literal[201]]}
    find.__annotations__ = {"search": Annotated[Search, Query()], "return": Search}
    many.__annotations__ = {"orders": list[Order], "return": list[Order]}
    app.post("/orders")(create)
    app.get("/orders")(find)
    app.put("/orders")(many)
    return app


KEY = "12345678-1234-5678-1234-567812345678"
GOOD: dict[str, t.Any] = {
    "customer": "ann",
    "lines": [{"product": "tea", "count": 2}, {"product": "salt", "count": 1}],
    "due": "2026-12-01",
    "key": KEY,
    "state": "sent",
    "note": "quick",
    "prices": {"tea": 1.5, "salt": 2.0},
}
BODIES: dict[str, t.Any] = {
    "whole": GOOD,
    "least": {"customer": "ann", "lines": [{"product": "tea"}], "due": "2026-12-01", "key": KEY},
    "an integer as 2.0": {**GOOD, "lines": [{"product": "tea", "count": 2.0}]},
    "null for an optional field": {**GOOD, "note": None},
    "a field too many": {**GOOD, "extra": 1},
    "nothing": {},
    "null": None,
    "a list": [GOOD],
    "wrong types": {**GOOD, "customer": 5, "due": "tomorrow", "key": "x", "state": "lost", "note": 3},
    "wrong lines": {
        **GOOD,
        "lines": [{"product": ""}, {"product": "TEA"}, {}, 5, {"product": "a", "count": 100}],
    },
    "no list": {**GOOD, "lines": {}},
    "wrong prices": {**GOOD, "prices": {"a": "x", "b/c": None, "d": 1}},
    "a text for a number": {**GOOD, "lines": [{"product": "tea", "count": "2"}]},
    "true for a number": {**GOOD, "lines": [{"product": "tea", "count": True}]},
    "a moment for a date": {**GOOD, "due": "2026-12-01T10:00:00"},
    "a number for a date": {**GOOD, "due": 5},
    "an impossible date": {**GOOD, "due": "2026-02-30"},
    "too long": {**GOOD, "lines": [{"product": "a" * 21}]},
}
QUERIES = [
    "",
    "size=5&since=2026-01-02&tag=a&tag=b",
    "size=0",
    "size=x&since=x",
    "since=2026-02-30",
    "size=",
    "tag=",
]


def answer_to(kind: str, method: str, path: str, **options: t.Any) -> t.Any:
    """Return status, and the body or where the faults are."""
    response = served(kind).test_client().open(path, method=method, **options)
    found = response.json
    if response.status_code == 422:
        found = sorted((fault["in"], fault.get("at", fault.get("name"))) for fault in found["errors"])
    return response.status_code, found


OTHERS = [kind for kind in KINDS if kind != "Struct"]


# What differs from the answers of Struct, and in which of the cases here.
DIFFERENCES: dict[tuple[str, str], set[str]] = {
    ("TypedDict", "fields without defaults"): {"?", "?tag=", "least"},
    ("TypedDict", "the document"): set(),
    ("pydantic", "what is read"): {"a text for a number", "true for a number"},
    ("pydantic", "the document"): set(),
}


def differs(kind: str, case: str) -> bool:
    return any(kind == of and case in cases for (of, _), cases in DIFFERENCES.items())


def test_the_reference_lists_what_differs() -> None:
    text = (ROOT / "docs/reference/typed-views.md").read_text(encoding="utf-8")
    section = text.partition("### What differs among kinds of records")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `?([^|`]+)`? \| ([^|:]+)[:|]", section, re.MULTILINE)[1:]
    assert [(kind.strip(), what.strip()) for kind, what in rows] == list(DIFFERENCES)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("kind", OTHERS)
def test_bodies_have_the_same_answers(kind: str, body: str) -> None:
    expected = answer_to("Struct", "POST", "/orders", json=BODIES[body])
    found = answer_to(kind, "POST", "/orders", json=BODIES[body])
    assert (found == expected) == (not differs(kind, body)), (found, expected)


@pytest.mark.parametrize("kind", OTHERS)
def test_lists_have_the_same_answers(kind: str) -> None:
    for body in ([], [GOOD, GOOD], [GOOD, {}, {**GOOD, "due": 1}], {}):
        expected = answer_to("Struct", "PUT", "/orders", json=body)
        assert answer_to(kind, "PUT", "/orders", json=body) == expected


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{} x", b"\xff", b'{"customer": NaN}', b"[" * 20_000],
    ids=lambda body: str(body)[:20],
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_json_is_malformed_for_all(kind: str, body: bytes) -> None:
    status, _ = answer_to(kind, "POST", "/orders", data=body, content_type="application/json")
    assert status == 400


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("kind", OTHERS)
def test_queries_have_the_same_answers(kind: str, query: str) -> None:
    expected = answer_to("Struct", "GET", f"/orders?{query}")
    found = answer_to(kind, "GET", f"/orders?{query}")
    assert (found == expected) == (not differs(kind, f"?{query}")), (found, expected)


def shown(kind: str) -> dict[str, t.Any]:
    """Return the document of a kind."""
    document = served(kind).test_client().get("/openapi.json").json
    assert document is not None
    return t.cast("dict[str, t.Any]", document)


def without_titles(value: t.Any) -> t.Any:
    """Leave out the titles of fields and the type beside an `enum`, which pydantic adds."""
    if isinstance(value, list):
        return [without_titles(item) for item in value]
    if not isinstance(value, dict):
        return value
    left_out = {"title", "type"} if "enum" in value else {"title"}
    return {key: without_titles(item) for key, item in value.items() if key not in left_out or key == item}


def as_received(document: t.Any) -> t.Any:
    """Put the schemas of requests in the places of those of answers: a TypedDict has one of both."""
    text = json.dumps(document)
    names = set(re.findall(r'"(\w+)Input": ', text))
    schemas = document["components"]["schemas"]
    kept = {name: schemas[f"{name}Input"] if name in names else schemas[name] for name in schemas}
    kept = {name: schema for name, schema in kept.items() if not name.endswith("Input")}
    whole = {**document, "components": {**document["components"], "schemas": kept}}
    return json.loads(
        re.sub(r"(schemas/\w+?)Input", r"\1", json.dumps(whole)), object_hook=_with_sorted_names
    )


def _with_sorted_names(value: t.Any) -> t.Any:
    required = value.get("required")
    return {**value, "required": sorted(required)} if isinstance(required, list) else value


def as_it_is(document: t.Any) -> t.Any:
    return document


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("dataclass", as_it_is),
        ("attrs", as_it_is),
        ("TypedDict", as_received),
        ("pydantic", without_titles),
    ],
)
def test_documents_are_the_same(kind: str, seen: t.Callable[[t.Any], t.Any]) -> None:
    expected, found = seen(shown("Struct")), seen(shown(kind))
    if kind == "TypedDict":  # its parameters come by name
        for document in (expected, found):
            document["paths"]["/orders"]["get"]["parameters"].sort(key=lambda each: each["name"])
            del document["components"]["schemas"]["Search"]["required"]  # in answers alone
    assert found == expected
    assert (seen is as_it_is) == (shown(kind) == shown("Struct"))
