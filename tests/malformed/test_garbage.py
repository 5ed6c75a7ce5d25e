"""Answered errors leave no cycles: errors that clients cause would else keep the garbage collector busy."""

from __future__ import annotations

import asyncio
import gc
import typing as t

import pytest
from werkzeug.test import EnvironBuilder

from erlen import Erlen, abort
from tests.protocols.web import COROUTINE, PLAIN, Colour

TIMES = 20


def refusing(colour: Colour) -> Erlen:
    app = Erlen("app", static_folder=None)

    def view() -> str:
        abort(409)

    app.add_url_rule("/", "view", colour(view))
    app.add_url_rule("/post", "post", colour(view), methods=["POST"])
    return app


def by_wsgi(app: Erlen, path: str) -> None:
    # Not by the test client, which keeps what it has asked.
    for piece in app.wsgi_app(EnvironBuilder(path=path).get_environ(), lambda *_: None):  # type: ignore[arg-type,return-value]
        assert piece


def cycles_of(ask: t.Callable[[], object]) -> int:
    """Return how many objects the garbage collector finds after some requests, the first ones left out."""
    for _ in range(5):
        ask()
    gc.collect()
    gc.disable()
    try:
        for _ in range(TIMES):
            ask()
        return gc.collect()
    finally:
        gc.enable()


@pytest.mark.parametrize("path", ["/", "/nowhere", "/post"])
def test_an_error_that_is_answered_by_wsgi_leaves_no_cycle(path: str) -> None:
    app = refusing(PLAIN)
    assert cycles_of(lambda: by_wsgi(app, path)) < TIMES


@pytest.mark.parametrize("colour", [PLAIN, COROUTINE], ids=lambda colour: colour.name)
@pytest.mark.parametrize("path", ["/", "/nowhere", "/post"])
def test_an_error_that_is_answered_by_asgi_leaves_no_cycle(path: str, colour: Colour) -> None:
    app = refusing(colour)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }

    async def receive() -> dict[str, t.Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: t.Any) -> None:
        assert message.get("status", 409) in (404, 405, 409)

    async def count() -> int:
        for _ in range(5):
            await app(dict(scope), receive, send)
        gc.collect()
        gc.disable()
        try:
            for _ in range(TIMES):
                await app(dict(scope), receive, send)
            return gc.collect()
        finally:
            gc.enable()

    assert asyncio.run(count()) < TIMES
