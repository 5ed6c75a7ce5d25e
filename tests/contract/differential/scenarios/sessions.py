"""Session cookies that nobody touches, interfaces of others, rotated keys."""

from __future__ import annotations

from typing import Any

from flask import (
    session,
)

from .. import clock
from ..application.events import taken
from ..changes import INTERFACES, noting
from .story import scenario, small_app, tell


@scenario
def cookies_of_permanent_and_expired_sessions_that_no_view_touches() -> Any:
    app = small_app(PERMANENT_SESSION_LIFETIME=3600)

    @app.route("/permanent")
    def permanent() -> str:
        session.permanent = True
        session["word"] = "long"
        return "set"

    log = []
    client = app.test_client()
    log.append(tell(client.get("/permanent")))
    for seconds in (10, 20, 3500, 7000, 20000, 20001):
        clock.set_to(seconds)
        log.append([seconds, tell(client.get("/"))])
    log.append(tell(client.get("/touch")))
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    log.append(tell(client.get("/permanent")))
    log.append(tell(client.get("/")))
    clock.set_to(40000)
    log.append(tell(client.get("/")))
    return log


@scenario
def session_interfaces_of_others() -> Any:
    log = []
    for name, make in INTERFACES.items():
        app = small_app()
        app.session_interface = make()
        client = app.test_client()
        client.set_cookie("sid", "me")
        for path in ("/", "/session/w", "/touch", "/fail", "/nowhere"):
            try:
                log.append([name, path, tell(client.get(path))])
            except Exception as error:
                log.append([name, path, type(error).__name__])
    return [log, taken()]


@scenario
def a_session_interface_set_after_the_first_request() -> Any:
    app = small_app()
    client = app.test_client()
    log = [tell(client.get("/session/before"))]
    app.session_interface = INTERFACES["foreign"]()
    log += [tell(client.get("/touch")), tell(client.get("/session/after")), tell(client.get("/touch"))]
    app.session_interface = INTERFACES["flask"]()
    log.append(tell(client.get("/touch")))
    return [log, taken()]


@scenario
def a_session_interface_patched_on_its_class() -> Any:
    from flask.sessions import SecureCookieSessionInterface as Interface

    app = small_app()
    client = app.test_client()
    log = [tell(client.get("/"))]
    for name in (
        "open_session",
        "save_session",
        "should_set_cookie",
        "get_cookie_name",
        "get_signing_serializer",
    ):
        original = getattr(Interface, name)
        setattr(Interface, name, noting(name, original))
        try:
            for path in ("/", "/session/w", "/touch"):
                log.append([name, tell(client.get(path)), sorted(set(taken()))])
        finally:
            setattr(Interface, name, original)
    return [*log, tell(client.get("/")), taken()]


@scenario
def keys_are_rotated() -> Any:
    app = small_app()
    client = app.test_client()
    log = [tell(client.get("/session/w"))]
    app.config.update(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["k"])
    log += [tell(client.get("/touch")), tell(client.get("/session/x")), tell(client.get("/touch"))]
    app.config["SECRET_KEY_FALLBACKS"] = []
    log.append(tell(client.get("/touch")))
    app.secret_key = "third"
    log.append(tell(client.get("/touch")))
    app.config["SECRET_KEY"] = None
    log += [client.get("/touch").status, client.get("/session/x").status, taken()]
    return log
