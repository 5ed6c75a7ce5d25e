"""MessagePack is read as strictly as JSON, by both protocols and in both colours."""

import contextlib
import dataclasses
import datetime
import decimal
import enum
import typing as t
import uuid
from typing import Annotated

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import NotRequired, TypedDict

from erlen.api import Meta
from erlen.api.errors import Fault, MalformedBody
from erlen.api.parameters import Parameter
from erlen.api.reading.bodies import body_reader
from erlen.api.reading.msgpack import MsgpackDecoder, reader_of_either
from tests.api.conftest import Served, faults_of
from tests.depths import TOO_DEEP
from tests.protocols.web import Colour
from tests.serve.beside import examples

pydantic = pytest.importorskip("pydantic")
MSGPACK = "application/msgpack"
pack = msgspec.msgpack.encode


class Line(msgspec.Struct):
    product: Annotated[str, Meta(min_length=1)]
    count: int = 1


class Order(msgspec.Struct):
    customer: str
    lines: list[Line] = []


@dataclasses.dataclass
class AsDataclass:
    customer: str
    lines: list[Line] = dataclasses.field(default_factory=list)


@attrs.define
class AsAttrs:
    customer: str
    lines: list[Line] = attrs.field(factory=list)


class AsDict(TypedDict):
    customer: str
    lines: NotRequired[list[Line]]


class ModelLine(pydantic.BaseModel):
    product: Annotated[str, pydantic.Field(min_length=1)]
    count: int = 1


class AsModel(pydantic.BaseModel):
    customer: str
    lines: list[ModelLine] = []


class Colours(enum.Enum):
    RED = "red"


class Parcel(msgspec.Struct):
    label: bytes
    sent: datetime.datetime
    weight: float
    id: uuid.UUID
    price: decimal.Decimal
    day: datetime.date
    colour: Colours
    note: Annotated[str, Meta(max_length=10)] | None = None


class Open(msgspec.Struct):
    more: t.Any = None
    by_number: dict[int, float] = {}


@pytest.fixture
def served(way: str, colour: Colour) -> Served:
    return Served(way, colour, msgpack=True)


def take(order: Order) -> str:
    return f"{order.customer} {[(line.product, line.count) for line in order.lines]}"


@pytest.mark.parametrize("kind", [MSGPACK, "application/vnd.msgpack", "application/x-msgpack"])
def test_a_body_may_be_msgpack(served: Served, kind: str) -> None:
    served.add("/", take, ["POST"])
    body = {"customer": "ann", "lines": [{"product": "tea"}, {"product": "salt", "count": 2}]}
    assert served.send("/", pack(body), kind).text == "ann [('tea', 1), ('salt', 2)]"
    assert served.ask("/", "POST", json=body).text == "ann [('tea', 1), ('salt', 2)]"


@pytest.mark.parametrize("cls", [Order, AsDataclass, AsAttrs, AsDict, AsModel])
def test_every_kind_of_record_names_the_faults_of_json(served: Served, cls: t.Any) -> None:
    def show(order):  # type: ignore[no-untyped-def]
        return str(order["customer"] if isinstance(order, dict) else order.customer)

    show.__annotations__ = {"order": cls, "return": str}
    served.add("/", show, ["POST"])
    assert served.send("/", pack({"customer": "ann"}), MSGPACK).text == "ann"
    wrong = {
        "customer": 5,
        "lines": [{"product": ""}, {}, 3, {"product": "a", "count": "x"}, {"product": "b"}],
    }
    expected = [
        ("body", "/customer"),
        ("body", "/lines/0/product"),
        ("body", "/lines/1/product"),
        ("body", "/lines/2"),
        ("body", "/lines/3/count"),
    ]
    assert faults_of(served.send("/", pack(wrong), MSGPACK)) == expected
    assert faults_of(served.ask("/", "POST", json=wrong)) == expected


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 422),  # the number 123
        (b"\xc1", 400),
        (pack({"customer": "a"}) + b"x", 400),
        (pack({"customer": "a"})[:-1], 400),
        (b"\x81\xa8customer\xa1\xff", 400),
        (b"\x81\xa1\xff\x01", 400),
        (b"\x82\xa8customer\xa1a\xa5lines" + b"\x91" * TOO_DEEP, 400),
        (b"\x82\xa8customer\xa1a\xa1x" + b"\x91" * TOO_DEEP + b"\xc0", 400),
        (b"\x82\xa8customer\xa1a\xa1x" + b"\x81\xa1a" * TOO_DEEP + b"\xc0", 400),
        (b"\x82\xa8customer\xa1a\xa5lines\xdd\xff\xff\xff\xff", 400),
        (b"\xdf\xff\xff\xff\xff", 400),
        (b"\x81\xa8customer\xdb\xff\xff\xff\xff", 400),
        (b"\x81\xa8customer\xc6\xff\xff\xff\xff", 400),
        (b"\x81\xa8customer\xc9\xff\xff\xff\xff\x05", 400),
        (b"\x81\xa8customer\xc7\x01\x05x", 422),
        (b"\x82\xa8customer\xa1a\xa1x\xc7\x0c\xff" + b"\xff" * 12, 200),  # a bad timestamp that nobody reads
        (b"\x81\xa8customer\xc7\x0c\xff" + b"\xff" * 12, 400),
        (pack({"customer": b"a"}), 422),
        (pack({b"customer": "a"}), 422),
        (pack({"customer": "a", 1: 2}), 422),
        (b"\x82\xa8customer\xa1a\x91\x01\x01", 422),
        (b"\x82\xa8customer\xa1a\x80\x01", 400),  # an object as a key
        (b"\x82\xa8customer\xa1a\xa8customer\xa1b", 200),
        (pack({"customer": "a\0"}), 200),
        (b"\x82\xa8customer\xa1a\xa5lines\x91\x82\xa7product\xa1b\xa5count\xcf" + b"\xff" * 8, 200),
        (pack({"customer": "a", "lines": [{"product": "b", "count": 2.0}]}), 200),
        (pack({"customer": "a", "lines": [{"product": "b", "count": float("nan")}]}), 422),
        (pack({"customer": "a", "x": float("inf")}), 422),
        (pack(None), 422),
        (pack([]), 422),
        (b'{"customer": "a"}', 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_hostile_bodies_have_their_answer(served: Served, body: bytes, status: int) -> None:
    served.add("/", take, ["POST"])
    response = served.send("/", body, MSGPACK)
    assert response.status_code == status
    assert response.status_code == 200 or response.mimetype == "application/problem+json"


def test_a_body_over_the_limit_is_refused(served: Served) -> None:
    served.app.config["MAX_CONTENT_LENGTH"] = 20
    served.add("/", take, ["POST"])
    assert served.send("/", pack({"customer": "a" * 100}), MSGPACK).status_code == 413


def test_at_most_fifty_faults_are_named(served: Served) -> None:
    served.add("/", take, ["POST"])
    wrong = [{}] * 1000, [float("nan")] * 1000
    for lines in wrong:
        assert len(faults_of(served.send("/", pack({"customer": "a", "lines": lines}), MSGPACK))) == 50


def test_an_optional_body_may_be_missing(served: Served) -> None:
    def show(order: Order | None = None) -> str:
        return "none" if order is None else order.customer

    served.add("/", show, ["POST"])
    assert served.send("/", b"", MSGPACK).text == "none"
    assert served.send("/", pack({"customer": "ann"}), MSGPACK).text == "ann"


def test_what_a_preprocessor_puts_into_the_call_is_kept(served: Served) -> None:
    served.add("/", take, ["POST"])

    @served.app.url_value_preprocessor
    def add(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        values["order"] = Order("bob")  # type: ignore[index]

    assert served.send("/", pack({"customer": "ann"}), MSGPACK).text == "bob []"


def test_another_type_is_refused_with_the_names_of_both(served: Served) -> None:
    served.add("/", take, ["POST"])
    response = served.send("/", pack({"customer": "ann"}), "text/plain")
    assert response.status_code == 415
    assert response.json["detail"] == "This address takes application/json or application/msgpack."


def test_an_api_that_does_not_say_so_takes_json_alone(way: str, colour: Colour) -> None:
    served = Served(way, colour)
    served.add("/", take, ["POST"])
    response = served.send("/", pack({"customer": "ann"}), MSGPACK)
    assert response.status_code == 415
    assert response.json["detail"] == "This address takes application/json."


def test_without_msgpack_the_reader_is_that_of_json() -> None:
    parameter = Parameter("order", Order, "body", "why")
    assert reader_of_either([parameter]).__code__ is body_reader([parameter]).__code__


# values


def decoded(annotation: t.Any, data: bytes) -> tuple[t.Any, list[str]]:
    faults: list[Fault] = []
    value = MsgpackDecoder(Parameter("a", annotation, "body", "why")).decode(data, faults)
    return value, [fault.at for fault in faults]


PARCEL = Parcel(
    b"\x00\xff",
    datetime.datetime(2026, 11, 30, 3, tzinfo=datetime.timezone.utc),
    1.5,
    uuid.UUID(int=7),
    decimal.Decimal("1.10"),
    datetime.date(2026, 11, 30),
    Colours.RED,
)


def test_binary_data_and_timestamps_are_as_msgpack_has_them() -> None:
    assert decoded(Parcel, pack(PARCEL)) == (PARCEL, [])


def test_they_may_be_text_as_in_json() -> None:
    assert decoded(Parcel, pack(msgspec.to_builtins(PARCEL))) == (PARCEL, [])


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (dict[int, str], {1: "a"}, {1: "a"}),
        (dict[float, str], {1.5: "a"}, {1.5: "a"}),
        (dict[str, t.Any], {"a": [1, None, b"x"]}, {"a": [1, None, b"x"]}),
        (Open, {"more": {"a": 1}, "by_number": {2: 1}}, Open({"a": 1}, {2: 1.0})),
        (list[float], [1], [1.0]),
        (list[str], ["\xca\x7f\xff"], ["\xca\x7f\xff"]),
        (list[bytes], [b"\xcb\x7f\xf8"], [b"\xcb\x7f\xf8"]),
        (list[AsModel], [{"customer": "a"}], [AsModel(customer="a")]),
    ],
    ids=str,
)
def test_values_that_json_could_have_are_taken(annotation: t.Any, value: t.Any, expected: t.Any) -> None:
    assert decoded(annotation, pack(value)) == (expected, [])


@pytest.mark.parametrize(
    ("annotation", "body", "at"),
    [
        (Open, pack({"more": float("nan")}), ["/more"]),
        (Open, pack({"more": {"a/b": [0, float("-inf")]}}), ["/more/a~1b/1"]),
        (Open, pack({"by_number": {1: float("inf")}}), ["/by_number/1"]),
        (dict[str, t.Any], pack({"a": {1: 2}}), ["/a"]),
        (dict[float, str], pack({float("inf"): "a"}), ["/inf"]),
        (Open, b"\x81\xa4more\x81\x91\x01\x01", ["/more"]),
        (Open, b"\x81\xa4more\xc7\x01\x05x", ["/more"]),
        (dict[str, float], b"\x81\xa1a\xca\x7f\xc0\x00\x00", ["/a"]),
        (list[decimal.Decimal], pack([float("nan")]), ["/0"]),
        (list[str], pack([b"x", datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)]), ["/0", "/1"]),
        (list[Line], pack([b"x"]), ["/0"]),
        (AsModel, pack({"customer": b"ann"}), ["/customer"]),
        (AsModel, pack({"customer": "ann", "x": float("nan")}), ["/x"]),
        (AsModel, b"\x81\x01\x01", [""]),
    ],
    ids=str,
)
def test_values_that_json_has_not_are_faults(annotation: t.Any, body: bytes, at: list[str]) -> None:
    assert decoded(annotation, body)[1] == at


@pytest.mark.parametrize("body", [b"\x91" * TOO_DEEP + b"\xc0", b"\x81\x80\x01", b"\xc1"], ids=len)
@pytest.mark.parametrize("annotation", [t.Any, AsModel, dict[str, t.Any], list[t.Any]], ids=str)
def test_what_is_no_msgpack_or_too_deep_is_malformed(annotation: t.Any, body: bytes) -> None:
    with pytest.raises(MalformedBody) as error:
        decoded(annotation, body)
    assert error.value.description == "The body is not MessagePack."


# The bytes with which arrays, maps, extensions, floats and long values begin come often.
_BEGINNINGS = st.sampled_from([*range(0x80, 0xA2), *range(0xC0, 0xE0)]) | st.integers(0, 255)


@given(st.binary(max_size=40) | st.lists(_BEGINNINGS, max_size=30).map(bytes))
@examples(500)
def test_any_bytes_have_an_answer(data: bytes) -> None:
    for annotation in (Order, AsModel, Open, Parcel, list[Order], dict[str, t.Any], t.Any):
        with contextlib.suppress(MalformedBody):
            decoded(annotation, data)


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["customer", "lines", "product", "count", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_json)
@examples(300)
def test_the_same_data_is_taken_or_refused_alike_as_json_and_as_msgpack(data: t.Any) -> None:
    from erlen.api.reading.bodies import BodyDecoder

    for annotation in (Order, AsDict, AsModel, Open, dict[str, t.Any], list[Line]):
        parameter = Parameter("a", annotation, "body", "why")
        by_json: list[Fault] = []
        by_msgpack: list[Fault] = []
        value = BodyDecoder(parameter).decode(msgspec.json.encode(data), by_json)
        assert MsgpackDecoder(parameter).decode(pack(data), by_msgpack) == value
        assert [fault.at for fault in by_msgpack] == [fault.at for fault in by_json]


_parcels = st.builds(
    Parcel,
    st.binary(max_size=20),
    st.datetimes(timezones=st.just(datetime.timezone.utc)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.uuids(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.dates(),
    st.sampled_from(Colours),
    st.none() | st.text(max_size=10),
)


@given(st.lists(_parcels, max_size=3))
@examples(100)
def test_values_survive_the_way_out_and_in(parcels: list[Parcel]) -> None:
    from erlen.api.outgoing import Encoder, write_msgpack

    assert decoded(list[Parcel], Encoder(list[Parcel], write_msgpack).encode(parcels)) == (parcels, [])
