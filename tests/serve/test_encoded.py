"""A result that is encoded already is sent as it is."""

from __future__ import annotations

import typing as t

import pytest

from erlen import Encoded, Erlen
from tests.protocols.web import COROUTINE, ERLEN, PLAIN, Colour, Web

CASES: dict[str, tuple[t.Callable[[], t.Any], int, bytes, list[tuple[str, str]]]] = {
    "bytes": (lambda: Encoded(b'{"a":1}', "application/json"), 200, b'{"a":1}', []),
    "text": (lambda: Encoded("ä", "text/plain"), 200, "ä".encode(), []),
    "a status": (lambda: Encoded(b"[]", "application/json", 201), 201, b"[]", []),
    "an empty body": (lambda: Encoded(b"", "application/json", 404), 404, b"", []),
    "headers": (
        lambda: Encoded(b"x", "text/x", 202, [("X-A", "1"), ("X-A", "2")]),
        202,
        b"x",
        [("X-A", "1"), ("X-A", "2")],
    ),
    "a status beside it": (lambda: (Encoded(b"x", "text/x"), 203), 203, b"x", []),
    "a status that HTTP does not know": (lambda: Encoded(b"x", "text/x", 299), 299, b"x", []),
}


def application(make: t.Callable[[], t.Any], colour: Colour) -> Erlen:
    app = Erlen("app")
    app.logger.disabled = True
    app.add_url_rule("/", "view", colour(make))
    return app


@pytest.mark.parametrize("way", ERLEN)
@pytest.mark.parametrize("colour", [PLAIN, COROUTINE], ids=lambda colour: colour.name)
@pytest.mark.parametrize("hooked", [False, True], ids=["bare", "with an after hook"])
@pytest.mark.parametrize("case", CASES)
def test_it_is_sent_as_it_is(way: str, colour: Colour, hooked: bool, case: str) -> None:
    make, status, body, headers = CASES[case]
    app = application(make, colour)
    if hooked:
        app.after_request(lambda response: response)

    answer = Web(way).wire(app, "/")

    result = make()[0] if isinstance(make(), tuple) else make()
    assert (answer.status, answer.body) == (status, body)
    assert answer.values("Content-Type") == [result.content_type]
    assert answer.values("Content-Length") == [str(len(body))]
    assert [(name, value) for name, value in answer.headers if name.lower() == "x-a"] == [
        (name if way == "wsgi" else name.lower(), value) for name, value in headers
    ]


@pytest.mark.parametrize("way", ERLEN)
@pytest.mark.parametrize(
    "result",
    [Encoded(b"x", "text/x\r\nX-Evil: 1"), Encoded(b"x", "text/x", 200, [("X-A", "1\r\nX-Evil: 1")])],
    ids=["type", "header"],
)
def test_control_characters_are_an_error_and_never_sent(way: str, result: Encoded) -> None:
    answer = Web(way).wire(application(lambda: result, PLAIN), "/")
    assert answer.status == 500
    assert answer.values("X-Evil") == []


def test_a_head_request_gets_no_body() -> None:
    answer = Web("wsgi").wire(application(lambda: Encoded(b"xyz", "text/x"), PLAIN), "/", "HEAD")
    assert (answer.body, answer.values("Content-Length")) == (b"", ["3"])


def test_an_error_handler_may_return_it() -> None:
    app = application(lambda: 1 / 0, PLAIN)
    app.register_error_handler(
        ZeroDivisionError, lambda error: Encoded(b"{}", "application/problem+json", 422)
    )
    response = app.test_client().get("/")
    assert (response.status_code, response.data, response.mimetype) == (
        422,
        b"{}",
        "application/problem+json",
    )


def test_its_repr_says_what_it_is() -> None:
    assert repr(Encoded("ä", "text/x", 201)) == "<Encoded text/x, 201, 2 bytes>"
