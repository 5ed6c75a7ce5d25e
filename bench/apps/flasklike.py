"""The application for Flask and for Erlen: one text, so that neither does less than the other."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from .work import FRIENDS, FURTHER_RULES, GREETING, HELLO, HERE, ITEM, ROWS


def build(web: ModuleType) -> Any:
    """Make the application from a module that has Flask's names."""
    app = web.Flask(__name__, root_path=str(HERE))
    app.secret_key = "not a secret: it only signs measured cookies"
    add_views(app, web)
    add_rendered_views(app, web)
    app.register_blueprint(shop(web))
    for number in range(FURTHER_RULES // 2):
        app.add_url_rule(f"/further/{number}", f"list_{number}", lambda: "list")
        app.add_url_rule(f"/further/{number}/<int:item>", f"item_{number}", lambda item: "item")
    return app


def add_views(app: Any, web: ModuleType) -> None:
    request, session = web.request, web.session

    @app.get("/hello")
    def hello():
        return HELLO

    @app.get("/json")
    def json_out():
        return ITEM

    @app.get("/users/<int:uid>")
    def user(uid):
        return f"user {uid + 1}"

    @app.get("/search")
    def search():
        return f"found {request.args.get('q')}"

    @app.post("/form")
    def form():
        return f"{request.form['name']} is {request.form['age']}"

    @app.post("/sum")
    def json_in_and_out():
        data = request.get_json()
        return {"name": data["name"], "sum": sum(data["numbers"])}

    @app.get("/visits")
    def visits():
        session["visits"] = session.get("visits", 0) + 1
        return f"visit {session['visits']}"


def add_rendered_views(app: Any, web: ModuleType) -> None:
    render_template, render_template_string = web.render_template, web.render_template_string

    @app.get("/rows")
    def rows():
        return render_template("rows.html", title="Flasks", rows=ROWS)

    @app.get("/greeting")
    def greeting():
        return render_template_string(GREETING, name="World", friends=FRIENDS)


def shop(web: ModuleType) -> Any:
    bp = web.Blueprint("shop", __name__, url_prefix="/shop")
    g = web.g

    @bp.before_request
    def find_user():
        g.user = "Ada"

    @bp.after_request
    def sign(response):
        response.headers["X-Served-By"] = "shop"
        return response

    @bp.teardown_request
    def forget_user(error):
        g.pop("user", None)

    @bp.get("/basket")
    def basket():
        return f"basket of {g.user}"

    return bp
