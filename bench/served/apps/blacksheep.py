from __future__ import annotations

from blacksheep import Application, Response, get, html

app = Application()


@get("/")
async def hello() -> Response:
    return html("Hello, World!")
