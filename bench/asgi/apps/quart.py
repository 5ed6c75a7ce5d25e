from __future__ import annotations

import quart
from quart import Quart, render_template, request

from ...apps.work import FURTHER_RULES, HELLO, ITEM
from .page import TEMPLATES, add_page


def make_app() -> Quart:
    app = Quart(__name__, template_folder=TEMPLATES)
    for number in range(FURTHER_RULES // 2):
        app.add_url_rule(f"/further/{number}", f"list_{number}", a_list)
        app.add_url_rule(f"/further/{number}/<int:item>", f"item_{number}", an_item)
    add_views(app)
    add_page(app, quart, render_template)
    return app


async def a_list():
    return "list"


async def an_item(item):
    return "item"


def add_views(app: Quart) -> None:
    @app.get("/hello")
    async def hello():
        return HELLO

    @app.get("/json")
    async def json_out():
        return ITEM

    @app.get("/users/<int:uid>")
    async def user(uid):
        return f"user {uid + 1}"

    @app.post("/sum")
    async def json_in_and_out():
        data = await request.get_json()
        return {"name": data["name"], "sum": sum(data["numbers"])}
