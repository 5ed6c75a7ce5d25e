"""The response of an event stream: its headers, and what becomes of it."""

from __future__ import annotations

import pytest

from erlen import Response
from erlen.eventstream import EventStream, last_event_id
from tests.eventstream.sources import numbers_async, serve

# the response


def test_its_headers(app):
    response = serve(app, lambda: EventStream(["a"])).get("/")
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Length" not in response.headers
    assert response.data == b"data: a\n\n"


def test_headers_are_added_and_replace_these(app):
    headers = {"X-Other": "1", "cache-control": "no-store", "Content-Type": "text/plain"}
    response = serve(app, lambda: (EventStream([], headers=headers), 202)).get("/")
    assert (response.status_code, response.headers["X-Other"]) == (202, "1")
    assert response.headers.getlist("Cache-Control") == ["no-store"]
    assert response.mimetype == "text/event-stream"


def test_retry_is_sent_first(app):
    response = serve(app, lambda: EventStream(["a"], retry=3000)).get("/")
    assert response.data == b"retry: 3000\n\ndata: a\n\n"


def test_retry_is_sent_first_by_an_asynchronous_source(app):
    response = serve(app, lambda: EventStream(numbers_async, retry=3000)).get("/")
    assert response.data == b"retry: 3000\n\ndata: 1\n\ndata: 2\n\n"


def test_dicts_are_written_by_the_applications_provider(app):
    app.json.default = lambda value: "mine"
    response = serve(app, lambda: EventStream([{"a": object()}])).get("/")
    assert response.data == b'data: {"a": "mine"}\n\n'


def test_it_becomes_a_response_of_the_applications_own_class(app):
    class Mine(Response):
        pass

    app.response_class = Mine
    kinds = []
    app.after_request(lambda response: kinds.append(type(response)) or response)
    assert serve(app, lambda: EventStream(["a"])).get("/").data == b"data: a\n\n"
    assert kinds == [Mine]


def test_asking_for_the_whole_body_raises_instead_of_waiting_for_ever(app):
    app.after_request(lambda response: response.get_data() and response)
    with pytest.raises(RuntimeError, match="sequence"):
        serve(app, lambda: EventStream(["a"])).get("/")


@pytest.mark.parametrize(("sent", "read"), [(None, None), ("", None), ("7", "7"), ("ä€", "ä€")])
def test_the_last_event_id(app, sent, read):
    headers = {} if sent is None else {"Last-Event-ID": sent.encode().decode("latin-1")}
    with app.test_request_context(headers=headers):
        assert EventStream.last_event_id() == last_event_id() == read
