"""OpenTelemetry's own instrumentation of Flask traces Erlen, whichever protocol a request comes by.

It replaces `wsgi_app`, opens the request's span in a before hook and closes it in a teardown function.
What real Flask gives with it is asked first; `programs/otel.py` has the application.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.tracing.conftest import Run

pytestmark = pytest.mark.contract

COLOURS = ("plain", "coroutine")
# The caller's span, in which the application's is.
CALLER = ("b0001", "a0001")


@pytest.fixture(params=["app", "class"])
def mode(request: pytest.FixtureRequest) -> str:
    """One application is instrumented, or the class is and everything that is made of it."""
    return str(request.param)


@pytest.fixture(params=["flask", "wsgi", "asgi"])
def told(request: pytest.FixtureRequest, mode: str, program: Run) -> Any:
    """What was recorded, on real Flask and on Erlen by both protocols."""
    return program("otel.py", request.param, mode)


@pytest.fixture(params=["wsgi", "asgi"])
def erlens(request: pytest.FixtureRequest, mode: str, program: Run) -> Any:
    """What was recorded on Erlen, for what Flask has not or does otherwise."""
    return program("otel.py", request.param, mode)


def names(spans: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """Name each span with its parent."""
    return [(span["name"], span["parent"]) for span in spans]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_request_is_a_span_inside_that_of_its_caller(told: Any, colour: str) -> None:
    answer = told["each"][f"/{colour}/7"]
    first = answer["spans"][0]

    assert (answer["status"], answer["text"]) == (200, "7")
    assert (first["parent"], first["trace"]) == CALLER
    assert first["name"] == f"GET /{colour}/<int:n>"
    assert (first["kind"], first["route"], first["code"]) == ("SERVER", f"/{colour}/<int:n>", 200)
    assert (first["status"], first["exceptions"]) == ("UNSET", [])


@pytest.mark.parametrize("colour", COLOURS)
def test_spans_that_a_view_opens_are_children_of_the_request(told: Any, colour: str) -> None:
    server = f"GET /{colour}/<int:n>"
    assert names(told["each"][f"/{colour}/7"]["spans"])[1:] == [("outer", server), ("inner", "outer")]


def test_spans_in_tasks_of_a_view_are_children_of_the_request(told: Any) -> None:
    spans = told["each"]["/coroutine/tasks"]["spans"]
    assert sorted(names(spans[1:])) == [(f"task {n}", "GET /coroutine/tasks") for n in (1, 2)]
    assert {span["trace"] for span in spans} == {CALLER[1]}


@pytest.mark.parametrize("colour", COLOURS)
def test_an_exception_of_a_view_is_recorded_once(told: Any, colour: str) -> None:
    answer = told["each"][f"/{colour}/fails"]
    (span,) = answer["spans"]

    assert answer["status"] == 500
    assert (span["code"], span["status"], span["exceptions"]) == (500, "ERROR", ["of the view"])


@pytest.mark.parametrize("colour", COLOURS)
def test_an_exception_that_a_handler_answers_is_no_error(told: Any, colour: str) -> None:
    answer = told["each"][f"/{colour}/known"]
    server = answer["spans"][0]

    assert (answer["status"], answer["text"]) == (409, "known")
    assert (server["code"], server["status"], server["exceptions"]) == (409, "UNSET", [])
    assert names(answer["spans"][1:]) == [("in handler", f"GET /{colour}/known")]


def test_a_url_without_a_rule_is_a_span_without_a_route(told: Any) -> None:
    answer = told["each"]["/nowhere"]
    (span,) = answer["spans"]
    assert answer["status"] == 404
    assert (span["name"], span["route"], span["code"]) == ("GET /nowhere", None, 404)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_stream_is_sent_with_its_span(told: Any, colour: str) -> None:
    answer = told["each"][f"/{colour}/stream"]
    server = answer["spans"][0]
    assert answer["text"] == f"1/{colour}/stream"
    assert (server["name"], server["code"], server["status"]) == (f"GET /{colour}/stream", 200, "UNSET")
    assert [span["name"] for span in answer["spans"][1:]] == ["piece 1", "piece 2"]


@pytest.mark.parametrize("colour", COLOURS)
def test_spans_between_the_pieces_of_a_stream_are_children_of_the_request(erlens: Any, colour: str) -> None:
    # On Flask they are roots of their own: there the hook's context is gone when the first piece is made.
    spans = erlens["each"][f"/{colour}/stream"]["spans"]
    server = f"GET /{colour}/stream"
    assert names(spans[1:]) == [("piece 1", server), ("piece 2", server)]


def test_spans_in_an_asynchronous_generator_are_children_of_the_request(erlens: Any) -> None:
    answer = erlens["generator"]
    server = "GET /coroutine/generator"
    assert answer["text"] == "1/coroutine/generator"
    assert names(answer["spans"]) == [(server, CALLER[0]), ("piece 1", server), ("piece 2", server)]


def test_an_asynchronous_generator_leaves_no_span_behind(erlens: Any) -> None:
    assert names(erlens["generator"]["after it"])[0] == ("GET /plain/<int:n>", None)
    assert erlens["generator"]["logged"] == []


def test_every_context_that_was_attached_is_detached(told: Any) -> None:
    assert told["logged"] == []
    assert not any(answer["left"] for answer in told["each"].values())


def test_a_request_without_a_caller_is_a_root(told: Any) -> None:
    assert names(told["root"])[0] == ("GET /plain/<int:n>", None)


def test_requests_at_once_are_each_in_the_span_of_their_caller(told: Any) -> None:
    traces: dict[str, list[dict[str, Any]]] = {}
    for span in told["at once"]:
        traces.setdefault(span["trace"], []).append(span)

    assert sorted(traces) == sorted(f"{0xA0000 + number:x}" for number in range(100, 180))
    for trace, spans in traces.items():
        by_name = {span["name"]: span["parent"] for span in spans}
        server = next(span["name"] for span in spans if span["kind"] == "SERVER")
        caller = f"{int(trace, 16) - 0xA0000 + 0xB0000:x}"
        assert by_name == {server: caller, "outer": server, "inner": "outer"}


def test_websockets_pass_the_instrumentation_by(erlens: Any) -> None:
    assert erlens["echo"] == {"text": "words", "spans": []}


def test_the_instrumentation_can_be_taken_away(told: Any) -> None:
    answer = told["undone"]
    assert (answer["status"], answer["text"]) == (200, "7")
    # Those that the view opens itself.
    assert names(answer["spans"]) == [("outer", None), ("inner", "outer")]
    assert answer["class"] in ("Flask", "Erlen")


def test_without_it_coroutine_views_are_called_on_the_loop_again(erlens: Any) -> None:
    assert erlens["undone"]["native"]
