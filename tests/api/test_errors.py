"""Faults become problems of RFC 9457."""

import typing as t

import pytest
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from erlen import Encoded, Erlen, Response
from erlen.api import Api, Fault, InvalidRequest, MalformedBody, WrongType
from erlen.api.errors import MOST_FAULTS, encoded_problem, problem_of


def test_a_fault_says_where_it_is() -> None:
    assert Fault("query", "size", "no").as_dict() == {"in": "query", "name": "size", "detail": "no"}
    assert Fault("body", "/a/0", "no").as_dict() == {"in": "body", "at": "/a/0", "detail": "no"}


def test_an_invalid_request_is_a_422_with_its_faults() -> None:
    error = InvalidRequest([Fault("query", "a", "b")] * 100)
    assert len(error.faults) == MOST_FAULTS
    problem = problem_of(error)
    assert (problem["type"], problem["status"], len(problem["errors"])) == ("about:blank", 422, MOST_FAULTS)
    assert "errors" not in problem_of(NotFound())


@pytest.mark.parametrize(
    ("error", "status"), [(InvalidRequest(), 422), (MalformedBody(), 400), (WrongType(), 415)]
)
def test_each_has_a_response_of_its_own(error: t.Any, status: int) -> None:
    response = error.get_response()
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")


def test_problems_keep_the_headers_of_exceptions() -> None:
    answer = encoded_problem(MethodNotAllowed(["GET"]))
    assert isinstance(answer, Encoded)
    assert answer.status == 405
    assert list(answer.headers) == [("Allow", "GET")]
    assert encoded_problem(NotFound()).headers == ()


@pytest.mark.parametrize(
    "error",
    [HTTPException(), HTTPException(response=Response("own")), NotFound(response=Response("own"))],
    ids=str,
)
def test_an_exception_with_a_response_of_its_own_is_left_alone(error: HTTPException) -> None:
    assert encoded_problem(error) is error


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
@pytest.mark.parametrize("kind", [422, InvalidRequest, HTTPException, Exception])
def test_handlers_of_the_application_get_them(way: str, kind: t.Any) -> None:
    app = Erlen("app", static_folder=None)
    Api(app, problems=kind not in (HTTPException, Exception))
    seen = []

    @app.errorhandler(kind)
    def handle(error: t.Any) -> tuple[str, int]:
        seen.append(error.faults)
        return "own", 422

    @app.get("/")
    def show(size: int) -> str:
        return "x"

    response = app.test_client(protocol=way).get("/?size=x")
    assert (response.status_code, response.text) == (422, "own")
    assert [fault.at for fault in seen[0]] == ["size"]


def test_without_problems_pages_stay_as_they_are() -> None:
    app = Erlen("app", static_folder=None)
    Api(app, problems=False)

    @app.get("/")
    def show(size: int) -> str:
        return "x"

    client = app.test_client()
    assert client.get("/nowhere").mimetype == "text/html"
    assert client.get("/").mimetype == "application/problem+json"
