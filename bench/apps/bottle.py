from __future__ import annotations

from bottle import Bottle, request, static_file

from .work import FURTHER_RULES, HELLO, ITEM, STATIC


def make_app() -> Bottle:
    app = Bottle()
    add_views(app)
    for number in range(FURTHER_RULES // 2):
        app.route(f"/further/{number}", callback=lambda: "list")
        app.route(f"/further/{number}/<item:int>", callback=lambda item: "item")
    return app


def add_views(app: Bottle) -> None:
    @app.get("/hello")
    def hello():
        return HELLO

    @app.get("/json")
    def json_out():
        return ITEM

    @app.get("/users/<uid:int>")
    def user(uid):
        return f"user {uid + 1}"

    @app.get("/search")
    def search():
        return f"found {request.query.get('q')}"

    @app.post("/form")
    def form():
        return f"{request.forms['name']} is {request.forms['age']}"

    @app.post("/sum")
    def json_in_and_out():
        data = request.json
        return {"name": data["name"], "sum": sum(data["numbers"])}

    @app.get("/static/<name>")
    def static(name):
        return static_file(name, root=STATIC)
