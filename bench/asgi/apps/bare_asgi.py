"""No framework: the least that answers."""

from __future__ import annotations

import json

from ...apps.work import FURTHER_RULES, HELLO, ITEM

TEXT = b"text/plain; charset=utf-8"
JSON = b"application/json"


async def answer(send, text, content_type=TEXT, status=200):
    body = text.encode()
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive):
    message = await receive()
    body = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    return body


async def hello(scope, receive, send):
    await answer(send, HELLO)


async def json_out(scope, receive, send):
    await answer(send, json.dumps(ITEM), JSON)


async def user(scope, receive, send):
    uid = int(scope["path"].rpartition("/")[2])
    await answer(send, f"user {uid + 1}")


async def json_in_and_out(scope, receive, send):
    data = json.loads(await body_of(receive))
    await answer(send, json.dumps({"name": data["name"], "sum": sum(data["numbers"])}), JSON)


async def not_found(scope, receive, send):
    await answer(send, "not found", status=404)


async def lifespan(receive, send):
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def make_app():
    routes = {("GET", f"/further/{number}"): hello for number in range(FURTHER_RULES)}
    routes |= {("GET", "/hello"): hello, ("GET", "/json"): json_out, ("POST", "/sum"): json_in_and_out}

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        path = scope["path"]
        view = routes.get((scope["method"], path))
        if view is None:
            view = user if path.startswith("/users/") else not_found
        return await view(scope, receive, send)

    return app
