"""How far a request travels, counted in calls and files: no clock decides."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import erlen

ERLEN = str(Path(erlen.__file__).parent)

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/hello/world",
    "QUERY_STRING": "",
    "SCRIPT_NAME": "",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "localhost",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.url_scheme": "http",
    "wsgi.input": None,
}


def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
    assert status == "200 OK"


@pytest.fixture
def app() -> erlen.Erlen:
    app = erlen.Erlen(__name__)

    @app.route("/hello/<name>")
    def hello(name: str) -> str:
        return f"Hello, {name}!"

    for number in range(200):
        app.add_url_rule(f"/other/{number}/<name>", f"other{number}", hello)
    return app


def calls_of(app: erlen.Erlen) -> Counter[str]:
    """Count the Python calls of one warm request by file, the view's own left out."""
    for _ in range(3):
        list(app(dict(ENVIRON), start_response))
    calls: Counter[str] = Counter()

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename != __file__:
            calls[frame.f_code.co_filename] += 1

    environ = dict(ENVIRON)
    sys.setprofile(profile)
    try:
        body = app(environ, start_response)
    finally:
        sys.setprofile(None)
    assert b"".join(body) == b"Hello, world!"
    return calls


def test_a_warm_request_takes_at_most_20_calls_in_6_files_of_ours(app: erlen.Erlen) -> None:
    ours = {file: count for file, count in calls_of(app).items() if file.startswith(ERLEN)}
    assert sum(ours.values()) <= 20, ours
    assert len(ours) <= 6, ours


def test_a_warm_request_takes_at_most_45_calls_in_all(app: erlen.Erlen) -> None:
    calls = calls_of(app)
    assert sum(calls.values()) <= 45, calls
