"""Methods that are overridden, replaced on the instance or patched on the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask import (
    Flask,
)

from ..application.events import taken
from ..changes import SEAMS, noting
from .story import scenario, small_app, tell


@scenario
def seams_replaced_on_an_instance() -> Any:
    return [_seam_story(seam, Flask, _on_instance) for seam in SEAMS]


@scenario
def seams_patched_on_the_class() -> Any:
    return [_seam_story(seam, Flask, _on_class) for seam in SEAMS]


@scenario
def seams_overridden_in_a_subclass() -> Any:
    log = []
    for seam in SEAMS:
        app_class = type("Own", (Flask,), {seam: noting(seam, getattr(Flask, seam))})
        log.append([seam, _visits(small_app(app_class)), taken()])
    return log


@scenario
def the_call_of_the_application_is_patched_on_its_class() -> Any:
    original = Flask.__call__
    app = small_app()
    client = app.test_client()
    log = [tell(client.get("/"))]
    Flask.__call__ = noting("__call__", original)  # type: ignore[method-assign]
    try:
        log.append(tell(client.get("/")))
    finally:
        Flask.__call__ = original  # type: ignore[method-assign]
    return [log, tell(client.get("/")), taken()]


def _on_instance(app: Flask, seam: str) -> Callable[[], None]:
    setattr(app, seam, noting(seam, getattr(app, seam)))
    return lambda: delattr(app, seam)


def _on_class(app: Flask, seam: str) -> Callable[[], None]:
    original = getattr(Flask, seam)
    holder = next(cls for cls in Flask.__mro__ if seam in vars(cls))
    setattr(Flask, seam, noting(seam, original))
    if holder is Flask:
        return lambda: setattr(Flask, seam, original)
    return lambda: delattr(Flask, seam)


def _seam_story(seam: str, cls: type[Flask], replace: Callable[[Flask, str], Callable[[], None]]) -> Any:
    app = small_app(cls)
    before_the_first = replace(app, seam)
    log = [_visits(app), taken()]
    before_the_first()
    log += [_visits(app), taken()]
    after_the_first = replace(app, seam)
    log += [_visits(app), taken()]
    after_the_first()
    return [seam, *log, _visits(app), taken()]


def _visits(app: Flask) -> Any:
    client = app.test_client()
    log = []
    for method, path in (
        ("GET", "/"),
        ("GET", "/fail"),
        ("POST", "/"),
        ("OPTIONS", "/"),
        ("GET", "/nowhere"),
    ):
        log.append(client.open(path, method=method).status)
    with app.app_context():
        log.append(app.test_client().get("/").text)
    return log


@scenario
def a_context_method_replaced_on_its_class() -> Any:
    log = []
    for cls, names in (
        (flask.ctx.RequestContext, ("push", "pop", "match_request", "copy")),
        (flask.ctx.AppContext, ("push", "pop")),
    ):
        for name in names:
            original = getattr(cls, name)
            app = small_app()
            _visits(app)
            taken()
            setattr(cls, name, noting(f"{cls.__name__}.{name}", original))
            try:
                log.append([name, _visits(app), taken()])
            finally:
                setattr(cls, name, original)
            log.append([_visits(app), taken()])
    return log


@scenario
def middleware_that_changes_the_environ_and_the_answer() -> Any:
    app = small_app()
    inner = app.wsgi_app

    def outer(environ: dict[str, Any], start_response: Any) -> Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].replace("/prefix", "")

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("X-Middleware", "1")], exc_info)

        return inner(environ, start)

    app.wsgi_app = outer  # type: ignore[method-assign]
    client = app.test_client()
    return [tell(client.get("/prefix/")), tell(client.get("/prefix/touch")), tell(client.get("/fail"))]
