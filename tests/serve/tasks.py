"""Applications that add background tasks, served from their start to their stop."""

from __future__ import annotations

import asyncio
import typing as t

from erlen import Erlen
from tests.gateway.asgi.driver import Server, body, run

SCOPE = {"type": "lifespan", "asgi": {"version": "3.0"}}


STARTUP, SHUTDOWN = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}


def served(
    app: Erlen, *requests: dict[str, t.Any], before_stop: t.Callable[[], None] = lambda: None
) -> Server:
    """Serve requests inside of a lifespan; return its server."""

    async def main() -> Server:
        lifespan = Server(SCOPE, STARTUP)
        task = lifespan.start(app)
        await lifespan.sends(1)
        for scope in requests:
            await Server(scope, *body(b"")).start(app)
        before_stop()
        lifespan.bring(SHUTDOWN)
        await task
        return lifespan

    return run(main())


def adding(function: t.Callable[..., t.Any], *args: t.Any, name: str = "app", **kwargs: t.Any) -> Erlen:
    """Make an application whose views, of either colour, add a background task."""
    app = Erlen(name)

    @app.get("/plain")
    def plain() -> str:
        app.add_background_task(function, *args, **kwargs)
        return "plain"

    @app.get("/coroutine")
    async def coroutine() -> str:
        app.add_background_task(function, *args, **kwargs)
        return "coroutine"

    return app


COLOURS = ["plain", "coroutine"]


def colour(kind: str, function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    if kind == "plain":
        return function

    async def coroutine(*args: t.Any, **kwargs: t.Any) -> t.Any:
        await asyncio.sleep(0)
        return function(*args, **kwargs)

    return coroutine
