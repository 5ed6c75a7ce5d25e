"""A small application that says `from flask import`: what each agent is asked to trace."""

from __future__ import annotations

from flask import Flask, flash, g, jsonify, redirect, render_template, request, session, url_for

from .basket import basket


def create_app() -> Flask:
    """Make the application; each agent has its own way to be told of it."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "of the tests"
    app.register_blueprint(basket, url_prefix="/basket")
    _add_hooks(app)
    _add_pages(app)
    return app


def _add_hooks(app: Flask) -> None:
    @app.before_request
    def set_a_name() -> None:
        g.name = request.args.get("name", "nobody")

    @app.after_request
    def add_a_header(response):
        response.headers["X-Framework"] = type(app.json).__module__.partition(".")[0]
        return response

    @app.teardown_request
    def forget_the_name(error: BaseException | None) -> None:
        g.pop("name", None)

    @app.errorhandler(LookupError)
    def not_in_stock(error: LookupError):
        return jsonify(error=str(error)), 409


def _add_pages(app: Flask) -> None:
    @app.get("/")
    def page() -> str:
        return render_template("page.html", name=g.name)

    @app.get("/items/<int:number>")
    def item(number: int):
        return jsonify(number=number)

    @app.get("/fails")
    def fails() -> str:
        raise ValueError("of the view")

    @app.get("/sold-out")
    def sold_out() -> str:
        raise LookupError("sold out")

    @app.route("/visits", methods=["GET", "POST"])
    def visits():
        if request.method == "POST":
            session["visits"] = session.get("visits", 0) + 1
            flash("counted")
            return redirect(url_for("visits"))
        return str(session.get("visits"))
