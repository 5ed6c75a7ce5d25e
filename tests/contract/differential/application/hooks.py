"""Hooks of every kind and signals. Each notes itself; the request's headers tell a hook to answer or to fail.

`X-Break: NAME` makes the hook of that name raise, `X-Answer: NAME` makes a before-hook answer the request.
"""

from __future__ import annotations

from typing import Any

import flask
from flask import Blueprint, Flask, Response, after_this_request, current_app, g, has_request_context, request

from .events import note


class HookError(Exception):
    """Raised by a hook that was told to fail."""


def told_to(header: str, name: str) -> bool:
    """Say whether the request tells the hook `name` to do what the header stands for."""
    return has_request_context() and name in request.headers.get(header, "").split()


def passing(name: str) -> None:
    """Note a hook, and fail when told to."""
    note(name)
    if told_to("X-Break", name):
        raise HookError(name)


def register_on(setup: Flask | Blueprint, name: str) -> None:
    """Register one hook of each kind that applications and blueprints share."""

    @setup.before_request
    def before() -> Any:
        passing(f"before-{name}")
        if told_to("X-Answer", f"before-{name}"):
            return f"answered by {name}", 203

    @setup.after_request
    def after(response: Response) -> Response:
        passing(f"after-{name}")
        response.headers.add("X-After", name)
        return response

    @setup.teardown_request
    def teardown(error: BaseException | None) -> None:
        note(f"teardown-{name}", type(error).__name__, request.endpoint)
        passing(f"teardown-{name}")

    @setup.url_value_preprocessor
    def preprocess(endpoint: str | None, values: dict[str, Any] | None) -> None:
        passing(f"preprocess-{name}")
        note(endpoint, sorted(values.items()) if values else values)

    @setup.context_processor
    def context() -> dict[str, Any]:
        passing(f"context-{name}")
        return {f"from_{name}": name}


def register(app: Flask) -> None:
    register_on(app, "app")

    @app.before_request
    def second() -> None:
        passing("before-second")
        g.seen = [*g.get("seen", []), request.endpoint]

        @after_this_request
        def once(response: Response) -> Response:
            passing("after-this")
            return response

    @app.after_request
    def second_after(response: Response) -> Response:
        passing("after-second")
        if told_to("X-Answer", "after-second"):
            return current_app.response_class("replaced", 299)
        return response

    @app.teardown_appcontext
    def teardown(error: BaseException | None) -> None:
        note("teardown-appcontext", type(error).__name__, sorted(g))
        passing("teardown-appcontext")

    connect_signals(app)


def connect_signals(app: Flask) -> None:
    """Note every signal that this application sends."""
    for name in (
        "request_started",
        "request_finished",
        "got_request_exception",
        "request_tearing_down",
        "appcontext_pushed",
        "appcontext_popped",
        "appcontext_tearing_down",
        "template_rendered",
        "before_render_template",
        "message_flashed",
    ):

        def receive(sender: Flask, name: str = name, **details: Any) -> None:
            note("signal", name, sorted(details))

        getattr(flask, name).connect(receive, app, weak=False)
