"""Thousands of malformed environs: nothing escapes that Flask keeps, nothing is left behind."""

from __future__ import annotations

import random
from functools import cache
from types import ModuleType
from typing import Any

import flask
import flask.globals
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import erlen
import erlen.globals
from tests.amounts import part_of

from . import requests
from .application import create

COUNT = 4000
FRAMEWORKS = pytest.mark.parametrize("framework", [flask, erlen], ids=["flask", "erlen"])


def call(app: Any, environ: dict[str, Any]) -> str:
    """Do what a server does; give the status, or the name of the exception that got out."""
    status: list[str] = []
    try:
        body = app(environ, lambda line, headers, exc_info=None: status.append(line))
        try:
            b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
    except Exception as error:
        return type(error).__name__
    return status[0]


def assert_nothing_is_left(framework: ModuleType) -> None:
    assert framework.globals._cv_request.get(None) is None
    assert framework.globals._cv_app.get(None) is None


@pytest.mark.slow
@FRAMEWORKS
def test_thousands_of_malformed_requests_leave_nothing_behind(framework: ModuleType) -> None:
    app = create(framework)
    answers: dict[str, int] = {}
    for environ in requests.environs(seed=1, count=COUNT):
        answer = call(app, environ)
        answers[answer[:3]] = answers.get(answer[:3], 0) + 1
        assert answer[0].isdigit(), f"{answer} escaped from {environ}"
        assert_nothing_is_left(framework)
    assert app.test_client().get("/").text == "alive"
    assert {"200", "400", "404", "405"} <= answers.keys(), "The requests do not reach far enough."


@pytest.mark.parametrize("seed", range(2, 6))
def test_erlen_answers_malformed_requests_as_flask_does(seed: int) -> None:
    on_flask, on_erlen = create(flask), create(erlen)
    pairs = zip(requests.environs(seed, COUNT // 8), requests.environs(seed, COUNT // 8), strict=True)
    for one, other in pairs:
        told = {key: value for key, value in one.items() if not key.startswith("wsgi.")}
        answer = call(on_erlen, other)
        # Flask takes a chunked body that nobody has decoded for an empty one.
        is_chunked = "chunked" in one.get("HTTP_TRANSFER_ENCODING", "").lower()
        may_refuse = is_chunked and not one.get("CONTENT_LENGTH")
        # Flask takes a multipart form that is malformed for an empty one.
        is_refused = answer[:3] == "400" and one.get("CONTENT_TYPE", "").startswith("multipart/form-data")
        expected = call(on_flask, one)
        # What ends as a failure of the application there is read or refused here.
        is_better = is_refused or (expected[:3] == "500" and answer[:1] in ("2", "4"))
        assert answer == expected or is_better or (may_refuse and answer[:3] == "411"), told


@cache
def _kept() -> Any:
    """Make one application for all examples."""
    return create(erlen)


LATIN = st.text(st.characters(max_codepoint=255), max_size=30)
KEYS = """
    REQUEST_METHOD PATH_INFO QUERY_STRING SCRIPT_NAME HTTP_HOST CONTENT_TYPE CONTENT_LENGTH SERVER_PORT
    HTTP_COOKIE HTTP_ACCEPT HTTP_RANGE HTTP_AUTHORIZATION HTTP_IF_NONE_MATCH
"""


@settings(max_examples=part_of(400), deadline=None, database=None, derandomize=True)
@given(seed=st.integers(0, 10**6), replaced=st.dictionaries(st.sampled_from(KEYS.split()), LATIN))
def test_any_text_in_any_place_is_answered(seed: int, replaced: dict[str, str]) -> None:
    environ = requests.environ(random.Random(seed))
    environ.update(replaced)
    answer = call(_kept(), environ)
    assert answer[0].isdigit(), answer
    assert_nothing_is_left(erlen)


@FRAMEWORKS
@pytest.mark.parametrize(
    "missing", ["REQUEST_METHOD", "PATH_INFO", "SERVER_NAME", "wsgi.input", "wsgi.url_scheme"]
)
def test_an_environ_that_lacks_what_wsgi_promises_leaves_nothing_behind(
    missing: str, framework: ModuleType
) -> None:
    app = create(framework)
    for path in ("/", "/everything", "/nowhere"):
        environ = requests.environ(random.Random(3))
        environ.update(PATH_INFO=path, HTTP_HOST="localhost", SERVER_PORT="80")
        del environ[missing]
        call(app, environ)
        assert_nothing_is_left(framework)
    assert app.test_client().get("/").text == "alive"


@FRAMEWORKS
@pytest.mark.parametrize("where", ["start_response", "the body", "close"])
def test_a_server_that_breaks_off_leaves_nothing_behind(where: str, framework: ModuleType) -> None:
    app = create(framework)

    def stream() -> Any:
        yield "a"
        yield "b"

    app.add_url_rule("/plain", "plain", lambda: framework.Response(stream()))
    app.add_url_rule("/kept", "kept", lambda: framework.Response(framework.stream_with_context(stream())))

    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        if where == "start_response":
            raise BrokenPipeError

    for path in ("/", "/plain", "/kept", "/fail", "/nowhere"):
        environ = app.test_client()._request_from_builder_args((path,), {}).environ
        try:
            body = app(environ, start_response)
            if where == "the body":
                next(iter(body))
            getattr(body, "close", lambda: None)()
        except BrokenPipeError:
            assert where == "start_response"
        assert_nothing_is_left(framework)
    assert app.test_client().get("/").text == "alive"
