"""Bodies are decoded as one type; pydantic's models by pydantic."""

import contextlib
import typing as t

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen import Request, request
from erlen.api.errors import Fault, MalformedBody
from erlen.api.parameters import Parameter
from erlen.api.reading.bodies import BodyDecoder, nesting
from tests.api.conftest import Served
from tests.depths import TOO_DEEP
from tests.serve.beside import examples

pydantic = pytest.importorskip("pydantic")


class Order(msgspec.Struct):
    name: str
    count: int = 1


class Model(pydantic.BaseModel):
    name: str
    count: int = 1


def decoded(annotation: t.Any, data: bytes) -> tuple[t.Any, list[str]]:
    faults: list[Fault] = []
    value = BodyDecoder(Parameter("a", annotation, "body", "why")).decode(data, faults)
    return value, [fault.at for fault in faults]


@pytest.mark.parametrize("cls", [Order, Model])
def test_values_and_faults_are_the_same_for_structs_and_models(cls: t.Any) -> None:
    value, faults = decoded(cls, b'{"name": "a", "count": 2}')
    assert (value.name, value.count, faults) == ("a", 2, [])
    assert decoded(cls, b'{"count": "x"}')[1] == ["/name", "/count"] or set(
        decoded(cls, b'{"count": "x"}')[1]
    ) == {
        "/name",
        "/count",
    }
    assert decoded(list[cls], b'[{"name": 1}, {"name": "a"}, {}]')[1] == ["/0/name", "/2/name"]
    with pytest.raises(MalformedBody):
        decoded(cls, b"{")


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,01.a\\ue', max_size=30).map(str.encode))
@examples(300)
def test_any_bytes_have_an_answer(data: bytes) -> None:
    for annotation in (Order, Model, list[Order], dict[str, int]):
        with contextlib.suppress(MalformedBody):
            decoded(annotation, data)


class Anything(pydantic.RootModel[t.Any]):
    """A model that takes whatever its parser takes."""


class Wide(msgspec.Struct):
    """A record beside whose fields a body may have others, of any depth."""

    lines: list[Order] = []


@given(st.text(alphabet='{}[]":,-+01.eENaIinfty\\u ', max_size=25).map(str.encode))
@examples(2000)
def test_models_of_pydantics_take_no_more_texts_than_structs(data: bytes) -> None:
    """Only what has the letters of NaN and Infinity is looked at twice."""
    try:
        value, faults = decoded(Anything, data)
    except MalformedBody:
        return
    assert value is not None
    assert not faults
    msgspec.json.Decoder(msgspec.Raw).decode(data)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "[NaN]", '{"a": Infinity}'])
def test_numbers_that_json_does_not_have_are_no_json_for_pydantic_either(text: str) -> None:
    with pytest.raises(MalformedBody):
        decoded(Anything, text.encode())


@pytest.mark.parametrize("further", [b"[" * TOO_DEEP, b"[" * TOO_DEEP + b"]" * TOO_DEEP])
def test_fields_that_nobody_declared_may_not_be_nested_without_an_end(further: bytes) -> None:
    with pytest.raises(MalformedBody):
        decoded(Wide, b'{"lines": [], "other": ' + further + b"}")


_orders = st.builds(Order, st.text(max_size=5), st.integers(-(2**40), 2**40))


@given(_orders)
@examples(100)
def test_values_survive_the_way_in_and_out(order: Order) -> None:
    from erlen.api.outgoing import Encoder

    assert decoded(Order, Encoder(Order).encode(order)) == (order, [])


def test_a_view_reads_the_body_of_the_request_that_was_read_for_it(served: t.Any) -> None:
    def create(order: Order) -> dict[str, t.Any]:
        return {
            "name": order.name,
            "data": request.get_data(as_text=True),
            "json": request.json,
            "form": len(request.form),
        }

    def add_length(response: t.Any) -> t.Any:
        response.headers["X-Length"] = len(request.data)
        return response

    served.app.after_request(add_length)
    served.add("/orders", create, ["POST"])
    body = b'{"name": "a", "count": 2}'
    answer = served.send("/orders", body)
    assert answer.json == {
        "name": "a",
        "data": body.decode(),
        "json": {"name": "a", "count": 2},
        "form": 0,
    }
    assert answer.headers["X-Length"] == str(len(body))


def test_a_body_over_the_limit_is_refused(served: t.Any) -> None:
    def create(order: Order) -> Order:
        return order

    served.add("/orders", create, ["POST"])
    served.app.config["MAX_CONTENT_LENGTH"] = 20
    assert served.send("/orders", b'{"name": "a"}').status_code == 200
    assert served.send("/orders", b'{"name": "' + b"a" * 20 + b'"}').status_code == 413


def test_an_empty_body_is_no_json(served: t.Any) -> None:
    def create(order: Order) -> Order:
        return order

    def perhaps(order: t.Optional[Order] = None) -> Order:  # noqa: UP045
        return order or Order("default")

    served.add("/orders", create, ["POST"])
    served.add("/perhaps", perhaps, ["POST"])
    assert served.send("/orders", b"").status_code == 400
    assert served.send("/perhaps", b"").json == {"name": "default", "count": 1}


QUOTES = b'\\"' * 300_000


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[" * 201 + b'"' + QUOTES, 201),
        (b"[" * 201 + b'"' + QUOTES + b"\\", 201),
        (b"[]" * 150 + b'"' + b"[" * 300, 1),
        (b'["[[", "\\"[[["]' + b"[" * 198, 198),
        (b"[" * 300 + b"]" * 300, 201),
        (b"[" * 200 + b"]" * 200, 0),
    ],
    ids=["a text without an end", "an escape without an end", "brackets in it", "texts", "deep", "not deep"],
)
def test_brackets_outside_of_texts_are_counted_in_one_pass(data: bytes, expected: int) -> None:
    """A pattern that went back from the end of a text would take hours."""
    assert nesting(data) == expected


class Limited(Request):
    max_content_length = 12  # type: ignore[assignment]


class LimitedByProperty(Request):
    @property
    def max_content_length(self) -> int:  # type: ignore[override]
        return 12


@pytest.mark.parametrize("limited", [Limited, LimitedByProperty])
def test_a_limit_of_the_request_class_holds(served: Served, limited: type[Request]) -> None:
    served.app.request_class = limited

    def create(new: dict[str, int]) -> dict[str, int]:
        return new

    served.add("/", create, ["POST"])
    for _ in range(2):  # the first fills the plan
        assert served.send("/", b'{"count": 1}').status_code == 200
        assert served.send("/", b'{"count": 11}').status_code == 413
