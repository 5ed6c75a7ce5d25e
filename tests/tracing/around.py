"""Applications with middleware, called by an ASGI server."""

from __future__ import annotations

import asyncio
import threading
import typing as t

import erlen
from erlen import Erlen
from tests.load.asking import ask

R = t.TypeVar("R")


def run(main: t.Coroutine[t.Any, t.Any, R]) -> R:
    """Run a coroutine as a server would: its loop is this thread's."""
    return asyncio.run(asyncio.wait_for(main, 60))


def here() -> str:
    """Say on which thread this is called: the loop's, or one of the pool."""
    current = threading.current_thread()
    return "loop" if current is threading.main_thread() else current.name.rpartition("-")[0]


def application(**names: str) -> Erlen:
    """Make an application whose views tell where they run and what they are given."""
    app = Erlen(names.get("name", "app"))

    def told() -> dict[str, t.Any]:
        request = erlen.request
        return {
            "app": app.name,
            "at": here(),
            "path": request.path,
            "root": request.root_path,
            "url": request.url,
            "from": request.remote_addr,
            "method": request.method,
            "body": request.get_data(as_text=True),
        }

    @app.route("/plain/<path:x>", methods=["GET", "POST", "PUT"])
    def plain(x: str) -> t.Any:
        return told()

    @app.route("/coroutine/<path:x>", methods=["GET", "POST", "PUT"])
    async def coroutine(x: str) -> t.Any:
        assert asyncio.get_running_loop() is not None
        await asyncio.sleep(0)
        return told()

    @app.websocket("/coroutine/socket")
    async def socket() -> None:
        websocket = erlen.websocket
        secure = "secure" if websocket.is_secure else "open"
        await websocket.send(f"{websocket.remote_addr} {secure} {websocket.url.partition('://')[2]}")

    return app


async def told(app: t.Any, path: str, **values: t.Any) -> dict[str, t.Any]:
    answer = await ask(app, path, **values)
    assert answer.status == 200, answer.text
    return t.cast("dict[str, t.Any]", erlen.json.loads(answer.text))


class Around:
    """WSGI middleware of no known kind, which notes where it was called."""

    def __init__(self, app: t.Any) -> None:
        self.app = app
        self.called: list[str] = []

    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        self.called.append(here())
        return self.app(environ, start_response)


COLOURS = {"plain": "erlen-pool", "coroutine": "loop"}


class Marking:
    """ASGI middleware that notes what comes in, and marks what goes out."""

    def __init__(self, app: t.Any) -> None:
        self.app = app
        self.kinds: list[str] = []

    async def __call__(self, scope: t.Any, receive: t.Any, send: t.Any) -> None:
        self.kinds.append(scope["type"])

        async def marking(message: t.Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-marked", b"yes")]}
            await send(message)

        await self.app({**scope, "client": ("198.51.100.9", 1)}, receive, marking)
