"""Views are called with what their annotations ask for, by both protocols and in both colours."""

import datetime
import enum
import io
import sys
import typing as t
import uuid
from typing import Annotated, Literal

import msgspec
import pytest
from werkzeug.datastructures import FileStorage

import erlen
from erlen import views
from erlen.api import Api, Body, Cookie, Form, Header, Meta, Query, SetupError
from tests.api.conftest import Served, faults_of


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Line(msgspec.Struct):
    product: Annotated[str, Meta(min_length=1)]
    count: int = 1


class Order(msgspec.Struct):
    customer: str
    lines: list[Line] = []


class Filter(msgspec.Struct):
    since: datetime.date | None = None
    tag: list[str] = []
    limit: Annotated[int, Meta(le=100)] = 10


# paths


def test_a_variable_is_converted_where_the_annotation_wants_more(served: Served) -> None:
    def show(number: Annotated[int, Meta(ge=10)], colour: Colour, day: datetime.date) -> str:
        return f"{number!r} {colour!r} {day!r}"

    served.add("/<int:number>/<colour>/<day>", show)

    assert served.ask("/10/red/2026-11-29").text == "10 <Colour.RED: 'red'> datetime.date(2026, 11, 29)"
    for path in ("/9/red/2026-11-29", "/10/green/2026-11-29", "/10/red/tomorrow"):
        assert served.ask(path).status_code == 404


def test_a_variable_without_annotation_is_left_alone(served: Served) -> None:
    def show(number, name) -> str:  # type: ignore[no-untyped-def]
        return f"{number!r} {name!r}"

    served.add("/<int:number>/<name>", show)
    assert served.ask("/1/2").text == "1 '2'"


def test_a_variable_of_another_rule_takes_its_default(served: Served) -> None:
    def show(page: int = 7) -> str:
        return f"{page}"

    served.add("/", show)
    served.app.add_url_rule("/<int:page>", "show")
    assert (served.ask("/").text, served.ask("/3").text, served.ask("/?page=5").text) == ("7", "3", "7")


def test_what_a_preprocessor_puts_into_the_call_is_kept(served: Served) -> None:
    def show(language: str, size: int = 1) -> str:
        return f"{language} {size}"

    served.add("/<language>", show)

    @served.app.url_value_preprocessor
    def add(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        values["size"] = 12  # type: ignore[index]

    assert served.ask("/en?size=3").text == "en 12"


def test_a_preprocessor_may_supply_what_nothing_else_does(served: Served) -> None:
    def show(user) -> str:  # type: ignore[no-untyped-def]
        return f"{user}"

    served.add("/<int:number>", show)

    @served.app.url_value_preprocessor
    def find(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        if values is not None:
            values["user"] = f"user {values.pop('number')}"

    assert served.ask("/7").text == "user 7"


def test_a_preprocessor_of_another_blueprint_supplies_nothing(way: str) -> None:
    app = erlen.Erlen("app", static_folder=None)
    one, other = erlen.Blueprint("one", "app"), erlen.Blueprint("other", "app")
    Api(one)
    one.add_url_rule("/", "show", _nothing_supplies)
    other.url_value_preprocessor(lambda endpoint, values: None)
    app.register_blueprint(one)
    app.register_blueprint(other)
    with pytest.raises(SetupError, match="Nothing supplies 'a'"):
        app.test_client(protocol=way).get("/")


# queries


@pytest.mark.parametrize(
    ("annotation", "query", "expected"),
    [
        (int, "v=5", 5),
        (int, "v=-5&v=6", -5),
        (float, "v=1.5", 1.5),
        (bool, "v=true", True),
        (bool, "v=0", False),
        (str, "v=", ""),
        (str, "v=nan", "nan"),
        (str, "v=a%20b%2Bc+d", "a b+c d"),
        (str, "v=%C3%A4", "ä"),
        (uuid.UUID, "v=12345678123456781234567812345678", uuid.UUID("12345678123456781234567812345678")),
        (datetime.date, "v=2026-11-29", datetime.date(2026, 11, 29)),
        (Colour, "v=blue", Colour.BLUE),
        (Literal["a", "b"], "v=b", "b"),
        (int | None, "v=5", 5),
        (list[int], "v=1&v=2", [1, 2]),
        (list[str], "v=a%26b&v=c", ["a&b", "c"]),
        (set[int], "v=1&v=1", {1}),
        (Annotated[int, Meta(ge=5)], "v=5", 5),
        (Annotated[int, Query("v")], "v=7", 7),
    ],
    ids=str,
)
def test_a_parameter_of_a_simple_type_comes_from_the_query(
    served: Served, annotation: t.Any, query: str, expected: t.Any
) -> None:
    seen = []

    def show(v) -> str:  # type: ignore[no-untyped-def]
        seen.append(v)
        return "x"

    show.__annotations__ = {"v": annotation, "return": str}
    served.add("/", show)
    assert served.ask(f"/?{query}").status_code == 200
    assert seen == [expected]
    assert type(seen[0]) is type(expected)


@pytest.mark.parametrize(
    ("annotation", "query"),
    [
        (int, ""),
        (int, "v="),
        (int, "v=x"),
        (int, "v=1.5"),
        (int, f"v={'9' * 5000}"),
        (float, "v=nan"),
        (float, "v=-Infinity"),
        (list[float], "v=1&v=inf"),
        (bool, "v=maybe"),
        (datetime.date, "v="),
        (Colour, "v=green"),
        (Annotated[int, Meta(ge=5)], "v=4"),
        (Annotated[list[int], Meta(max_length=1)], "v=1&v=2"),
        (list[int], "&".join(["v=x"] * 5000)),
        (str, ""),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_does_not_fit_is_named_and_not_shown(served: Served, annotation: t.Any, query: str) -> None:
    def show(v) -> str:  # type: ignore[no-untyped-def]
        return "x"

    show.__annotations__ = {"v": annotation, "return": str}
    served.add("/", show)

    response = served.ask(f"/?{query}")

    assert faults_of(response) == [("query", "v")]
    assert "green" not in response.text


def test_defaults_are_used_and_not_shared(served: Served) -> None:
    def show(size: int = 10, tag: list[str] = []) -> str:  # noqa: B006  # on purpose
        tag.append("x")
        return f"{size} {tag}"

    served.add("/", show)
    for _ in range(2):
        assert served.ask("/").text == "10 ['x']"
        assert served.ask("/?size=3&tag=a").text == "3 ['a', 'x']"
        assert served.ask("/?other=1").text == "10 ['x']"


def test_a_record_is_spread_over_the_query(served: Served) -> None:
    def show(wanted: Annotated[Filter, Query()]) -> str:
        return f"{wanted.since} {wanted.tag} {wanted.limit}"

    served.add("/", show)
    assert served.ask("/?since=2026-01-02&tag=a&tag=b&limit=5").text == "2026-01-02 ['a', 'b'] 5"
    assert served.ask("/").text == "None [] 10"
    assert faults_of(served.ask("/?since=x&limit=500")) == [("query", "since"), ("query", "limit")]


# headers and cookies


def test_headers_and_cookies(served: Served) -> None:
    def show(
        x_trace: Annotated[str, Header()],
        count: Annotated[int, Header("X-Count")] = 1,
        tags: Annotated[list[str], Header("X-Tags")] = [],  # noqa: B006  # it is copied
        theme: Annotated[str, Cookie()] = "light",
    ) -> str:
        return f"{x_trace} {count} {tags} {theme}"

    served.add("/", show)
    headers = {"X-Trace": "t", "X-Count": "5", "X-Tags": "a, b", "Cookie": "theme=dark"}
    assert served.ask("/", headers=headers).text == "t 5 ['a', 'b'] dark"
    assert served.ask("/", headers={"X-Trace": "t"}).text == "t 1 [] light"
    assert faults_of(served.ask("/", headers={"X-Count": "x"})) == [
        ("header", "x-trace"),
        ("header", "X-Count"),
    ]


# forms and files


def test_forms(served: Served) -> None:
    def show(
        name: Annotated[str, Form()],
        news: Annotated[bool, Form()] = False,
        age: Annotated[int | None, Form()] = None,
        tag: Annotated[list[str], Form()] = [],  # noqa: B006  # it is copied
    ) -> str:
        return f"{name} {news} {age} {tag}"

    served.add("/", show, ["POST"])
    data = {"name": "on", "news": "on", "age": "", "tag": ["a", "b"]}
    assert served.ask("/", "POST", data=data).text == "on True None ['a', 'b']"
    assert faults_of(served.ask("/", "POST", data={"name": "", "age": "x"})) == [
        ("form", "name"),
        ("form", "age"),
    ]


def test_a_record_is_spread_over_a_form(served: Served) -> None:
    def show(line: Annotated[Line, Form()]) -> str:
        return f"{line.product} {line.count}"

    served.add("/", show, ["POST"])
    assert served.ask("/", "POST", data={"product": "tea", "count": "3"}).text == "tea 3"
    assert faults_of(served.ask("/", "POST", data={"count": "x"})) == [("form", "product"), ("form", "count")]


def test_files_and_json_parts(served: Served) -> None:
    def show(picture: FileStorage, about: Line, more: list[FileStorage] = []) -> str:  # noqa: B006
        return f"{picture.filename} {picture.read().decode()} {about.product} {len(more)}"

    served.add("/", show, ["POST"])

    def form(**more: t.Any) -> dict[str, t.Any]:
        return {"picture": (io.BytesIO(b"bits"), "a.png"), "about": '{"product": "tea"}', **more}

    assert served.ask("/", "POST", data=form()).text == "a.png bits tea 0"
    two = [(io.BytesIO(b"1"), "b"), (io.BytesIO(b"2"), "c")]
    assert served.ask("/", "POST", data=form(more=two)).text == "a.png bits tea 2"
    assert faults_of(served.ask("/", "POST", data={"about": "{}"})) == [
        ("form", "picture"),
        ("form", "about"),
    ]
    assert served.ask("/", "POST", data=form(about="{")).status_code == 400


# bodies


def take(order: Order) -> str:
    return f"{order.customer} {[(line.product, line.count) for line in order.lines]}"


def test_a_record_comes_from_the_body(served: Served) -> None:
    served.add("/", take, ["POST"])
    body = {"customer": "ann", "lines": [{"product": "tea"}, {"product": "salt", "count": 2}]}
    assert served.ask("/", "POST", json=body).text == "ann [('tea', 1), ('salt', 2)]"
    assert served.send("/", b'{"customer": "ann"}', "application/vnd.shop+json").text == "ann []"


def test_every_fault_of_a_body_is_named(served: Served) -> None:
    served.add("/", take, ["POST"])
    body = {"customer": 5, "lines": [{"product": ""}, {}, 3, {"product": "a/b", "count": "x"}]}
    assert faults_of(served.ask("/", "POST", json=body)) == [
        ("body", "/customer"),
        ("body", "/lines/0/product"),
        ("body", "/lines/1/product"),
        ("body", "/lines/2"),
        ("body", "/lines/3/count"),
    ]


def test_faults_of_query_and_body_come_together_and_at_most_fifty(served: Served) -> None:
    def both(order: Order, size: int) -> str:
        return "x"

    served.add("/", both, ["POST"])
    assert faults_of(served.ask("/?size=x", "POST", json={})) == [("query", "size"), ("body", "/customer")]
    many = {"customer": "a", "lines": [{}] * 1000}
    assert len(faults_of(served.ask("/?size=1", "POST", json=many))) == 50


def test_a_whole_number_is_an_integer_however_it_is_written(served: Served) -> None:
    served.add("/", take, ["POST"])
    body = b'{"customer": "ann", "lines": [{"product": "tea", "count": 2.0}]}'
    assert served.send("/", body).text == "ann [('tea', 2)]"
    assert faults_of(served.send("/", body.replace(b"2.0", b"2.5"))) == [("body", "/lines/0/count")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"customer": "a"} x', 400),
        (b"\xef\xbb\xbf{}", 400),
        ('{"customer": "a"}'.encode("utf-16"), 400),
        (b'{"customer": "\xff"}', 400),
        (b'{"customer": "\\ud800"}', 400),
        (b'{"customer": NaN}', 400),
        (b'{"customer": "a", "lines": ' + b"[" * 20_000, 400),
        # Nobody wants it; Python 3.14 counts the bytes of the stack, which it does not fill.
        (
            b'{"customer": "a", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
            200 if sys.version_info >= (3, 14) else 400,
        ),
        (b'{"customer": ' + b"9" * 5_000 + b"}", 422),
        (b'{"customer": "a\\u0000"}', 200),
        (b'{"customer": "a", "customer": "b"}', 200),
        (b"null", 422),
        (b"[]", 422),
    ],
    ids=lambda value: str(value)[:40],
)
def test_hostile_bodies_have_their_answer(served: Served, body: bytes, status: int) -> None:
    served.add("/", take, ["POST"])
    response = served.send("/", body)
    assert response.status_code == status
    assert response.status_code == 200 or response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_json_by_another_type_is_refused(served: Served, kind: str) -> None:
    served.add("/", take, ["POST"])
    assert served.send("/", b'{"customer": "ann"}', kind).status_code == 415


def test_a_body_over_the_limit_is_refused(served: Served) -> None:
    served.app.config["MAX_CONTENT_LENGTH"] = 20
    served.add("/", take, ["POST"])
    assert served.send("/", b'{"customer": "' + b"a" * 100 + b'"}').status_code == 413


def test_an_optional_body_may_be_missing(served: Served) -> None:
    def show(order: Order | None = None) -> str:
        return "none" if order is None else order.customer

    served.add("/", show, ["POST"])
    assert served.ask("/", "POST").text == "none"
    assert served.ask("/", "POST", json={"customer": "ann"}).text == "ann"


def test_a_simple_type_may_be_the_body(served: Served) -> None:
    def show(numbers: Annotated[list[int], Body()]) -> str:
        return f"{sum(numbers)}"

    served.add("/", show, ["POST"])
    assert served.ask("/", "POST", json=[1, 2]).text == "3"
    assert faults_of(served.ask("/", "POST", json=[1, "x", None])) == [("body", "/1"), ("body", "/2")]


# views that are classes


def test_methods_of_a_view_have_their_own_parameters(way: str) -> None:
    from tests.protocols.web import COROUTINE

    served = Served(way, COROUTINE)

    class Orders(views.MethodView):
        def get(self, size: int = 10) -> list[int]:
            return [size]

        def post(self, order: Order) -> tuple[Order, Literal[201]]:
            return order, 201

    served.app.add_url_rule("/orders", view_func=Orders.as_view("orders"))
    assert served.ask("/orders?size=3").json == [3]
    response = served.ask("/orders", "POST", json={"customer": "ann"})
    assert (response.status_code, response.json) == (201, {"customer": "ann", "lines": []})
    assert faults_of(served.ask("/orders", "POST", json={})) == [("body", "/customer")]
    assert served.ask("/orders", "HEAD").status_code == 200


# what stays as it is


def test_a_view_without_annotations_is_called_as_in_flask(served: Served) -> None:
    def show():  # type: ignore[no-untyped-def]
        return "x", 201

    served.add("/", show)
    assert served.ask("/").status_code == 201
    assert served.api.typed(_route(served, "show"), served.app.view_functions["show"]) is None


def test_views_outside_of_the_scope_are_left_alone(way: str, colour: t.Any) -> None:
    app = erlen.Erlen("app", static_folder=None)
    inside, nested = erlen.Blueprint("inside", "app"), erlen.Blueprint("nested", "app")
    api = Api(inside)

    def show(size: int = 1) -> str:
        return f"{size}"

    inside.add_url_rule("/a", "show", colour(show))
    nested.add_url_rule("/b", "show", colour(show))
    inside.register_blueprint(nested)
    app.register_blueprint(inside)
    app.add_url_rule("/c", "show", colour(show))
    client = app.test_client(protocol=way)
    assert [client.get(f"/{name}?size=5").text for name in "abc"] == ["5", "5", "1"]
    assert app.extensions["erlen.api"] == [api]


def _route(served: Served, endpoint: str) -> t.Any:
    from types import SimpleNamespace

    rule = next(rule for rule in served.app.url_map.iter_rules() if rule.endpoint == endpoint)
    return SimpleNamespace(rule=rule, endpoint=endpoint, blueprints=[])


# errors at set-up


def _two_bodies(a: Order, b: Line) -> str: ...
def _body_on_get(a: Order) -> str: ...
def _nothing_supplies(a) -> str: ...  # type: ignore[no-untyped-def]
def _another_type(a: io.BytesIO) -> str: ...
def _unresolved(a: "Nowhere") -> str: ...  # type: ignore[name-defined]  # noqa: F821
def _wrong_status() -> tuple[Order, Literal["a"]]: ...
def _two_structs(a: Order | Line) -> str: ...
def _number_of_a_list(a: Annotated[list[Line], Meta(ge=1)]) -> str: ...
def _body_and_form(a: Order, b: Annotated[str, Form()]) -> str: ...


@pytest.mark.parametrize(
    ("view", "methods", "message"),
    [
        (_two_bodies, ["POST"], "two bodies: 'a' and 'b'"),
        (_body_on_get, ["GET"], "takes the body 'a' and answers GET, HEAD, OPTIONS only"),
        (_nothing_supplies, ["GET"], "Nothing supplies 'a'"),
        (_another_type, ["GET"], "Nothing supplies 'a'"),
        (_unresolved, ["GET"], "'a' in the view '_unresolved' \\(/\\) cannot be resolved"),
        (_wrong_status, ["GET"], "write one number, as in Literal\\[201\\]"),
        (_two_structs, ["POST"], "the view '_two_structs' .* all Struct types must be tagged"),
        (_number_of_a_list, ["POST"], "the view '_number_of_a_list' .* `ge` on a numeric type"),
        (_body_and_form, ["POST"], "has a body, 'a', and a form"),
    ],
)
def test_what_cannot_be_meant_is_an_error_before_a_request(
    way: str, view: t.Any, methods: t.Any, message: str
) -> None:
    from tests.protocols.web import PLAIN

    served = Served(way, PLAIN)
    ran = []
    served.app.before_request(lambda: ran.append(1))
    served.add("/", view, methods)
    with pytest.raises(SetupError, match=message):
        served.ask("/", methods[0])
    assert ran == []


@pytest.mark.parametrize(
    ("rule", "target"), [("/<name>", "/ann"), ("/broken", "/broken")], ids=["another variable", "no variable"]
)
def test_a_view_that_annotates_nothing_and_cannot_be_called_is_left_as_it_is(
    served: Served, rule: str, target: str
) -> None:
    def broken(x):  # type: ignore[no-untyped-def]
        raise AssertionError("It cannot be called.")

    served.add(rule, broken)
    served.add("/", lambda: erlen.url_for("broken", name="ann"), endpoint="index")
    assert served.ask("/").text.partition("?")[0] == target
    assert served.ask(target).status_code == 500


def test_one_that_annotates_anything_has_to_be_supplied(way: str) -> None:
    def broken(x, size: int = 1):  # type: ignore[no-untyped-def]
        raise AssertionError("It cannot be called.")

    app = erlen.Erlen("app", static_folder=None)
    Api(app)
    app.add_url_rule("/<name>", "broken", broken)
    with pytest.raises(SetupError, match="Nothing supplies 'x'"):
        app.test_client(protocol=way).get("/ann")


def test_a_parameter_with_a_default_that_nothing_supplies_keeps_it(served: Served) -> None:
    def show(stream: io.BytesIO | None = None, other="x") -> str:  # type: ignore[no-untyped-def]
        return f"{stream} {other}"

    served.add("/", show)
    assert served.ask("/?other=y").text == "None x"
