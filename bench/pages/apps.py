"""The application of these cases: one text for both frameworks."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from ..apps.work import STATIC
from .rendered import add_rendered

FRAMEWORKS = ("erlen", "flask")
# So many rules are there besides, and so many URLs on a page of links.
FURTHER_RULES = 200
LINKS = 100


def load(framework: str) -> Any:
    """Make the application of a framework. Raise ImportError when it is not installed."""
    web = import_module(framework)
    if framework == "flask" and web.Flask.__module__ != "flask.app":
        raise RuntimeError("`flask` means another framework in this process. Is ERLEN_AS_FLASK set?")
    return build(web)


def build(web: ModuleType) -> Any:
    """Make the application from a module that has Flask's names."""
    app = web.Flask(__name__, static_folder=STATIC, static_url_path="/static")
    app.secret_key = "not a secret: it only signs measured cookies"
    add_links(app, web)
    add_forms(app, web)
    add_errors(app, web)
    add_rendered(app, web)
    for number in range(FURTHER_RULES):
        app.add_url_rule(f"/further/{number}/<int:item>", f"item_{number}", lambda item: "item")
    return app


def add_links(app: Any, web: ModuleType) -> None:
    url_for = web.url_for

    @app.get("/users/<int:uid>")
    def user(uid):
        return f"user {uid}"

    @app.get("/tags/<name>")
    def tag(name):
        return f"tag {name}"

    @app.get("/paths")
    def paths():
        for _ in range(LINKS):
            url = url_for("tag", name="flask")
        return url

    @app.get("/queries")
    def queries():
        for _ in range(LINKS):
            url = url_for("user", uid=41, page=2, q="flask")
        return url

    @app.get("/go")
    def go():
        return web.redirect(url_for("user", uid=41))


def add_forms(app: Any, web: ModuleType) -> None:
    request, session = web.request, web.session

    @app.post("/save")
    def save():
        web.flash(f"Saved {request.form['name']}.")
        return web.redirect(web.url_for("user", uid=41))

    @app.get("/login")
    def login():
        session["user"] = "ada"
        return "welcome"

    @app.get("/me")
    def me():
        return f"user {session['user']}"

    @app.get("/visits")
    def visits():
        session["visits"] = session.get("visits", 0) + 1
        return f"visit {session['visits']}"


def add_errors(app: Any, web: ModuleType) -> None:
    @app.errorhandler(404)
    def not_found(error):
        return "<h1>There is no such page</h1>", 404

    @app.get("/gone")
    def gone():
        web.abort(410)
