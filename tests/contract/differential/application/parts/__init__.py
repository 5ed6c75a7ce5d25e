"""Blueprints: nested, with hooks, handlers, files and templates of their own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask.views import MethodView, View
from werkzeug import exceptions

from .. import hooks
from ..errors import RAISED, Fault
from ..events import note
from ..links import all_links


class Things(MethodView):
    """One method per verb; the same object for every request."""

    init_every_request = False

    def get(self, key: int | None = None) -> dict[str, Any]:
        return {"things": key}

    def post(self) -> tuple[str, int]:
        return "made", 201

    def delete(self, key: int) -> tuple[str, int]:
        return "", 204


class Page(View):
    methods = ("GET", "POST")

    def __init__(self, title: str) -> None:
        self.title = title

    def dispatch_request(self, **values: Any) -> str:
        return f"{self.title} {request.method} {values}"


def register(app: Flask) -> None:
    outer = Blueprint(
        "parts", __name__, url_prefix="/parts", static_folder="files", template_folder="templates"
    )
    inner = Blueprint("inner", __name__, url_prefix="/inner/<int:level>")
    bare = Blueprint("bare", __name__)
    fill(outer)
    fill_inner(inner)
    bare.add_url_rule("/bare/", view_func=lambda: f"{request.blueprints}", endpoint="index")
    hooks.register_on(outer, "outer")
    hooks.register_on(inner, "inner")
    outer.register_blueprint(inner)
    outer.register_blueprint(bare)
    app.register_blueprint(outer)
    app.register_blueprint(bare, url_prefix="/bare-again", name="again")
    if app.subdomain_matching:
        app.register_blueprint(bare, subdomain="bare", name="bare_subdomain")


def fill(outer: Blueprint) -> None:
    outer.add_url_rule("/", "local", all_links)
    outer.add_url_rule("/page", view_func=lambda: render_template("parts/page.html"), endpoint="page")
    things = Things.as_view("things")
    outer.add_url_rule("/things/", view_func=things)
    outer.add_url_rule("/things/<int:key>", view_func=things, methods=["GET", "DELETE"])
    outer.add_url_rule("/view/<name>", view_func=Page.as_view("view", title="the page"))

    @outer.route("/abort/<int:code>")
    def stop(code: int) -> None:
        abort(code)

    @outer.route("/raise/<kind>")
    def fail(kind: str) -> None:
        raise RAISED[kind]()

    @outer.errorhandler(404)
    def handle_missing(error: exceptions.NotFound) -> tuple[str, int]:
        note("handler 404 of outer")
        return "missing in outer", 404

    @outer.errorhandler(Exception)
    def handle_all(error: Exception) -> tuple[str, int]:
        note("handler of all in outer", type(error).__name__)
        return f"outer handled {type(error).__name__}", 513

    @outer.app_errorhandler(410)
    def handle_gone(error: exceptions.Gone) -> tuple[str, int]:
        return "gone, says a blueprint for all", 410

    @outer.before_app_request
    def before_all() -> None:
        hooks.passing("before-all")

    @outer.after_app_request
    def after_all(response: Any) -> Any:
        hooks.passing("after-all")
        return response

    @outer.teardown_app_request
    def teardown_all(error: BaseException | None) -> None:
        hooks.passing("teardown-all")


def fill_inner(inner: Blueprint) -> None:
    @inner.url_defaults
    def add_level(endpoint: str, values: dict[str, Any]) -> None:
        values.setdefault("level", 7)

    @inner.url_value_preprocessor
    def take_level(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values is not None and request.args.get("take"):
            values.pop("level", None)

    @inner.route("/", defaults={"deep": False})
    @inner.route("/deep/", defaults={"deep": True})
    def local(deep: bool, level: int | None = None) -> dict[str, Any]:
        return {"deep": deep, "level": level, "blueprints": request.blueprints, "links": all_links()}

    @inner.route("/raise/<kind>")
    def fail(level: int, kind: str) -> None:
        raise RAISED[kind]()

    @inner.route("/abort/<int:code>")
    def stop(level: int, code: int) -> None:
        abort(code)

    @inner.errorhandler(Fault)
    def handle_fault(error: Fault) -> str:
        note("handler fault of inner")
        return "inner handled"
