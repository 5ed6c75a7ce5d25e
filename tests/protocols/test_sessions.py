"""Sessions: read, written, kept, flashed, replaced."""

from __future__ import annotations

import typing as t
from datetime import timedelta

import pytest
from werkzeug.datastructures import CallbackDict

from tests.protocols.web import Colour, Web


def application(web: Web, colour: Colour) -> t.Any:
    """Make an application that counts, forgets, and leaves its session alone."""
    app = web.Flask("app")
    app.secret_key = "key"

    def count() -> t.Any:
        web.session["n"] = web.session.get("n", 0) + 1
        return str(web.session["n"])

    app.add_url_rule("/count", "count", colour(count))
    app.add_url_rule("/read", "read", colour(lambda: str(web.session.get("n"))))
    app.add_url_rule("/clear", "clear", colour(lambda: (web.session.clear(), "")[1]))
    app.add_url_rule("/none", "none", colour(lambda: "untouched"))
    return app


def test_a_session_is_kept_from_request_to_request(web: Web, colour: Colour) -> None:
    client = web.client(application(web, colour))

    assert [client.get("/count").text for _ in range(3)] == ["1", "2", "3"]
    assert client.get("/read").text == "3"
    assert client.get("/clear").headers["Set-Cookie"].startswith("session=; Expires=Thu, 01 Jan 1970")
    assert client.get("/read").text == "None"


def test_clients_have_sessions_of_their_own(web: Web, colour: Colour) -> None:
    app = application(web, colour)
    one, other = web.client(app), web.client(app)

    assert [one.get("/count").text, one.get("/count").text, other.get("/count").text] == ["1", "2", "1"]


@pytest.mark.parametrize(
    ("path", "vary", "cookies"), [("/count", ["Cookie"], 1), ("/read", ["Cookie"], 0), ("/none", [], 0)]
)
def test_a_response_varies_by_cookie_where_the_session_was_looked_at(
    web: Web, colour: Colour, path: str, vary: list[str], cookies: int
) -> None:
    client = web.client(application(web, colour))
    client.get("/count")

    response = client.get(path)

    assert response.headers.getlist("Vary") == vary
    assert len(response.headers.getlist("Set-Cookie")) == cookies


@pytest.mark.parametrize("refresh", [True, False])
def test_a_permanent_session_is_refreshed_even_if_untouched(web: Web, colour: Colour, refresh: bool) -> None:
    app = application(web, colour)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = refresh
    app.permanent_session_lifetime = timedelta(hours=1)
    client = web.client(app)

    with client.session_transaction() as session:
        session.permanent = True
        session["n"] = 5
    response = client.get("/none")

    assert len(response.headers.getlist("Set-Cookie")) == (1 if refresh else 0)
    assert response.headers.getlist("Vary") == (["Cookie"] if refresh else [])
    assert client.get("/read").text == "5"


def test_cookie_attributes_come_from_the_configuration(web: Web, colour: Colour) -> None:
    app = application(web, colour)
    app.config.update(
        SESSION_COOKIE_NAME="own",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )

    name, *attributes = web.client(app).get("/count").headers["Set-Cookie"].split("; ")

    assert name.startswith("own=")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


def test_a_session_without_a_key_says_so_when_it_is_written(web: Web, colour: Colour) -> None:
    app = application(web, colour)
    app.secret_key, app.testing = None, True
    client = web.client(app)

    assert client.get("/read").text == "None"
    with pytest.raises(RuntimeError, match=r"(?i)secret.key"):
        client.get("/count")


def test_a_forged_cookie_is_an_empty_session(web: Web, colour: Colour) -> None:
    client = web.client(application(web, colour))
    client.set_cookie("session", "eyJuIjo1fQ.forged.forged")

    assert client.get("/read").text == "None"


def test_what_is_inside_a_session_must_be_said_to_be_modified(web: Web, colour: Colour) -> None:
    app = application(web, colour)

    def view(say: int) -> t.Any:
        web.session["list"].append(say)
        web.session.modified = bool(say)
        return web.session["list"]

    app.add_url_rule("/add/<int:say>", "add", colour(view))
    client = web.client(app)
    with client.session_transaction() as session:
        session["list"] = []

    assert client.get("/add/0").json == [0]
    assert client.get("/add/1").json == [1]
    assert client.get("/add/2").json == [1, 2]


def test_hooks_and_views_share_the_session(web: Web, colour: Colour, hooks: Colour) -> None:
    app = application(web, colour)
    app.before_request(hooks(lambda: web.session.update(n=10)))

    @app.after_request
    @hooks
    def after(response: t.Any) -> t.Any:
        web.session["after"] = web.session["n"]
        return response

    client = web.client(app)
    assert client.get("/count").text == "11"
    with client.session_transaction() as session:
        assert dict(session) == {"n": 11, "after": 11}


def test_messages_flash_once(web: Web, colour: Colour) -> None:
    app = application(web, colour)

    def flash() -> str:
        web.flash("saved")
        web.flash("broken", "error")
        return ""

    app.add_url_rule("/flash", "flash", colour(flash))
    app.add_url_rule("/show", "show", colour(lambda: {"m": web.get_flashed_messages(with_categories=True)}))
    client = web.client(app)
    client.get("/flash")

    assert client.get("/show").json == {"m": [["message", "saved"], ["error", "broken"]]}
    assert client.get("/show").json == {"m": []}


def test_the_test_client_opens_and_stores_sessions(web: Web, colour: Colour) -> None:
    client = web.client(application(web, colour))

    with client.session_transaction() as session:
        session["n"] = 41
    assert client.get("/count").text == "42"
    with client.session_transaction() as session:
        assert dict(session) == {"n": 42}


def in_memory(web: Web, log: list[str]) -> t.Any:
    """Make an interface that keeps sessions on the server, and notes when it is asked."""
    stores: dict[str, dict[str, t.Any]] = {}
    sessions = web.module("sessions")

    class Session(CallbackDict, sessions.SessionMixin):  # type: ignore[type-arg,name-defined,misc]
        pass

    class Interface(sessions.SessionInterface):  # type: ignore[name-defined,misc]
        def open_session(self, app: t.Any, request: t.Any) -> t.Any:
            log.append("open")
            return Session(stores.get(request.cookies.get("sid", "")))

        def save_session(self, app: t.Any, session: t.Any, response: t.Any) -> None:
            log.append("save")
            stores["one"] = dict(session)
            response.set_cookie("sid", "one")

    return Interface()


def test_an_interface_of_the_application_opens_before_the_hooks_and_saves_behind_them(
    web: Web, colour: Colour, hooks: Colour
) -> None:
    log: list[str] = []
    app = application(web, colour)
    app.session_interface = in_memory(web, log)
    app.before_request(hooks(lambda: log.append("before")))
    app.after_request(hooks(lambda response: (log.append("after"), response)[1]))
    client = web.client(app)

    assert [client.get("/count").text, client.get("/count").text] == ["1", "2"]
    assert log == ["open", "before", "after", "save"] * 2
    assert client.get("/nowhere").status_code == 404
    assert log[8:] == ["open", "before", "after", "save"]


def test_cookies_of_a_session_are_scoped_to_the_root(web: Web, colour: Colour) -> None:
    app = application(web, colour)
    app.config["APPLICATION_ROOT"] = "/mounted"
    cookie = web.wire(app, "/mounted/count", root_path="/mounted").values("Set-Cookie")

    assert len(cookie) == 1
    assert "Path=/mounted" in cookie[0]
