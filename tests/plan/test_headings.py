"""What goes before a body is what a response object would say."""

from __future__ import annotations

import pytest
from werkzeug.http import HTTP_STATUS_CODES

import erlen
from erlen.plan.headings import PAGES, Headings, headings_of, refusal_heading

WITHOUT_BODY = {code for code in HTTP_STATUS_CODES if code < 200 or code in (204, 304)}


@pytest.mark.parametrize("code", sorted(HTTP_STATUS_CODES.keys() - WITHOUT_BODY))
def test_a_heading_says_what_a_response_of_its_status_says(code: int) -> None:
    heading = PAGES[code]
    assert heading is not None
    assert heading is PAGES[code]
    response = erlen.Response("", code)
    assert (heading.code, heading.status) == (response.status_code, response.status)
    assert [*heading.wsgi, ("Content-Length", "0")] == response.headers.to_wsgi_list()
    assert heading.asgi == ((b"content-type", b"text/html; charset=utf-8"),)


@pytest.mark.parametrize("code", [*sorted(WITHOUT_BODY), 0, -1, 299, 999])
def test_a_status_without_a_body_or_a_name_has_none(code: int) -> None:
    headings = Headings("text/plain")
    assert headings[code] is None
    assert not headings  # and is not kept


def test_a_refusal_names_the_methods_after_the_type() -> None:
    heading = refusal_heading("GET, HEAD")
    assert heading is refusal_heading("GET, HEAD")
    assert heading.status == "405 METHOD NOT ALLOWED"
    assert heading.wsgi == (("Content-Type", "text/html; charset=utf-8"), ("Allow", "GET, HEAD"))
    assert heading.asgi[1] == (b"allow", b"GET, HEAD")


def test_the_headings_of_a_type_are_kept() -> None:
    assert headings_of("text/plain") is headings_of("text/plain")
    assert headings_of("text/plain").ok().code == 200
