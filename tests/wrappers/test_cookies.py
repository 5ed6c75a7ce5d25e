"""Cookies are read as Werkzeug does: the plain ones here, the others there."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.sansio.http import parse_cookie

from erlen.wrappers.cookies import read_cookie, read_cookies
from tests.serve.beside import examples

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
