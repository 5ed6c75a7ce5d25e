"""Erlen with a coroutine view, for servers that speak ASGI."""

from __future__ import annotations

from erlen import Erlen

app = Erlen(__name__)


@app.get("/")
async def hello():
    return "Hello, World!"
