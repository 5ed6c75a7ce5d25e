"""What is read before the request is made is what the request has, and only where nothing is overridden."""

from __future__ import annotations

import io
import typing as t

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from erlen import Erlen, Request, request
from erlen.active import get_state
from tests.protocols.web import ERLEN, Web

BODY = b'{"a": 1}'


def look(way: str, read: t.Callable[[t.Any], t.Any], request_class: type[Request] = Request) -> t.Any:
    """Return what a view reads of its context, in the second of two requests."""
    web = Web(way)
    app = Erlen("app", static_folder=None)
    app.request_class = request_class
    seen: list[t.Any] = []

    @app.post("/")
    def view() -> str:
        seen.append(read(get_state()[0]))
        return ""

    for _ in range(2):  # the first fills the plan
        answer = web.client(app).post("/?a=1&a=2", data=BODY, content_type="application/json")
        assert answer.status_code == 200, answer.text
    return seen[-1]


@pytest.mark.parametrize("way", ERLEN)
def test_query_and_body_are_read_without_a_request(way: str) -> None:
    def read(context: t.Any) -> list[t.Any]:
        found = [context.query_text(), context.read_args().getlist("a"), context.json_body()]
        return [*found, context.json_body(), context.made_request]

    assert look(way, read) == ["a=1&a=2", ["1", "2"], BODY, BODY, None]


@pytest.mark.parametrize("way", ERLEN)
def test_a_request_that_is_made_later_has_what_was_read(way: str) -> None:
    def read(context: t.Any) -> list[t.Any]:
        args, body = context.read_args(), context.json_body()
        return [request.args is args, request.get_data() == body, request.get_json(), request.stream.read()]

    assert look(way, read) == [True, True, {"a": 1}, b""]


@pytest.mark.parametrize("way", ERLEN)
def test_nothing_is_read_for_a_request_that_has_been_made(way: str) -> None:
    def read(context: t.Any) -> list[t.Any]:
        made = context.request
        return [context.query_text(), context.json_body(), context.read_args() is made.args]

    assert look(way, read) == [None, None, True]


class OwnQuery(Request):
    query_string = b"a=own"  # type: ignore[assignment]


class OwnData(Request):
    def get_data(self, *args: t.Any, **options: t.Any) -> t.Any:
        return b'{"a": "own"}'


class OwnStorage(Request):
    parameter_storage_class = MultiDict  # type: ignore[assignment]


@pytest.mark.parametrize("way", ERLEN)
def test_what_a_class_overrides_is_asked(way: str) -> None:
    assert look(way, lambda context: [context.query_text(), context.read_args()["a"]], OwnQuery) == [
        None,
        "own",
    ]
    assert look(way, lambda context: [context.json_body(), request.get_json()], OwnData) == [
        None,
        {"a": "own"},
    ]
    assert look(way, lambda context: type(context.read_args()), OwnStorage) is MultiDict


def test_a_body_that_breaks_off_or_is_too_long_is_an_error_each_time() -> None:
    app = Erlen("app")
    seen: list[type[BaseException]] = []

    @app.post("/")
    def view() -> str:
        for read in (get_state()[0].json_body, lambda: request.get_data(), lambda: request.json):
            try:
                read()
            except Exception as error:
                seen.append(type(error))
        return ""

    def post(length: int) -> None:
        environ = app.test_request_context(
            "/", method="POST", data=b"{", content_type="application/json"
        ).environ
        environ.update({"CONTENT_LENGTH": str(length), "wsgi.input": io.BytesIO(b"{")})
        b"".join(app(environ, lambda *_: None))

    for error in (ClientDisconnected, RequestEntityTooLarge):
        for _ in range(2):  # the first fills the plan
            seen.clear()
            post(5)
            assert set(seen) == {error}
            assert len(seen) >= 2  # what is too long is left to the request
        app.config["MAX_CONTENT_LENGTH"] = 4
