"""An application with a plain view and a coroutine view, asked by both protocols."""

from __future__ import annotations

from erlen import Erlen
from tests.gateway.asgi.driver import ask_once, http
from tests.serve.beside import call, environ


def greeting(cls: type[Erlen] = Erlen) -> Erlen:
    app = cls("app")
    app.add_url_rule("/plain", "plain", lambda: "plain")

    @app.get("/coroutine")
    async def coroutine() -> str:
        return "coroutine"

    return app


def greetings(app: Erlen) -> list[str]:
    """Return what it answers: two requests by each protocol."""
    wsgi = [call(app, environ(path)).body.decode() for path in ("/plain", "/coroutine")]
    asgi = [ask_once(app, http(path)).text for path in ("/plain", "/coroutine")]
    return wsgi + asgi


BOTH = ["plain", "coroutine"] * 2
