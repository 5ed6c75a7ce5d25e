"""The little of HTTP that a status needs."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.serve.status.http import (
    Refused,
    Request,
    is_local_name,
    make_answer,
    parse_request,
    without_body,
)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"GET",
        b"GET / HTTP/2.0\r\nHost: a",
        b"GET / HTTP/0.9",
        b"GET /",
        b"get / HTTP/1.1\r\nHost: a",
        b"GET  / HTTP/1.1\r\nHost: a",
        b"GET / x HTTP/1.1\r\nHost: a",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost",
        b"GET /\x00 HTTP/1.1\r\nHost: a",
        b"GET /\xff HTTP/1.1\r\nHost: a",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: a\nX: b",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded",
        b"GET / HTTP/1.1\r\nHost : a",
        b"GET / HTTP/1.1\r\nHost",
        b"GET / HTTP/1.1\r\n: a",
        b"GET / HTTP/1.1\r\nX: b\r\n\r\nHost: a",
        b"GET / HTTP/1.1\r\nX: \x00\r\nHost: a",
        b"GET / HTTP/1.1\r\nX: b",
        b"GET / HTTP/1.1\r\nHost: a\r\nhost: b",
        b"GET / HTTP/1.0\r\nHost: a\r\nhost: a",
    ],
)
def test_what_is_malformed_is_refused(head: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse_request(head + b"\r\n\r\n")
    assert refused.value.answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")


@given(st.binary())
def test_any_bytes_are_parsed_or_refused(head: bytes) -> None:
    try:
        request = parse_request(head + b"\r\n\r\n")
    except Refused:
        return
    assert request.path.startswith("/")


def test_a_request_is_parsed() -> None:
    head = b"GET /metrics?x=%20 HTTP/1.1\r\nhOST:\t[::1]:9100 \r\nUser-Agent: Prom\xe9th\xe9e\r\n\r\n"
    assert parse_request(head) == Request("GET", "/metrics", "[::1]:9100")


def test_an_old_client_names_no_host() -> None:
    assert parse_request(b"HEAD / HTTP/1.0\r\n\r\n") == Request("HEAD", "/", None)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "localhost",
        "LOCALHOST:9100",
        "localhost.",
        "127.0.0.1",
        "127.0.0.1:9100",
        "10.0.0.3:1",
        "[::1]:9100",
    ],
)
def test_addresses_and_localhost_are_local_names(host: str | None) -> None:
    assert is_local_name(host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "evil.example",
            "evil.example:9100",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "2130706433",
        ),
        *("127.0.0.1@evil.example", "evil.example#127.0.0.1", "[evil.example]", "[::1", "::1", "127.0.0.1:x"),
        *("127.0.0.1, evil.example", "127.1", "0x7f.0.0.1", "１27.0.0.1", "localhost:9100:9100"),
    ],
)
def test_other_names_are_not(host: str) -> None:
    assert not is_local_name(host)


def test_an_answer_says_that_it_is_the_last_one() -> None:
    answer = make_answer(HTTPStatus.METHOD_NOT_ALLOWED, b"No.\n", "text/plain", Allow="GET")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 405 Method Not Allowed",
        b"Content-Type: text/plain",
        b"Content-Length: 4",
        b"Cache-Control: no-store",
        b"X-Content-Type-Options: nosniff",
        b"Allow: GET",
        b"Connection: close",
    ]
    assert body == b"No.\n"
    assert without_body(answer) == head + b"\r\n\r\n"
