"""The page of 20 messages by coroutine views: the same templates and values as in `bench.pages`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from ... import pages
from ...pages.rendered import add_site, messages

TEMPLATES = str(Path(pages.__file__).parent / "templates")


def add_page(app: Any, web: ModuleType, render: Callable[..., Awaitable[str]]) -> None:
    """Add the page and the views that it links to."""
    app.secret_key = "not a secret: it only signs measured cookies"
    written = messages()
    add_site(app, web)

    @app.get("/messages")
    async def show_messages():
        return await render("messages.html", messages=written)

    @app.get("/login")
    async def login():
        web.session["user"] = "ada"
        return "welcome"

    @app.get("/tags/<name>")
    async def tag(name):
        return f"tag {name}"

    @app.get("/objects")
    async def show_objects():
        return "objects"
