"""BlackSheep. A view that takes the request is a little faster than one that takes nothing, so both do."""

from __future__ import annotations

from blacksheep import Application, Request, Response, Router, json, text

from ...apps.work import FURTHER_RULES, HELLO, ITEM


def make_app() -> Application:
    app = Application(router=Router())
    for number in range(FURTHER_RULES // 2):
        app.router.add_get(f"/further/{number}", a_list())
        app.router.add_get(f"/further/{number}/{{int:item}}", an_item())
    add_views(app.router)
    return app


def a_list():
    async def view() -> Response:
        return text("list")

    return view


def an_item():
    async def view(item: int) -> Response:
        return text("item")

    return view


def add_views(router: Router) -> None:
    @router.get("/hello")
    async def hello(request: Request) -> Response:
        return text(HELLO)

    @router.get("/json")
    async def json_out(request: Request) -> Response:
        return json(ITEM)

    @router.get("/users/{int:uid}")
    async def user(uid: int) -> Response:
        return text(f"user {uid + 1}")

    @router.post("/sum")
    async def json_in_and_out(request: Request) -> Response:
        data = await request.json()
        return json({"name": data["name"], "sum": sum(data["numbers"])})
