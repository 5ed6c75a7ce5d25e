"""Queries are taken apart as the request does it."""

import typing as t
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen import Erlen, Request, request
from erlen.api.errors import Fault
from erlen.api.parameters import Parameter
from erlen.api.reading.queries import cookie_reader, header_reader, query_reader
from tests.serve.beside import examples

_app = Erlen("app")


def parameter(name: str, annotation: t.Any, where: str = "query") -> Parameter:
    return Parameter(name, annotation, where, "why", name, None)


_pairs = st.lists(st.tuples(st.sampled_from(("a", "b", "c", "")), st.text(max_size=4)), max_size=5)


@given(_pairs, st.booleans(), st.booleans())
@examples(200)
def test_texts_are_those_of_request_args(pairs: list[tuple[str, str]], escaped: bool, asked: bool) -> None:
    text = "&".join(f"{name}={quote(value) if escaped else value}" for name, value in pairs)
    environ = {"QUERY_STRING": text.encode("utf-8", "surrogatepass").decode("latin-1")}
    read = query_reader([parameter("a", str), parameter("b", list[str])])
    with _app.test_request_context("/", environ_overrides=environ):
        if asked:
            assert request.args is not None
        values: dict[str, t.Any] = {}
        read(values, [])
        assert values["a"] == request.args.get("a")
        assert (values["b"] or []) == request.args.getlist("b")


def test_a_request_class_with_a_query_of_its_own_is_asked() -> None:
    class Own(Request):
        @property
        def query_string(self) -> bytes:  # type: ignore[override]
            return b"a=own"

    app = Erlen("app", static_folder=None)
    app.request_class = Own
    values: dict[str, t.Any] = {}
    with app.test_request_context("/?a=given"):
        query_reader([parameter("a", str)])(values, [])
    assert values == {"a": "own"}


@pytest.mark.parametrize(("reader", "where"), [(header_reader, "header"), (cookie_reader, "cookie")])
def test_headers_and_cookies_are_texts(reader: t.Any, where: str) -> None:
    values: dict[str, t.Any] = {}
    faults: list[Fault] = []
    with _app.test_request_context("/", headers={"a": "1", "Cookie": "a=1"}):
        reader([parameter("a", int, where)])(values, faults)
    assert (values, faults) == ({"a": 1}, [])
