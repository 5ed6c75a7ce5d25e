"""Hostile hosts, queries and charsets do no harm; harmless ones are read as by Werkzeug."""

from __future__ import annotations

import codecs
from typing import Any

import pytest
import werkzeug.wrappers
from werkzeug.exceptions import BadRequest, SecurityError
from werkzeug.test import create_environ

import erlen
from erlen.wrappers.safe import check_host, query_text

ADDRESSES = ("url", "base_url", "root_url", "host_url")


def both(environ: dict[str, Any]) -> tuple[erlen.Request, werkzeug.wrappers.Request]:
    return erlen.Request(environ), werkzeug.wrappers.Request(environ)


# hosts


@pytest.mark.parametrize("host", ["a.test", "a.test:80", "127.0.0.1:5000", "[::1]", "[::1]:80"])
def test_a_sound_host_is_returned_where_hosts_have_to_be_trusted(host: str) -> None:
    assert check_host(host, ["a.test"]) == host


@pytest.mark.parametrize("host", ["good.test:80@evil.test", "good.test:x", "good.test/evil", "a b", "[good]"])
def test_an_unsound_host_is_refused_where_hosts_have_to_be_trusted(host: str) -> None:
    with pytest.raises(SecurityError, match="not trusted"):
        check_host(host, ["good.test"])


@pytest.mark.parametrize("trusted", [None, []])
def test_where_no_hosts_have_to_be_trusted_none_is_refused(trusted: list[str] | None) -> None:
    assert check_host("good.test:80@evil.test", trusted) == "good.test:80@evil.test"


@pytest.mark.parametrize("name", ["host", *ADDRESSES])
def test_no_address_of_a_request_leads_to_a_host_behind_a_trusted_one(name: str) -> None:
    request = erlen.Request(create_environ(headers={"Host": "good.test:80@evil.test"}))
    request.trusted_hosts = ["good.test"]
    with pytest.raises(SecurityError):
        getattr(request, name)


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_host_that_no_address_can_have_is_a_bad_request(name: str) -> None:
    request = erlen.Request(create_environ() | {"HTTP_HOST": "[1:2]"})
    try:
        expected = getattr(werkzeug.wrappers.Request(request.environ), name)
    except ValueError:
        with pytest.raises(BadRequest):
            getattr(request, name)
    else:
        assert getattr(request, name) == expected


@pytest.mark.parametrize("base", ["http://localhost/", "https://a.test:8443/äpp", "http://xn--n3h.net/"])
@pytest.mark.parametrize("name", ["host", "full_path", *ADDRESSES])
def test_addresses_are_werkzeugs(base: str, name: str) -> None:
    ours, theirs = both(create_environ("/a b/é?x=%C3%A9&y", base))
    assert getattr(ours, name) == getattr(theirs, name)


# queries


@pytest.mark.parametrize(
    ("query", "text"),
    [(b"a=1&b=2", "a=1&b=2"), ("é".encode(), "é"), (b"a=\xff", "a=%FF"), (b"\xed\xa0\x80", "%ED%A0%80")],
)
def test_bytes_of_a_query_that_are_no_text_become_escapes(query: bytes, text: str) -> None:
    assert query_text(query) == text
    request = erlen.Request(create_environ() | {"QUERY_STRING": query.decode("latin1")})
    assert request.full_path == f"/?{text}"


# headers


@pytest.mark.parametrize("header", ["utf-8", "UTF8;q=0.5, latin-1", "*", "x, utf_8", "", "UTF 8"])
def test_charsets_are_chosen_as_by_werkzeug(header: str) -> None:
    ours, theirs = both(create_environ(headers={"Accept-Charset": header}))
    for offered in (["utf-8", "iso-8859-1"], ["latin1"], ["x"], ["us-ascii", "windows-1252"]):
        assert ours.accept_charsets.best_match(offered) == theirs.accept_charsets.best_match(offered)
    assert repr(ours.accept_charsets) == repr(theirs.accept_charsets)


def test_python_is_not_asked_for_a_codec_that_it_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    lookup = codecs.lookup

    def noting(name: str) -> codecs.CodecInfo:
        asked.append(name)
        return lookup(name)

    monkeypatch.setattr(codecs, "lookup", noting)
    request = erlen.Request(create_environ(headers={"Accept-Charset": "no-codec, utf-8"}))
    assert request.accept_charsets.best_match(["no-codec"]) == "no-codec"
    assert request.accept_charsets.best_match(["utf-8"]) == "utf-8"
    assert "utf-8" in asked
    assert "no-codec" not in asked


@pytest.mark.parametrize("header", ["text/html, application/json;q=0.5", "*/*", "", "text/*;level=1"])
def test_media_types_are_werkzeugs(header: str) -> None:
    ours, theirs = both(create_environ(headers={"Accept": header}))
    assert repr(ours.accept_mimetypes) == repr(theirs.accept_mimetypes)


def test_cookies_are_werkzeugs() -> None:
    ours, theirs = both(create_environ(headers=[("Cookie", 'a=b; c="d\\054e"'), ("Cookie", "f=é")]))
    assert ours.cookies == theirs.cookies
    assert type(ours.cookies) is type(theirs.cookies)
