"""Quoting and query strings; compared with Werkzeug 1.0.1 for many arguments in `tests/contract`."""

from __future__ import annotations

import io

import pytest
from werkzeug.datastructures import MultiDict

from erlen.legacy.libraries import urls


def test_quoting_and_back() -> None:
    assert urls.url_quote("a b/ä?", safe="/") == "a%20b/%C3%A4%3F"
    assert urls.url_quote(b"\xff~", unsafe="~") == "%FF%7E"
    assert urls.url_quote(5) == "5"
    assert urls.url_quote_plus("a b+/") == "a+b%2B%2F"
    assert urls.url_unquote("%C3%A4%2f%zz%", unsafe="/") == "ä%2f%zz%"
    assert urls.url_unquote("%e4", charset=None) == b"\xe4"
    assert urls.url_unquote_plus("a+b%2B") == "a b+"


def test_query_strings() -> None:
    assert urls.url_encode({"b": ["1", 2], "a": None, "c": "ä "}) == "b=1&b=2&c=%C3%A4+"
    assert urls.url_encode([("z", 1), ("a", 2)], sort=True, separator=";") == "a=2;z=1"
    assert urls.url_encode(MultiDict([("a", "1"), ("a", "2")])) == "a=1&a=2"
    decoded = urls.url_decode("a=1&a=%20&&b")
    assert list(decoded.items(multi=True)) == [("a", "1"), ("a", " "), ("b", "")]
    assert urls.url_decode(b"a;b=c", include_empty=False, separator=";", cls=dict) == {"b": "c"}


def test_query_strings_of_streams() -> None:
    stream = io.StringIO()
    assert urls.url_encode_stream({"a": 1, "b": 2}, stream) is None
    assert stream.getvalue() == "a=1&b=2"
    pairs = urls.url_encode_stream({"a": 1})
    assert pairs is not None
    assert list(pairs) == ["a=1"]
    assert urls.url_decode_stream(io.BytesIO(b"a=1&b=2"), limit=3).to_dict() == {"a": "1"}


def test_addresses() -> None:
    assert urls.url_fix("http://de.wikipedia.org/wiki/Elf (Begriffsklärung)") == (
        "http://de.wikipedia.org/wiki/Elf%20(Begriffskl%C3%A4rung)"
    )
    assert urls.url_fix("file://c:\\x") == "file:///c%3A/x"
    assert urls.url_parse("//h/p", scheme="https").to_url() == "https://h/p"
    assert urls.url_parse(b"http://h").host == b"h"
    assert urls.url_unparse(("http", "h", "/p", "", "")) == "http://h/p"
    assert urls.url_join(urls.url_parse("http://h/a/b"), "../c") == "http://h/c"


def test_an_address_that_is_called() -> None:
    href = urls.Href("/app")
    assert href() == "/app"
    assert href("a", None, "b/", "c d") == "/app/a/b/c%20d"
    assert href("x", from_=1) == href("x", {"from": 1}) == "/app/x?from=1"
    assert href.notes(5) == "/app/notes/5"
    with pytest.raises(TypeError, match="both"):
        href({"a": 1}, b=2)
    assert not hasattr(href, "__wrapped__")
