"""What views return, and what becomes of it."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.wrappers import Response as WerkzeugResponse

from tests.protocols.web import Colour, Web


def returning(web: Web, colour: Colour, make: t.Callable[[], t.Any]) -> t.Any:
    app = web.Flask("app")
    app.logger.disabled = True
    app.add_url_rule("/", "view", colour(make), methods=["GET", "POST"])
    return app


@pytest.mark.parametrize(
    ("result", "status", "body", "mimetype"),
    [
        ("täxt", 200, "täxt".encode(), "text/html"),
        (b"\x00\xff", 200, b"\x00\xff", "text/html"),
        (bytearray(b"array"), 200, b"array", "text/html"),
        ({"a": 1}, 200, b'{"a":1}\n', "application/json"),
        ([1, "b"], 200, b'[1,"b"]\n', "application/json"),
        (("text", 201), 201, b"text", "text/html"),
        (("text", "202 Own Words"), 202, b"text", "text/html"),
        (("text", {"Content-Type": "text/plain"}), 200, b"text", "text/plain"),
        (("text", [("X-A", "1")]), 200, b"text", "text/html"),
        (({"a": 1}, 203, {"X-A": "1"}), 203, b'{"a":1}\n', "application/json"),
        (([1], 200, [("X-A", "1"), ("X-A", "2")]), 200, b"[1]\n", "application/json"),
        ("", 200, b"", "text/html"),
    ],
)
def test_results_become_responses(
    web: Web, colour: Colour, result: t.Any, status: int, body: bytes, mimetype: str
) -> None:
    app = returning(web, colour, lambda: result)

    response = web.client(app).get("/")

    assert (response.status_code, response.data, response.mimetype) == (status, body, mimetype)
    assert response.headers["Content-Length"] == str(len(body))


def test_headers_of_a_result_are_set_or_repeated_as_given(web: Web, colour: Colour) -> None:
    app = returning(web, colour, lambda: ("x", 200, [("X-A", "1"), ("X-A", "2"), ("Content-Type", "a/b")]))

    answer = web.wire(app, "/")

    assert answer.values("X-A") == ["1", "2"]
    assert answer.values("Content-Type") == ["a/b"]


@pytest.mark.parametrize("result", [None, 5, object(), (), ("a", 1, {}, "more"), (None, 200)])
def test_what_is_no_result_is_a_type_error(web: Web, colour: Colour, result: t.Any) -> None:
    app = returning(web, colour, lambda: result)
    assert web.client(app).get("/").status_code == 500
    app.testing = True

    with pytest.raises(TypeError):
        web.client(app).get("/")


def test_response_objects_are_sent_as_they_are(web: Web, colour: Colour) -> None:
    def make() -> t.Any:
        response = web.Response("text", status="299 Own", headers={"X-One": "1"}, mimetype="text/x-own")
        response.headers.add("X-Two", "a")
        response.headers.add("X-Two", "b")
        response.set_etag("tag")
        return response

    answer = web.wire(returning(web, colour, make), "/")

    assert (answer.status, answer.body) == (299, b"text")
    assert (answer.values("X-One"), answer.values("X-Two")) == (["1"], ["a", "b"])
    assert (answer.values("ETag"), answer.values("Content-Type")) == (
        ['"tag"'],
        ["text/x-own; charset=utf-8"],
    )


def test_other_wsgi_applications_may_be_returned(web: Web, colour: Colour) -> None:
    def application(environ: t.Any, start_response: t.Any) -> t.Any:
        start_response("203 Other", [("X-Path", environ["PATH_INFO"]), ("Content-Type", "text/plain")])
        return [b"one ", b"two"]

    app = returning(web, colour, lambda: application)

    response = web.client(app).get("/")

    assert (response.status_code, response.data, response.headers["X-Path"]) == (203, b"one two", "/")


def test_responses_of_werkzeug_become_the_applications_own(web: Web, colour: Colour) -> None:
    app, seen = returning(web, colour, lambda: WerkzeugResponse("text", 201)), []
    app.after_request(lambda response: (seen.append(type(response) is app.response_class), response)[1])

    assert (web.client(app).get("/").status_code, seen) == (201, [True])


def test_a_response_class_of_the_application_is_used(web: Web, colour: Colour) -> None:
    class Response(web.Response):  # type: ignore[name-defined,misc]
        default_mimetype = "application/x-own"

    app = returning(web, colour, lambda: "text")
    app.response_class = Response

    assert web.client(app).get("/").headers["Content-Type"] == "application/x-own"


def test_several_cookies_are_set_and_deleted(web: Web, colour: Colour) -> None:
    def make() -> t.Any:
        response = web.make_response("text")
        response.set_cookie("a", "1")
        response.set_cookie("b", "zwei drei", max_age=60, path="/", httponly=True, samesite="Lax")
        response.delete_cookie("c")
        return response

    app = returning(web, colour, make)
    client = web.client(app)
    client.set_cookie("c", "old")

    cookies = web.wire(app, "/").values("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["a", "b", "c"]
    assert cookies[0] == "a=1; Path=/"
    assert client.get("/").status_code == 200
    assert (client.get_cookie("a").value, client.get_cookie("b").decoded_value) == ("1", "zwei drei")
    assert client.get_cookie("c") is None


@pytest.mark.parametrize("status", [204, 304])
def test_responses_without_content_have_none(web: Web, colour: Colour, status: int) -> None:
    answer = web.wire(returning(web, colour, lambda: ("", status)), "/")

    assert (answer.status, answer.body) == (status, b"")
    assert answer.values("Content-Length") == []


def test_a_body_may_be_added_to_a_response_made_before(web: Web, colour: Colour) -> None:
    def make() -> t.Any:
        response = web.make_response()
        response.data = b"later"
        response.status_code = 201
        response.headers["X-Later"] = "yes"
        return response

    response = web.client(returning(web, colour, make)).get("/")

    assert (response.status_code, response.data, response.headers["X-Later"]) == (201, b"later", "yes")


def test_make_response_takes_what_views_return(web: Web, colour: Colour) -> None:
    app = returning(web, colour, lambda: web.make_response({"a": 1}, 201, {"X-A": "1"}))

    response = web.client(app).get("/")

    assert (response.status_code, response.json, response.headers["X-A"]) == (201, {"a": 1}, "1")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_say_where(web: Web, colour: Colour, code: int) -> None:
    app = returning(web, colour, lambda: web.redirect(web.url_for("view", q="ü"), code))
    client = web.client(app)

    response = client.post("/")

    assert (response.status_code, response.headers["Location"]) == (code, "/?q=%C3%BC")


def test_the_client_follows_redirects_with_its_cookies(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.secret_key = "key"

    def login() -> t.Any:
        web.session["user"] = "amy"
        return web.redirect(web.url_for("home"), 303)

    app.add_url_rule("/login", "login", colour(login), methods=["POST"])
    app.add_url_rule("/home", "home", colour(lambda: f"{web.session['user']} {web.request.method}"))

    response = web.client(app).post("/login", follow_redirects=True)

    assert (response.text, response.request.path, len(response.history)) == ("amy GET", "/home", 1)


def test_conditional_requests_are_answered_by_the_response(web: Web, colour: Colour) -> None:
    def make() -> t.Any:
        response = web.make_response("text")
        response.add_etag()
        return response.make_conditional(web.request)

    client = web.client(returning(web, colour, make))
    etag = client.get("/").headers["ETag"]

    response = client.get("/", headers={"If-None-Match": etag})

    assert (response.status_code, response.data, response.headers["ETag"]) == (304, b"", etag)
    assert client.get("/", headers={"If-None-Match": '"other"'}).text == "text"


@pytest.mark.parametrize("kind", ["text", "file", "generator"])
def test_what_waits_for_the_close_of_a_response_runs_once_and_last(
    web: Web, colour: Colour, hooks: Colour, kind: str
) -> None:
    app, log = web.Flask("app"), []
    app.teardown_request(hooks(lambda error: log.append("teardown")))

    def make() -> t.Any:
        response = web.Response({"text": "a", "file": [b"a"], "generator": (c for c in "a")}[kind])
        response.call_on_close(lambda: log.append("closed"))
        return response

    app.add_url_rule("/", "view", colour(make))
    with web.client(app).get("/") as response:
        assert response.data == b"a"

    assert log == ["teardown", "closed"]
