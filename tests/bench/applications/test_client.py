"""The visitor keeps cookies, and sends the token of the last form."""

from __future__ import annotations

import pytest

from bench.applications.client import Client
from bench.measure import CannotMeasure
from bench.wsgi import Answer, Request, headers_of

FORM = b'<form><input id="csrf_token" name="csrf_token" type="hidden" value="abc.def"></form>'


class Site:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answers.pop(0)


def ok(body: bytes = b"", *cookies: str) -> Answer:
    return Answer("200 OK", [("Set-Cookie", cookie) for cookie in cookies], body)


def test_a_form_is_sent_with_its_cookie_and_its_token() -> None:
    site = Site(ok(FORM, "session=one=1; Path=/", "other=2"), ok(b"", "session=two; Path=/"))
    client = Client(site)
    client.post("/save", {"name": "Ada & co", "ids": [1, 2]})
    fetched, sent = site.asked
    assert (fetched.method, fetched.path, dict(fetched.headers)) == ("GET", "/save", {})
    assert sent.method == "POST"
    assert sent.body == b"name=Ada+%26+co&ids=1&ids=2&csrf_token=abc.def"
    assert sent.headers["HTTP_COOKIE"] == "session=one=1; other=2"
    assert client.request("/?page=2").headers["HTTP_COOKIE"] == "session=two; other=2"
    assert client.request("/?page=2").query == "page=2"


def test_without_a_token_none_is_sent() -> None:
    site = Site(ok(), ok())
    Client(site).post("/save", {"name": "Ada"})
    assert site.asked[1].body == b"name=Ada"


@pytest.mark.parametrize("status", ["400 BAD REQUEST", "500 INTERNAL SERVER ERROR"])
def test_an_application_that_refuses_ends_the_measurement(status: str) -> None:
    with pytest.raises(CannotMeasure, match=status):
        Client(Site(Answer(status, [], b""))).get("/")


def test_a_server_is_sent_the_same_headers() -> None:
    request = Client(Site(), {"session": "one"}).request("/save", {"name": "Ada"})
    headers = headers_of(request)
    assert headers["Cookie"] == "session=one"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Accept-Language"].startswith("en")
    assert "Host" not in headers
