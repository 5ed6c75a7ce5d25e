from __future__ import annotations

import falcon

from .work import FURTHER_RULES, HELLO, ITEM, STATIC


class Hello:
    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = HELLO


class JsonOut:
    def on_get(self, req, resp):
        resp.media = ITEM


class User:
    def on_get(self, req, resp, uid):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = f"user {uid + 1}"


class Search:
    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = f"found {req.get_param('q')}"


class Form:
    def on_post(self, req, resp):
        form = req.get_media()
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = f"{form['name']} is {form['age']}"


class JsonInAndOut:
    def on_post(self, req, resp):
        data = req.get_media()
        resp.media = {"name": data["name"], "sum": sum(data["numbers"])}


class Further:
    def on_get(self, req, resp, item=None):
        resp.text = "item"


def make_app() -> falcon.App:
    app = falcon.App()
    app.add_route("/hello", Hello())
    app.add_route("/json", JsonOut())
    app.add_route("/users/{uid:int}", User())
    app.add_route("/search", Search())
    app.add_route("/form", Form())
    app.add_route("/sum", JsonInAndOut())
    app.add_static_route("/static", STATIC)
    for number in range(FURTHER_RULES // 2):
        app.add_route(f"/further/{number}", Further())
        app.add_route(f"/further/{number}/{{item:int}}", Further())
    return app
