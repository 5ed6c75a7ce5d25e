"""Which id a record has, and which ids somebody else may give."""

from __future__ import annotations

import contextvars
import logging
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from erlen import Erlen, copy_current_request_context
from erlen.deploy import logs
from erlen.deploy.logs.exchange import KEY, Exchange, current, headers_of, safe_id


@pytest.mark.parametrize("text", ["a", "A-z_0.9", "0af7651916cd43dd8448eb211c80319c", "a" * 128, "x/y+z=:@~"])
def test_an_id_of_plain_characters_may_be_used(text: str) -> None:
    assert safe_id(text) == text


@pytest.mark.parametrize(
    "text",
    [None, "", "a" * 129, "a b", "a\n", "a\r\nX: y", '"', "é", "<script>", "\x1b[m", "a,b", "%0a", "١"],
)
def test_another_id_is_not_used(text: str | None) -> None:
    assert safe_id(text) is None


@given(st.text())
def test_what_may_be_used_is_printable_ascii_without_blanks(text: str) -> None:
    if safe_id(text) is not None:
        assert text.isascii()
        assert text.isprintable()
        assert " " not in text


def test_an_id_that_is_made_is_unlike_the_last_and_may_be_used() -> None:
    made = {Exchange(None).request_id for _ in range(100)}
    assert len(made) == 100
    assert all(map(safe_id, made))


def test_outside_of_requests_there_is_no_id() -> None:
    assert logs.request_id() is None
    with Erlen("shop").test_request_context():
        assert logs.request_id() is None


def seen_by_a_thread(function: Any, *args: Any) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function(*args)))
    thread.start()
    thread.join()
    return found[0]


def test_threads_that_copy_the_context_have_the_id() -> None:
    app = Erlen("shop")
    app.config["LOG_FORMAT"] = "text"
    logs.init_app(app)

    @app.get("/")
    def index() -> list[Any]:
        by_variables = seen_by_a_thread(contextvars.copy_context().run, logs.request_id)
        by_request = seen_by_a_thread(copy_current_request_context(logs.request_id))
        return [logs.request_id(), by_variables, by_request, seen_by_a_thread(logs.request_id)]

    response = app.test_client().get("/")
    own = response.headers["X-Request-ID"]
    assert response.json == [own, own, own, None]


def test_the_id_of_a_scope_is_found_by_a_request_alone() -> None:
    environ = {**EnvironBuilder().get_environ(), "asgi.scope": {KEY: "some-id"}}
    with Erlen("shop").request_context(environ):
        assert logs.request_id() == "some-id"
    environ["asgi.scope"] = {KEY: 3}
    with Erlen("shop").request_context(environ):
        assert logs.request_id() is None


def test_headers_come_from_a_scope_or_an_environ() -> None:
    scope = {"headers": [(b"cookie", b"a=b"), ("odd", 1)], "query_string": b"a=1"}
    exchange = Exchange(None, scope=scope)
    assert (list(exchange.headers()), exchange.query()) == ([("cookie", "a=b")], "a=1")
    assert list(headers_of({"HTTP_COOKIE": "a=b", "HTTP_ODD": 1, "wsgi.input": None})) == [("COOKIE", "a=b")]
    assert Exchange(None, {"QUERY_STRING": "a=1"}).query() == "a=1"
    assert list(Exchange(None, scope={"headers": None, "query_string": None}).headers()) == []
    assert Exchange(None, scope={"query_string": "text"}).query() == Exchange(None).query() == ""


def test_the_filter_adds_the_id_where_a_record_has_none() -> None:
    every = logs.RequestIdFilter()
    record, own = logging.makeLogRecord({}), logging.makeLogRecord({"request_id": "own"})
    token = current.set(Exchange("some-id"))
    try:
        assert every.filter(record)
        assert every.filter(own)
    finally:
        current.reset(token)
    outside = logging.makeLogRecord({})
    assert every.filter(outside)
    assert [vars(each)["request_id"] for each in (record, own, outside)] == ["some-id", "own", "-"]
