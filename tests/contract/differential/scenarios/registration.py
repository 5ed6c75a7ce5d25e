"""Hooks, views and handlers that are registered or replaced while a request runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    after_this_request,
    request,
)

from ..application.events import note, taken
from .story import scenario, small_app, tell


@scenario
def hooks_registered_while_a_request_runs() -> Any:
    app = small_app()
    part = Blueprint("part", __name__)

    def adder(label: str) -> None:
        after, teardown = app.after_request_funcs, app.teardown_request_funcs
        after.setdefault(None, []).append(lambda response: note(label, "after") or response)
        after.setdefault("part", []).append(lambda response: note(label, "after part") or response)
        teardown.setdefault(None, []).append(lambda error: note(label, "teardown"))
        teardown.setdefault("part", []).append(lambda error: note(label, "teardown part"))
        app.teardown_appcontext_funcs.append(lambda error: note(label, "teardown app"))
        after_this_request(lambda response: note(label, "after this") or response)

    @part.route("/part")
    def view() -> str:
        adder("from the view")
        return "part"

    app.register_blueprint(part)
    app.before_request_funcs[None].append(lambda: request.args.get("early") and adder("from a hook"))
    client = app.test_client()
    log = [tell(client.get(path)) for path in ("/part", "/part", "/", "/part?early=1", "/?early=1")]
    return [log, taken()]


@scenario
def a_before_hook_that_adds_and_removes_before_hooks() -> Any:
    app = small_app()

    def first() -> None:
        note("first")
        hooks.append(late)

    def late() -> None:
        note("late")
        hooks.remove(late)

    hooks = app.before_request_funcs[None]
    hooks.append(first)
    client = app.test_client()
    return [tell(client.get("/")), tell(client.get("/")), taken()]


@scenario
def a_view_and_a_handler_replaced_by_a_before_hook() -> Any:
    app = small_app()

    @app.before_request
    def replace() -> None:
        if "view" in request.args:
            app.view_functions["index"] = lambda: "another view"
        if "handler" in request.args:
            app.error_handler_spec[None][None][ValueError] = lambda error: ("handled", 418)
        if "match" in request.args:
            request.url_rule = next(app.url_map.iter_rules("touch"))
            request.view_args = {}

    client = app.test_client()
    return [
        tell(client.get(path)) for path in ("/", "/?view", "/", "/fail", "/fail?handler", "/fail", "/?match")
    ]


@scenario
def registering_after_the_first_request_is_refused() -> Any:
    app = small_app()
    app.test_client().get("/")
    part = Blueprint("late", __name__)
    attempts: dict[str, Callable[[], Any]] = {
        "route": lambda: app.add_url_rule("/late", "late", lambda: "late"),
        "before": lambda: app.before_request(lambda: None),
        "after": lambda: app.after_request(lambda response: response),
        "teardown": lambda: app.teardown_request(lambda error: None),
        "teardown app": lambda: app.teardown_appcontext(lambda error: None),
        "handler": lambda: app.register_error_handler(404, lambda error: "x"),
        "blueprint": lambda: app.register_blueprint(part),
        "processor": lambda: app.context_processor(dict),
        "url defaults": lambda: app.url_defaults(lambda endpoint, values: None),
        "url values": lambda: app.url_value_preprocessor(lambda endpoint, values: None),
        "filter": lambda: app.add_template_filter(len, "late"),
        "shell": lambda: app.shell_context_processor(dict),
    }
    return {name: _outcome(attempt) for name, attempt in attempts.items()}


def _outcome(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except Exception as error:
        return type(error).__name__
    return "accepted"
