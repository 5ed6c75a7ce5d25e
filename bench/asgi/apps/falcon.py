from __future__ import annotations

import falcon
import falcon.asgi

from ...apps.work import FURTHER_RULES, HELLO, ITEM


class Hello:
    async def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = HELLO


class JsonOut:
    async def on_get(self, req, resp):
        resp.media = ITEM


class User:
    async def on_get(self, req, resp, uid):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = f"user {uid + 1}"


class JsonInAndOut:
    async def on_post(self, req, resp):
        data = await req.get_media()
        resp.media = {"name": data["name"], "sum": sum(data["numbers"])}


class Further:
    async def on_get(self, req, resp, item=None):
        resp.text = "item"


def make_app() -> falcon.asgi.App:
    app = falcon.asgi.App()
    for number in range(FURTHER_RULES // 2):
        app.add_route(f"/further/{number}", Further())
        app.add_route(f"/further/{number}/{{item:int}}", Further())
    app.add_route("/hello", Hello())
    app.add_route("/json", JsonOut())
    app.add_route("/users/{uid:int}", User())
    app.add_route("/sum", JsonInAndOut())
    return app
