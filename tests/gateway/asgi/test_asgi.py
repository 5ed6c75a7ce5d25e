"""The one call for both protocols: how it looks to servers, and what becomes of those who replace it."""

from __future__ import annotations

import typing as t

from erlen import Erlen, g
from tests.gateway.asgi.driver import Server, ask, body, http, run
from tests.gateway.asgi.greetings import BOTH, greeting, greetings

# middleware


def test_asgi_app_may_be_wrapped() -> None:
    app, seen = greeting(), []
    inner = app.asgi_app

    async def middleware(scope: t.Any, receive: t.Any, send: t.Any) -> None:
        seen.append(scope["path"])
        await inner(scope, receive, send)

    app.asgi_app = middleware  # type: ignore[method-assign]

    assert greetings(app) == BOTH
    assert seen == ["/plain", "/coroutine"]


def test_asgi_app_may_be_overridden() -> None:
    class Moved(Erlen):
        async def asgi_app(self, scope: t.Any, receive: t.Any, send: t.Any) -> None:
            await super().asgi_app({**scope, "path": scope["path"].removeprefix("/moved")}, receive, send)

    assert ask(greeting(Moved), http("/moved/plain")).text == "plain"


def test_middleware_may_leave_a_context_active() -> None:
    """An application context around the call, as a test's fixture has one, is shared as under WSGI."""
    app = Erlen("app")

    @app.get("/")
    async def view() -> str:
        return str(g.get("x"))

    async def main() -> str:
        with app.app_context():
            g.x = "shared"
            return (await Server(http(), *body(b"")).serve(app)).text

    assert run(main()) == "shared"
