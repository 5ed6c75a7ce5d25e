from __future__ import annotations

from blacksheep import Application, Response, Router, html

app = Application(router=Router())


@app.router.get("/")
async def hello() -> Response:
    return html("Hello, World!")
