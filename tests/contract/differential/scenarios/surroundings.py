"""Signals, test clients, middleware, hooks that fail."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import flask
from flask import (
    Flask,
    Response,
    after_this_request,
    g,
    has_app_context,
    has_request_context,
    request,
)
from flask.testing import FlaskClient

from ..application.events import note, taken
from .story import scenario, small_app, tell


@scenario
def signals_with_receivers_that_come_and_go() -> Any:
    app = small_app()
    client = app.test_client()

    def receive(sender: Any, **details: Any) -> None:
        note("received", sender is app, sorted(details))

    names = ["request_started", "request_finished", "got_request_exception", "request_tearing_down"]
    names += ["appcontext_pushed", "appcontext_popped", "appcontext_tearing_down"]
    signals = [getattr(flask, name) for name in names]
    log = [tell(client.get("/"))]
    for signal in signals:
        signal.connect(receive, app)
        log.append(tell(client.get("/")))
        log.append(tell(client.get("/fail")))
        signal.disconnect(receive)
    with flask.request_started.connected_to(receive):
        log.append(tell(client.get("/")))
    log.append(tell(client.get("/")))
    return [log, taken()]


@scenario
def request_attributes_replaced_by_a_hook() -> Any:
    app = small_app()

    @app.before_request
    def replace() -> None:
        request.args = {"replaced": "args"}  # type: ignore[assignment]
        request.headers = {"X-Replaced": "headers"}  # type: ignore[assignment]
        request.form = {"replaced": "form"}  # type: ignore[assignment]
        request.remote_addr = "10.0.0.1"
        request.json_module = None

    @app.route("/look", methods=["GET", "POST"])
    def look() -> dict[str, Any]:
        return {
            "args": dict(request.args),
            "headers": dict(request.headers),
            "form": dict(request.form),
            "address": request.remote_addr,
        }

    client = app.test_client()
    return [tell(client.get("/look?a=1")), tell(client.post("/look", data={"b": "2"}))]


@scenario
def a_host_that_is_not_the_server_name_is_warned_of() -> Any:
    log = []
    for host in ("shop.test", "other.test", "other.test", "127.0.0.1"):
        app = small_app(SERVER_NAME="shop.test")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            log.append(tell(app.test_client().get("/", headers={"Host": host})))
        log.append([warning.category.__name__ for warning in caught])
    return log


@scenario
def a_client_class_and_a_runner_of_ones_own() -> Any:
    class Client(FlaskClient):
        def open(self, *args: Any, **kwargs: Any) -> Any:
            note("open", sorted(kwargs))
            return super().open(*args, **kwargs)

    app = small_app()
    app.test_client_class = Client
    client = app.test_client()
    client.environ_base["HTTP_X_BASE"] = "1"
    log = [tell(client.get("/")), tell(client.post("/", data="x")), tell(client.open("/", method="OPTIONS"))]
    log.append(tell(client.get("/session/w", follow_redirects=True)))
    log.append([client.get_cookie("session") is not None])
    client.delete_cookie("session")
    log.append(tell(client.get("/touch")))
    return [log, taken()]


@scenario
def after_this_request_in_every_place() -> Any:
    app = small_app()

    @app.route("/nested")
    def nested() -> str:
        @after_this_request
        def outer(response: Response) -> Response:
            note("outer")

            @after_this_request
            def inner(response: Response) -> Response:
                note("inner")
                return response

            return response

        return "nested"

    client = app.test_client()
    log = [tell(client.get("/nested")), tell(client.get("/"))]
    try:
        after_this_request(lambda response: response)
    except RuntimeError:
        note("refused outside of a request")
    return [log, taken()]


@scenario
def a_recursive_request_from_a_view() -> Any:
    app = small_app()

    @app.route("/outer")
    def outer() -> str:
        g.outer = 1
        inner = app.test_client().get("/")
        return f"{inner.text} {request.path} {sorted(g)}"

    return [tell(app.test_client().get("/outer")), taken()]


@scenario
def error_handlers_and_teardowns_that_fail() -> Any:
    log = []
    for place in ("before", "after", "teardown", "teardown app", "handler", "after this", "start signal"):
        for config in ({}, {"TESTING": True}, {"PROPAGATE_EXCEPTIONS": False}):
            app = small_app(**config)
            _fail_in(app, place)
            client = app.test_client()
            for path in ("/", "/fail", "/nowhere"):
                try:
                    log.append([place, sorted(config), path, client.get(path).status])
                except Exception as error:
                    log.append([place, sorted(config), path, type(error).__name__])
                log.append([has_request_context(), has_app_context(), *taken()])
    return log


def _fail_in(app: Flask, place: str) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        note("failing in", place)
        raise ArithmeticError(place)

    register: dict[str, Callable[[], Any]] = {
        "before": lambda: app.before_request(fail),
        "after": lambda: app.after_request(fail),
        "teardown": lambda: app.teardown_request(fail),
        "teardown app": lambda: app.teardown_appcontext(fail),
        "handler": lambda: app.register_error_handler(ValueError, fail),
        "after this": lambda: app.before_request(lambda: after_this_request(fail) and None),
        "start signal": lambda: flask.request_started.connect(fail, app, weak=False),
    }
    register[place]()
    app.teardown_request(lambda error: note("a further teardown"))
    app.teardown_appcontext(lambda error: note("a further teardown app"))
