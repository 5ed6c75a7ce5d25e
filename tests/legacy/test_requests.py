"""Requests and responses."""

from __future__ import annotations

from typing import Any

import pytest

from erlen import Flask, Request, Response, redirect, request

PROTOCOLS = pytest.mark.parametrize("protocol", ["wsgi", "asgi"])


def post(view: Any, protocol: str = "wsgi", **options: Any) -> Any:
    app = Flask(__name__)
    app.add_url_rule("/", "view", view, methods=["POST"])
    return app.test_client(protocol=protocol).post("/", **options)


@PROTOCOLS
@pytest.mark.parametrize(
    ("data", "content_type", "answer"),
    [
        ("[1]", "application/json", "[1]"),
        ("[1]", "application/json; charset=utf-8", "[1]"),
        ("[1]", "application/x+json", "[1]"),
        ("[1]", "text/plain", "None"),
        ("{", "text/plain", "None"),
        ("", None, "None"),
    ],
)
@pytest.mark.usefixtures("of_1_1")
def test_json_of_another_type_is_none(protocol: str, data: str, content_type: str, answer: str) -> None:
    assert post(lambda: repr(request.json), protocol, data=data, content_type=content_type).text == answer


@pytest.mark.usefixtures("of_1_1")
def test_json_may_be_forced() -> None:
    view: Any = lambda: repr(request.get_json(force=True))  # noqa: E731
    assert post(view, data="[1]", content_type="text/plain").text == "[1]"
    assert post(view, data="[", content_type="text/plain").status_code == 400


@pytest.mark.usefixtures("of_2_2")
def test_flask_2_2_refused_another_type() -> None:
    assert post(lambda: repr(request.json), data="[1]", content_type="text/plain").status_code == 415


@pytest.mark.usefixtures("of_1_1")
def test_a_class_says_what_broken_json_is() -> None:
    class Own(Request):
        def on_json_loading_failed(self, e: Any) -> Any:
            return type(e).__name__

    app = Flask(__name__)
    app.request_class = Own
    app.add_url_rule("/", "view", lambda: repr(request.json), methods=["POST"])
    client = app.test_client()
    answers = [client.post("/", data="{", content_type=kind).text for kind in ("application/json", "text/x")]
    assert answers == ["'JSONDecodeError'", "None"]


@pytest.mark.usefixtures("of_2_2")
def test_character_sets() -> None:
    own: Any = request
    response: Any = Response()
    assert (
        post(lambda: f"{own.charset} {own.url_charset} {own.encoding_errors}").text == "utf-8 utf-8 replace"
    )
    assert response.charset == Response.charset == "utf-8"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("of_2_2")
def test_cookies_of_bytes() -> None:
    response = Response()
    response.set_cookie(b"name", "ü".encode())  # type: ignore[arg-type]
    response.set_cookie("b", "text", 5)
    first, second = response.headers.getlist("Set-Cookie")
    assert first.startswith('name="\\303\\274"')
    assert second.startswith("b=text;")
    assert "Max-Age=5" in second


@PROTOCOLS
@pytest.mark.usefixtures("of_1_1")
def test_a_redirect_has_a_host(protocol: str) -> None:
    location = post(lambda: redirect("/other"), protocol).headers["Location"]
    assert location == "http://localhost/other"


@pytest.mark.usefixtures("of_1_1")
def test_a_response_takes_the_old_argument() -> None:
    response: Any = Response("[1]", content_type="application/json")
    assert response.get_json(cache=False) == response.json == [1]


@PROTOCOLS
@pytest.mark.usefixtures("of_1_1")
def test_requests_are_still_answered_by_the_straight_form(protocol: str) -> None:
    app = Flask(__name__)
    app.add_url_rule("/", "view", lambda: "view")
    assert app.test_client(protocol=protocol).get("/").text == "view"
    plan = app.request_planner.current(app)
    assert (plan.straight, plan.own.lazy_session, plan.text_headings is not None) == (True, True, True)
