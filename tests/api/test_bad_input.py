"""Bad input has an answer, by both protocols: never a 500, no value shown, at most 50 faults."""

import datetime as dt
import decimal
import enum
import json
import typing as t
import uuid
from typing import Annotated
from urllib.parse import quote

import msgspec
import pytest
from msgspec import Meta
from werkzeug.datastructures import FileStorage

from erlen.api import Body, Cookie, Form, Header, Query, SetupError
from erlen.api.reading.bodies import MOST_NESTED
from tests.api.conftest import Served, faults_of
from tests.protocols.web import COROUTINE, PLAIN

pydantic = pytest.importorskip("pydantic")


class Colour(enum.Enum):
    RED = "red"


class Tree(msgspec.Struct):
    name: str
    children: "list[Tree]" = []


class Wide(msgspec.Struct):
    count: int = 0
    ratio: float = 0
    price: decimal.Decimal = decimal.Decimal(0)
    when: dt.datetime | None = None
    key: uuid.UUID | None = None
    anything: t.Any = None
    by_name: dict[str, int] = {}
    by_number: dict[float, t.Any] = {}
    pair: tuple[int, str] = (1, "a")


class Model(pydantic.BaseModel):
    name: str = ""
    anything: t.Any = None
    ratio: float = 0


TYPES: dict[str, t.Any] = {
    "Tree": Tree,
    "Wide": Wide,
    "dict": dict[str, t.Any],
    "anything": t.Any,
    "list": list[Wide],
    "pydantic": Model,
}
MANY = b"9" * 5_000
DEEP = 20_000


@pytest.fixture
def asked(way: str) -> Served:
    return Served(way, PLAIN if way == "wsgi" else COROUTINE)


def add(asked: Served, rule: str, annotation: t.Any, source: t.Any) -> list[t.Any]:
    """Add a view with one parameter; return the values that it gets."""
    seen: list[t.Any] = []

    def show(value):  # type: ignore[no-untyped-def]
        seen.append(value)
        return "x"

    show.__annotations__ = {"value": Annotated[annotation, source]}
    asked.add(rule, show, ["POST"], endpoint=rule)
    return seen


def takes(asked: Served, annotation: t.Any, source: t.Any) -> list[t.Any]:
    return add(asked, "/", annotation, source)


BODIES = {
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "broken lists": b"[" * DEEP,
    "deep objects": b'{"anything":' * DEEP + b"1" + b"}" * DEEP,
    "broken objects": b'{"anything":' * DEEP,
    "deep below a fault": b'{"name": 5, "anything": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep and unknown": b'{"name": "a", "unknown": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a deep tree": b'{"name": "a", "children": [' * DEEP + b"]}" * DEEP,
    "many digits": b'{"count": ' + MANY + b"}",
    "many digits elsewhere": b'{"name": "a", "anything": ' + MANY + b', "ratio": ' + MANY + b"}",
    "many digits for a decimal": b'{"price": ' + MANY + b"}",
    "many digits alone": MANY,
    "a large exponent": b'{"ratio": 1e999, "count": 1e999, "price": 1e999999999999999999999}',
    "NaN": b'{"ratio": NaN, "anything": NaN}',
    "Infinity": b'{"ratio": -Infinity}',
    "nan as a key": b'{"by_number": {"nan": 1, "Infinity": 2}}',
    "nan as a decimal": b'{"price": "NaN"}',
    "snan as a decimal, escaped": b'{"price": "s\\u004eaN"}',
    "a lone surrogate": b'{"name": "\\ud800", "anything": "\\udfff"}',
    "a lone surrogate as a key": b'{"\\ud800": 1}',
    "NUL": b'{"name": "\\u0000", "anything": "\\u0000", "\\u0000": 1}',
    "a raw NUL": b'{"name": "\x00"}',
    "a BOM": b'\xef\xbb\xbf{"name": "a"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "invalid UTF-8": b'{"name": "\xff\xfe", "anything": "\xc0\x80"}',
    "invalid UTF-8 as a key": b'{"\xff": 1}',
    "duplicate keys": b'{"name": 5, "name": "a", "count": "x", "count": 1}',
    "an empty body": b"",
    "trailing text": b'{"name": "a"} x',
    "two values": b"{}{}",
    "spaces": b"   ",
    "a moment out of range": b'{"when": "9999-12-31T23:59:59.9999999-23:59"}',
    "a pair that is too long": b'{"pair": [' + b"1," * 5_000 + b"1]}",
}


@pytest.mark.parametrize("body", BODIES)
def test_no_body_is_an_error_of_the_server(asked: Served, body: str) -> None:
    for number, annotation in enumerate(TYPES.values()):
        add(asked, f"/{number}", annotation, Body())
    for number, kind in enumerate(TYPES):
        response = asked.send(f"/{number}", BODIES[body])
        assert response.status_code in (200, 400, 422), kind
        if response.status_code != 200:
            assert response.mimetype == "application/problem+json"
            assert len(response.data) < 20_000
            assert b"9999999999" not in response.data
        if response.status_code == 422:
            assert 1 <= len(response.json["errors"]) <= 50


@pytest.mark.parametrize("name", ["nan as a key", "nan as a decimal", "snan as a decimal, escaped"])
def test_what_is_no_number_is_no_number_in_a_text_either(asked: Served, name: str) -> None:
    takes(asked, Wide, Body())
    places = {"nan as a key": ["/by_number/nan", "/by_number/Infinity"]}.get(name, ["/price"])
    assert faults_of(asked.send("/", BODIES[name])) == [("body", place) for place in places]


@pytest.mark.parametrize("depth", [50, 100, 101, 150, 300, 900])
def test_a_tree_that_can_be_read_can_be_sent(asked: Served, depth: int) -> None:
    def echo(tree: Tree) -> Tree:
        return tree

    asked.add("/", echo, ["POST"])
    body = b'{"name":"a]}[{\\"","children":[' * depth + b"]}" * depth
    response = asked.send("/", body)
    assert response.status_code == (200 if 2 * depth <= MOST_NESTED else 400)
    assert response.status_code == 400 or response.json == json.loads(body)


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded"]
)
def test_what_another_site_may_send_is_no_json(asked: Served, kind: str) -> None:
    seen = takes(asked, Tree, Body())
    assert asked.send("/", b'{"name": "a"}', kind).status_code == 415
    assert seen == []


# texts

TEXTS = {
    "many digits": MANY.decode(),
    "many digits and a point": MANY.decode() + ".5",
    "a large exponent": "1e999999999999999999",
    "nan": "nan",
    "-inf": "-inf",
    "Infinity": "Infinity",
    "sNaN": "sNaN",
    "a surrogate": "\ud800",
    "NUL": "\0",
    "a BOM": "\ufeff5",
    "much": "x" * 5_000,
    "empty": "",
    "nesting": "[" * 1_000,
}
SIMPLE: dict[str, t.Any] = {
    "int": int,
    "a limited int": Annotated[int, Meta(ge=0, le=9)],
    "float": float,
    "Decimal": decimal.Decimal,
    "datetime": dt.datetime,
    "date": dt.date,
    "time": dt.time,
    "timedelta": dt.timedelta,
    "UUID": uuid.UUID,
    "Enum": Colour,
    "Literal": t.Literal["a", "b"],
    "bool": bool,
    "bytes": bytes,
    "an optional one": int | None,
    "a union": int | float | bool,
}


def escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


SOURCES: tuple[t.Any, ...] = (Query(), Form(), Cookie(), Header())


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_is_an_error_of_the_server(asked: Served, text: str) -> None:
    for kind, annotation in enumerate(SIMPLE.values()):
        for number, source in enumerate(SOURCES):
            add(asked, f"/{kind}/{number}", annotation, source)
    for number, kind in enumerate(SIMPLE):
        no_text_is_an_error(asked, f"/{number}", kind, TEXTS[text])


def no_text_is_an_error(asked: Served, at: str, kind: str, whole: str) -> None:
    as_header = whole.encode("utf-8", "surrogatepass").decode("latin-1").replace("\0", "")
    answers = [
        asked.ask(f"{at}/0?value={escaped(whole)}", "POST"),
        asked.send(f"{at}/1", f"value={escaped(whole)}".encode(), "application/x-www-form-urlencoded"),
        asked.ask(f"{at}/2", "POST", headers={"Cookie": f"value={as_header}"}),
        asked.ask(f"{at}/3", "POST", headers={"Value": as_header}),
    ]
    for response in answers:
        if response.status_code != 200:
            assert response.status_code == 422
            assert len(response.json["errors"]) == 1
            assert whole[:20] == "" or whole[:20] not in response.json["errors"][0]["detail"]
        else:
            # What every one of these types may read.
            assert kind in ("Decimal", "float", "bytes", "int", "an optional one", "a union")
    if whole.lower().lstrip("-s") in ("nan", "inf", "infinity") and kind != "bytes":
        assert {response.status_code for response in answers} == {422}


@pytest.mark.parametrize(
    "text", ["nan", "-inf", MANY.decode(), "%ED%A0%80", "%00", "%FF"], ids=lambda text: text[:6]
)
def test_a_variable_that_does_not_fit_is_not_found(asked: Served, text: str) -> None:
    def show(value: float, other: int = 1) -> str:
        return "x"

    asked.add("/<value>", show)
    assert asked.ask(f"/{text}").status_code in ((200, 404) if text[0] == "9" else (404,))


@pytest.mark.parametrize("where", ["query", "form", "header"])
def test_thousands_of_values(asked: Served, where: str) -> None:
    source: t.Any = {"query": Query(), "form": Form(), "header": Header()}[where]
    seen = takes(asked, list[int], source)
    for text, status in (("7", 200), ("secret", 422)):
        pairs = "&".join([f"value={text}"] * 5_000)
        if where == "query":
            response = asked.ask(f"/?{pairs}", "POST")
        elif where == "form":
            response = asked.send("/", pairs.encode(), "application/x-www-form-urlencoded")
        else:
            response = asked.ask("/", "POST", headers={"Value": ",".join([text] * 5_000)})
        assert response.status_code in (status, 413)  # forms have a limit of their own
        assert b"secret" not in response.data
        assert len(response.data) < 5_000
    assert seen in ([], [[7] * 5_000])


def test_parameters_that_come_twice(asked: Served) -> None:
    seen = takes(asked, int, Query())
    assert asked.ask("/?value=1&value=x", "POST").status_code == 200
    assert asked.ask("/?value=x&value=1", "POST").status_code == 422
    assert seen == [1]


# forms with parts


@pytest.mark.parametrize("body", BODIES)
def test_no_part_is_an_error_of_the_server(asked: Served, body: str) -> None:
    def show(picture: FileStorage, about: Wide) -> str:
        return "x"

    asked.add("/", show, ["POST"])
    for disposition in ('name="about"', 'name="about"; filename="a.json"'):
        response = asked.send("/", _form(BODIES[body], disposition), "multipart/form-data; boundary=b")
        assert response.status_code in (200, 400, 422, 413)
        assert b"9999999999" not in response.data
        if response.status_code == 422:
            assert {fault["in"] for fault in response.json["errors"]} == {"form"}


def _form(part: bytes, disposition: str) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\nbits\r\n'
    return (
        head
        + f"--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode()
        + part
        + b"\r\n--b--\r\n"
    )


def test_every_kind_of_body_has_the_limit(asked: Served) -> None:
    asked.app.config["MAX_CONTENT_LENGTH"] = 1_000

    def json_body(tree: Tree) -> str:
        return "x"

    def form_body(name: Annotated[str, Form()]) -> str:
        return "x"

    def part_body(picture: FileStorage, about: Tree) -> str:
        return "x"

    asked.add("/json", json_body, ["POST"])
    asked.add("/form", form_body, ["POST"])
    asked.add("/part", part_body, ["POST"])
    large = json.dumps({"name": "a" * 2_000}).encode()
    assert asked.send("/json", large).status_code == 413
    assert (
        asked.send("/form", b"name=" + b"a" * 2_000, "application/x-www-form-urlencoded").status_code == 413
    )
    form = _form(large, 'name="about"')
    assert asked.send("/part", form, "multipart/form-data; boundary=b").status_code == 413
    assert asked.send("/json", b'{"name": "a"}').text == "x"


def test_at_most_fifty_faults_come_from_all_parts_together(asked: Served) -> None:
    def show(
        trees: list[Tree], one: int, two: Annotated[int, Header()], three: Annotated[int, Cookie()]
    ) -> str:
        return "x"

    asked.add("/", show, ["POST"])
    response = asked.ask("/?one=x", "POST", json=[{"name": 5}] * 1_000)
    assert len(faults_of(response)) == 50
    assert faults_of(response)[:4] == [
        ("query", "one"),
        ("header", "two"),
        ("cookie", "three"),
        ("body", "/0/name"),
    ]


# errors at set-up


def _crashing(value: Annotated[tuple[int, str] | Annotated[str, Meta(max_length=5)], Body()]) -> str: ...
def _crashing_below(value: dict[str, list[tuple[int, str] | Annotated[int, Meta(ge=5)]]]) -> str: ...
def _two_untagged(value: Tree | Wide) -> str: ...
def _two_texts(value: dt.date | uuid.UUID) -> str: ...
def _text_of_a_record(value: Annotated[dict[bytes, tuple[Tree, ...]] | Tree, Header()]) -> str: ...


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (_crashing, "'value' in the view '_crashing' .* crashes msgspec"),
        (_crashing_below, "crashes msgspec"),
        (_two_untagged, "'value' in the view '_two_untagged' .* cannot be read: .* must be tagged"),
        (_two_texts, "cannot be read: .* more than one str-like type"),
        (_text_of_a_record, "cannot be read"),
    ],
)
def test_a_type_that_cannot_be_read_is_an_error_at_set_up(asked: Served, view: t.Any, message: str) -> None:
    asked.add("/", view, ["POST"])
    with pytest.raises(SetupError, match=message):
        asked.send("/", b"1")
