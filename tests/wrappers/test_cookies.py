"""Cookies are read and written as Werkzeug does: the plain ones here, the others there."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.http import dump_cookie
from werkzeug.sansio.http import parse_cookie

from erlen.wrappers.cookies import read_cookie, read_cookies, write_cookie
from tests.serve.beside import examples, outcome

PIECES = [
    "session",
    "session=",
    "a=b",
    "session=x",
    "session=x=y",
    "=session=z",
    "session =x",
    "session= x",
    "",
]
PIECES += [
    "sessions=1",
    "SESSION=1",
    'session="q"',
    'a="x; session=stolen"',
    "session=é",
    "a b",
    "\x0b",
    "a,session=1",
]
HEADERS = st.one_of(
    st.tuples(st.sampled_from([";", "; ", " ; ", ";;", ";  ", ", "]), st.lists(st.sampled_from(PIECES))).map(
        lambda parts: parts[0].join(parts[1])
    ),
    st.text(st.sampled_from('se=; \t"\\,é\n'), max_size=12),
)


@examples(150)
@given(
    header=HEADERS, name=st.sampled_from(["session", "s", "se", "session=x", "", " ", 'session="', "é", "a"])
)
def test_a_cookie_is_the_one_that_werkzeug_finds(header: str, name: str) -> None:
    found = read_cookie(header, name)
    assert found is None or found == parse_cookie(header).get(name, "")


@examples(400)
@given(HEADERS)
@example("=")
@example('a="\\012\\"\\377\\\\";b="')
@example('a="\n\\\n"')
@example('a=" ;b=";c')
@example("a=  b c; d =\t; e")
@example("; ;;a;b ; ")
@example('a="')
@example("a\n=b;é=ü")
def test_the_cookies_are_those_that_werkzeug_finds(header: str) -> None:
    assert read_cookies(header) == parse_cookie(header, cls=list)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("session=abc.def-_", "abc.def-_"),
        ("a=1; session=abc; b=2", "abc"),
        ("a=1;session=abc", "abc"),
        ("session=first; session=second", "first"),
        ("session; session=second", ""),
        ("other=1", ""),
        ("", ""),
    ],
)
def test_what_browsers_send_is_read_here(header: str, value: str) -> None:
    assert read_cookie(header, "session") == value


@pytest.mark.parametrize(
    "header", ['a="1; session=2"', "session=\t1", "session= 1", "a=1 ; session=2", "a=é"]
)
def test_what_needs_a_parser_is_left_to_one(header: str) -> None:
    assert read_cookie(header, "session") is None


UTC = datetime.timezone.utc
EXPIRES = st.one_of(
    st.none(),
    st.datetimes(timezones=st.sampled_from([None, UTC, datetime.timezone(datetime.timedelta(hours=5))])),
    st.sampled_from(["", "Thu, 01 Jan 1970 00:00:00 GMT", "x; y", 0, 1.5, 10**30, datetime.date(2020, 1, 1)]),
)
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "domain": st.sampled_from(
            [None, "", "example.com", ".example.com:80", "é.example", "x" * 70, "a\nb"]
        ),
        "path": st.sampled_from([None, "/", "/a b;c", "", "/é"]),
        "secure": st.sampled_from([True, False, None, 1, 0]),
        "httponly": st.booleans(),
        "partitioned": st.booleans(),
        "samesite": st.sampled_from([None, "Lax", "strict", "NONE", "sometimes", "", []]),
    },
)
VALUES = st.one_of(st.from_regex(r"[\w.-]*", fullmatch=True), st.text(max_size=5))


@examples(150)
@given(
    name=st.sampled_from(["session", "é", "a=b", ""]), value=VALUES, expires=EXPIRES, attributes=ATTRIBUTES
)
def test_a_cookie_is_written_as_werkzeug_writes_it(
    name: str, value: str, expires: t.Any, attributes: dict[str, t.Any]
) -> None:
    written = outcome(write_cookie, name, value, expires, attributes)
    # Twice: the second time there is something kept.
    assert written == outcome(write_cookie, name, value, expires, attributes)
    if written is not None:
        assert written == outcome(dump_cookie, name, value, expires=expires, max_size=0, **attributes)


def test_a_flag_and_a_number_are_told_apart() -> None:
    assert write_cookie("a", "b", None, {"secure": True}) == "a=b; Secure; Path=/"
    assert write_cookie("a", "b", None, {"secure": 1}) == "a=b; Secure=1; Path=/"


@pytest.mark.parametrize("value", ['"', "a b", "a;b", "a,b", "é", "\n"])
def test_a_value_that_has_to_be_quoted_is_left_to_werkzeug(value: str) -> None:
    assert write_cookie("a", value, None, {}) is None
