"""Sentry's own integration of Flask watches Erlen, whichever protocol a request comes by.

It replaces `Flask.__call__` by a function that knows WSGI alone, and listens to signals. What real Flask
gives with it is asked first; `programs/sentry.py` has the application.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.tracing.conftest import Run

pytestmark = pytest.mark.contract

COLOURS = ("plain", "coroutine")
# The caller's trace and span.
CALLER = ("a0001", "b0001")


@pytest.fixture(params=["flask", "wsgi", "asgi"])
def told(request: pytest.FixtureRequest, program: Run) -> Any:
    """What was sent, on real Flask and on Erlen by both protocols."""
    return program("sentry.py", request.param)


@pytest.fixture(params=["wsgi", "asgi"])
def erlens(request: pytest.FixtureRequest, program: Run) -> Any:
    """What was sent by Erlen, for what Flask has not."""
    return program("sentry.py", request.param)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_request_is_a_transaction_of_its_callers_trace(told: Any, colour: str) -> None:
    answer = told["each"][f"/{colour}/7"]
    (transaction,) = answer["sent"]

    assert (answer["status"], answer["text"]) == (200, "7")
    assert (transaction["type"], transaction["name"]) == ("transaction", colour)
    assert (transaction["op"], transaction["status"]) == ("http.server", "ok")
    assert (transaction["trace"], transaction["parent"]) == CALLER
    assert transaction["request"] == ["GET", f"http://localhost/{colour}/7", None]
    assert transaction["tags"] == {"n": 7, "http.status_code": "200"}


@pytest.mark.parametrize("colour", COLOURS)
def test_spans_that_a_view_opens_belong_to_the_transaction(told: Any, colour: str) -> None:
    (transaction,) = told["each"][f"/{colour}/7"]["sent"]
    assert transaction["spans"] == [["outer", "the request"], ["inner", "outer"]]


@pytest.mark.parametrize("colour", COLOURS)
def test_an_exception_of_a_view_is_captured_once_with_its_request(told: Any, colour: str) -> None:
    answer = told["each"][f"/{colour}/fails"]
    event, transaction = answer["sent"]

    assert answer["status"] == 500
    assert (event["type"], event["name"]) == ("event", f"{colour}_fails")
    assert event["exceptions"] == [["ValueError", "of the view", "flask"]]
    assert event["request"] == ["POST", f"http://localhost/{colour}/fails", {"a": 1}]
    assert event["tags"] == {"failed": f"{colour}_fails"}
    assert (transaction["type"], transaction["status"]) == ("transaction", "internal_error")
    assert {one["trace"] for one in answer["sent"]} == {CALLER[0]}


@pytest.mark.parametrize("colour", COLOURS)
def test_an_exception_that_reaches_the_server_is_captured_once(told: Any, colour: str) -> None:
    answer = told["propagated"][f"/{colour}/fails"]
    assert answer["raised"] == "of the view"
    assert [one["type"] for one in answer["sent"]] == ["event", "transaction"]
    assert answer["sent"][0]["exceptions"] == [["ValueError", "of the view", "flask"]]


@pytest.mark.parametrize("colour", COLOURS)
def test_an_exception_that_a_handler_answers_is_not_captured(told: Any, colour: str) -> None:
    answer = told["each"][f"/{colour}/known"]
    (transaction,) = answer["sent"]
    assert (answer["status"], answer["text"]) == (409, "known")
    assert (transaction["type"], transaction["tags"]["http.status_code"]) == ("transaction", "409")


def test_a_url_without_a_rule_is_a_transaction_without_an_endpoint(told: Any) -> None:
    (transaction,) = told["each"]["/nowhere"]["sent"]
    assert (transaction["name"], transaction["status"]) == ("generic WSGI request", "not_found")


def test_what_is_captured_between_two_pieces_of_a_stream_belongs_to_its_request(told: Any) -> None:
    _stream(told, "plain")


def test_what_is_captured_in_an_asynchronous_generator_belongs_to_its_request(erlens: Any) -> None:
    _stream(erlens, "coroutine")


def _stream(told: Any, colour: str) -> None:
    answer = told["each"][f"/{colour}/stream"]
    transaction, event = answer["sent"]
    assert answer["text"] == f"1/{colour}/stream"
    assert (transaction["type"], event["type"], event["message"]) == ("transaction", "event", "in a piece")
    assert event["request"][:2] == ["GET", f"http://localhost/{colour}/stream"]
    assert event["trace"] == transaction["trace"] == CALLER[0]


def test_templates_are_given_the_trace(told: Any) -> None:
    text = told["each"]["/template"]["text"]
    assert text.startswith(f'<meta name="sentry-trace" content="{0xA0001:032x}-')


def test_an_application_that_has_answered_before_is_watched_too(told: Any) -> None:
    assert told["before"]["text"] == "7"
    assert [one["name"] for one in told["before"]["sent"]] == ["coroutine"]


def test_requests_at_once_do_not_share_what_belongs_to_one(told: Any) -> None:
    expected = [
        {
            "trace": f"{0xA0000 + number:x}",
            "parent": f"{0xB0000 + number:x}",
            "tags": {"n": number, "http.status_code": "200"},
            "spans": [["outer", "the request"], ["inner", "outer"]],
        }
        for number in range(100, 180)
    ]
    sent = sorted(told["at once"], key=lambda one: str(one["trace"]))
    assert [{key: one[key] for key in expected[0]} for one in sent] == expected


def test_nothing_is_left_where_the_requests_were_asked(told: Any) -> None:
    assert told["left"] == [False, {}]


def test_the_application_is_an_asgi_application_still(erlens: Any) -> None:
    assert erlens["is asgi"]


def test_websockets_pass_the_integration_by(erlens: Any) -> None:
    assert erlens["echo"] == {"text": "words", "sent": []}


def test_the_patch_can_be_taken_away(told: Any) -> None:
    assert (told["undone"]["text"], told["undone"]["sent"]) == ("7", [])


def test_without_it_coroutine_views_are_called_on_the_loop_again(erlens: Any) -> None:
    assert erlens["undone"]["native"]
