"""Answers are MessagePack where an Api says so and a client prefers it; what leaves is what is declared."""

import collections.abc as cabc
import dataclasses
import datetime
import typing as t
from typing import Literal

import attrs
import msgspec
import pytest
from typing_extensions import TypedDict

from erlen import Encoded, Erlen, Response, abort, session, views
from erlen.api import Api
from tests.api.conftest import Served
from tests.protocols.web import PLAIN, Colour

pydantic = pytest.importorskip("pydantic")
MSGPACK = "application/msgpack"
unpack = msgspec.msgpack.decode


class Order(msgspec.Struct):
    id: int


class Secret(Order):
    password: str = "secret"


class Gone(msgspec.Struct):
    reason: str


@dataclasses.dataclass
class AsDataclass:
    id: int


@dataclasses.dataclass
class SecretDataclass(AsDataclass):
    password: str = "secret"


@attrs.define(slots=False)
class AsAttrs:
    id: int


class AsDict(TypedDict):
    id: int


class AsModel(pydantic.BaseModel):
    id: int


class SecretModel(AsModel):
    password: str = "secret"


class Holder(TypedDict):
    model: AsModel


class Row:
    """An object as an ORM has it."""

    def __init__(self) -> None:
        self.id = 1
        self.password = "secret"

    def __repr__(self) -> str:
        return "Row()"


@pytest.fixture
def served(way: str, colour: Colour) -> Served:
    return Served(way, colour, msgpack=True)


def accepting(served: Served, path: str = "/", kind: str = MSGPACK) -> t.Any:
    return served.ask(path, headers={"Accept": kind})


def test_a_client_that_prefers_msgpack_gets_it(served: Served) -> None:
    def show() -> Order:
        return Order(1)

    served.add("/", show)
    response = accepting(served)
    assert (response.status_code, response.content_type) == (200, MSGPACK)
    assert (unpack(response.data), response.headers["Vary"]) == ({"id": 1}, "Accept")
    old = accepting(served, kind="application/x-msgpack")
    assert (old.content_type, unpack(old.data)) == ("application/x-msgpack", {"id": 1})


@pytest.mark.parametrize("kind", [None, "*/*", "application/json", "text/html", "application/msgpack;q=0"])
def test_others_get_json_and_never_a_406(served: Served, kind: str | None) -> None:
    def show() -> Order:
        return Order(1)

    served.add("/", show)
    response = served.ask("/", headers={} if kind is None else {"Accept": kind})
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert (response.data, response.headers["Vary"]) == (b'{"id":1}', "Accept")


def test_statuses_and_headers_are_those_of_json(served: Served) -> None:
    def show(oid: int) -> tuple[Order, Literal[201], dict[str, str]] | tuple[Gone, Literal[410]] | None:
        if oid == 7:
            return Gone("sold"), 410
        return (Order(oid), 201, {"Location": "/1", "Vary": "Origin"}) if oid else None

    served.add("/<int:oid>", show)
    response = accepting(served, "/1")
    assert (response.status_code, response.content_type, unpack(response.data)) == (201, MSGPACK, {"id": 1})
    assert (response.headers["Location"], response.headers.getlist("Vary")) == ("/1", ["Origin", "Accept"])
    response = accepting(served, "/7")
    assert (response.status_code, unpack(response.data)) == (410, {"reason": "sold"})
    response = accepting(served, "/0")
    assert (response.status_code, response.data, "Vary" in response.headers) == (204, b"", False)


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (Order, Secret(1), {"id": 1}),
        (Order, Row(), {"id": 1}),
        (list[Order], [Order(1), Secret(2)], [{"id": 1}, {"id": 2}]),
        (AsDataclass, SecretDataclass(1), {"id": 1}),
        (AsAttrs, AsAttrs(1), {"id": 1}),
        (AsDict, {"id": 1, "password": "secret"}, {"id": 1}),
        (AsModel, SecretModel(id=1), {"id": 1}),
        (AsModel, Row(), {"id": 1}),
        (list[AsModel], [AsModel(id=1), SecretModel(id=2)], [{"id": 1}, {"id": 2}]),
        (Holder, {"model": SecretModel(id=1), "password": "secret"}, {"model": {"id": 1}}),
        (dict[str, list[Order | None]], {"a": [Secret(1), None]}, {"a": [{"id": 1}, None]}),
        (int, 5, 5),
    ],
    ids=str,
)
def test_only_declared_fields_leave(served: Served, annotation: t.Any, value: t.Any, expected: t.Any) -> None:
    def show():  # type: ignore[no-untyped-def]
        return value

    show.__annotations__ = {"return": annotation}
    served.add("/", show)
    assert unpack(accepting(served).data) == expected == served.ask("/").json


def test_binary_data_and_timestamps_are_as_msgpack_has_them(served: Served) -> None:
    now = datetime.datetime(2026, 11, 30, 3, tzinfo=datetime.timezone.utc)

    class Parcel(msgspec.Struct):
        label: bytes
        sent: datetime.datetime

    def show():  # type: ignore[no-untyped-def]
        return Parcel(b"\xff", now)

    show.__annotations__ = {"return": Parcel}
    served.add("/", show)
    assert unpack(accepting(served).data) == {"label": b"\xff", "sent": now}
    assert served.ask("/").json == {"label": "/w==", "sent": "2026-11-30T03:00:00Z"}


def test_a_value_that_msgpack_cannot_have_is_json(served: Served) -> None:
    def show() -> Order:
        return Order(2**70)

    def models() -> tuple[AsModel, Literal[201]]:
        return AsModel(id=2**70), 201

    served.add("/", show)
    served.add("/models", models)
    for path, status in (("/", 200), ("/models", 201)):
        response = accepting(served, path)
        assert (response.status_code, response.content_type) == (status, "application/json")
        assert (response.json, response.headers["Vary"]) == ({"id": 2**70}, "Accept")


def test_raw_json_stays_json(served: Served) -> None:
    class Sealed(msgspec.Struct):
        inner: msgspec.Raw

    def show():  # type: ignore[no-untyped-def]
        return Sealed(msgspec.Raw(b"[1]"))

    def either(wants_raw: bool):  # type: ignore[no-untyped-def]
        return (Sealed(msgspec.Raw(b"[1]")), 201) if wants_raw else Order(1)

    show.__annotations__ = {"return": Sealed}
    either.__annotations__ |= {"return": Order | tuple[Sealed, Literal[201]]}
    served.add("/", show)
    served.add("/either", either)
    assert accepting(served).json == {"inner": [1]}
    assert accepting(served, "/either?wants_raw=true").json == {"inner": [1]}
    assert unpack(accepting(served, "/either?wants_raw=false").data) == {"id": 1}


def test_lines_responses_and_encoded_results_stay_as_they_are(way: str) -> None:
    served = Served(way, PLAIN, msgpack=True)

    def lines() -> cabc.Iterator[Order]:
        yield Order(1)

    def early() -> Order:
        return Response("early", 418)  # type: ignore[return-value]

    def encoded() -> Order:
        return Encoded(b"own", "text/own")  # type: ignore[return-value]

    for view in (lines, early, encoded):
        served.add(f"/{view.__name__}", view)
    response = accepting(served, "/lines")
    assert (response.mimetype, response.data) == ("application/jsonl", b'{"id":1}\n')
    assert accepting(served, "/early").text == "early"
    response = accepting(served, "/encoded")
    assert (response.content_type, response.data, "Vary" in response.headers) == ("text/own", b"own", False)


def test_errors_are_problems_in_json(served: Served) -> None:
    def show(size: int) -> Order:
        abort(404)

    served.add("/", show)
    for path, status in (("/?size=x", 422), ("/?size=1", 404), ("/nowhere", 404)):
        response = accepting(served, path)
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")


def test_vary_names_what_the_session_adds_too(served: Served) -> None:
    served.app.secret_key = "key"

    def show() -> Order:
        session["a"] = 1
        return Order(1)

    served.add("/", show)
    response = accepting(served)
    assert set(response.vary) == {"Accept", "Cookie"}
    assert "Set-Cookie" in response.headers


def test_methods_of_a_view_answer_by_accept_too(way: str) -> None:
    served = Served(way, PLAIN, msgpack=True)

    class Orders(views.MethodView):
        def get(self) -> Order:
            return Order(1)

        def post(self, order: AsDict) -> tuple[Order, Literal[201]]:
            return Order(order["id"]), 201

    served.app.add_url_rule("/", view_func=Orders.as_view("orders"))
    assert unpack(accepting(served).data) == {"id": 1}
    body = msgspec.msgpack.encode({"id": 3})
    response = served.ask("/", "POST", data=body, content_type=MSGPACK, headers={"Accept": MSGPACK})
    assert (response.status_code, unpack(response.data)) == (201, {"id": 3})


def test_an_api_that_does_not_say_so_sends_json_alone(way: str, colour: Colour) -> None:
    served = Served(way, colour)

    def show() -> Order:
        return Order(1)

    served.add("/", show)
    response = accepting(served)
    assert (response.content_type, "Vary" in response.headers) == ("application/json", False)


def test_such_an_api_takes_fewer_calls() -> None:
    from tests.architecture.test_hops import by_wsgi, calls_of_all

    def show() -> Order:
        return Order(1)

    def application(**options: t.Any) -> Erlen:
        app = Erlen("app", static_folder=None)
        Api(app, **options)
        app.add_url_rule("/", "show", show)
        return app

    plain, told, either = (
        calls_of_all(by_wsgi(application(**options), "/", method="GET", data=None))
        for options in ({}, {"msgpack": False}, {"msgpack": True})
    )
    assert plain == told < either
