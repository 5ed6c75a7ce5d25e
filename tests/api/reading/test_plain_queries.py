"""Plain queries give what the general reader gives."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from erlen import Erlen
from erlen.api.errors import Fault
from erlen.api.parameters import NOTHING, Parameter
from erlen.api.reading.plain_queries import plain_query_reader
from erlen.api.reading.queries import query_reader
from tests.serve.beside import examples

APP = Erlen("app", static_folder=None)


def parameter(name: str, annotation: t.Any, default: t.Any = NOTHING) -> Parameter:
    return Parameter(name, annotation, "query", "why", name, default)


SEARCH = [
    parameter("size", t.Annotated[int, Meta(ge=1, le=1000)], 10),
    parameter("least", float, 0.0),
    parameter("active", bool, False),
    parameter("name", t.Annotated[str, Meta(max_length=8)]),
]
TEXTS = st.one_of(
    st.integers(-3, 1200).map(str),
    st.floats(allow_nan=False).map(str),
    st.sampled_from(
        ["", "true", "false", "True", "1", "0", "00", "01", "1.", ".5", "0.5", "1_0", "nan", "inf", "null"]
    ),
    st.text(alphabet="0123456789.e-+_ ²٣tru", max_size=6),
)
QUERIES = st.lists(
    st.tuples(st.sampled_from(["size", "least", "active", "name", "other"]), TEXTS), max_size=6
).map(lambda pairs: "&".join(f"{key}={text}" for key, text in pairs))


def both_read(query: str, given: dict[str, t.Any]) -> tuple[t.Any, t.Any]:
    """Return what the reader for plain queries gives, and what another one does, which is never plain."""
    results = []
    for more in ([], [parameter("more", list[str], [])]):
        values, faults = dict(given), list[Fault]()
        with APP.test_request_context("/", query_string=query):
            query_reader([*SEARCH, *more])(values, faults)
        values.pop("more", None)
        results.append((values, [type(value) for value in values.values()], faults))
    return results[0], results[1]


@given(QUERIES)
@examples(300)
def test_values_and_faults_are_those_of_the_general_reader(query: str) -> None:
    plain, general = both_read(query, {})
    assert plain == general, query


@pytest.mark.parametrize(
    "query",
    ["", "name=a", "name=a&size=7&least=2&active=1", "name=a&name=b", "name", "name=%41", "size=7", "size=x"],
)
def test_what_is_in_the_call_already_is_kept(query: str) -> None:
    plain, general = both_read(query, {"size": "kept"})
    assert plain == general
    assert plain[0]["size"] == "kept"


def refuse(values: dict[str, t.Any], faults: list[Fault]) -> None:
    raise AssertionError("the general reader was asked")


def test_the_general_reader_is_not_asked_about_plain_queries() -> None:
    read = plain_query_reader(SEARCH, refuse)
    assert read is not None
    values: dict[str, t.Any] = {}
    with APP.test_request_context("/", query_string="size=200&least=1.5&active=true&name=Ada&other=1"):
        read(values, [])
    assert values == {"size": 200, "least": 1.5, "active": True, "name": "Ada"}


@pytest.mark.parametrize("annotation", [list[int], t.Literal["a"], int | None, bytes], ids=str)
def test_other_types_have_no_such_reader(annotation: t.Any) -> None:
    assert plain_query_reader([*SEARCH, parameter("a", annotation)], refuse) is None


def test_many_parameters_have_no_such_reader() -> None:
    assert plain_query_reader([parameter(f"a{number}", int) for number in range(9)], refuse) is None
