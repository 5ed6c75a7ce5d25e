"""An application that says `from flask import`, with types to be checked and branches to be counted."""

from __future__ import annotations

import flask
from flask import Flask, g, jsonify, render_template_string, request, session
from flask.views import MethodView


class Item(MethodView):
    """A page with two branches."""

    def get(self, number: int) -> dict[str, int]:
        if number > 5:
            return {"large": number}
        return {"small": number}


def create_app() -> Flask:
    """Make the application."""
    app = Flask(__name__)
    app.secret_key = "of the tests"

    @app.before_request
    def remember() -> None:
        g.name = request.args.get("name", "nobody")

    @app.get("/")
    def hello() -> str:
        session["name"] = g.name
        return render_template_string("Hello, {{ g.name }}!")

    @app.get("/json")
    def as_json() -> flask.Response:
        return jsonify(name=g.name)

    app.add_url_rule("/items/<int:number>", view_func=Item.as_view("item"))
    return app


def add(first: int, second: int) -> int:
    """Add numbers; texts are added too, where nobody checks types."""
    return first + second
