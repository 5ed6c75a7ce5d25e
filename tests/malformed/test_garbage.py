"""Answered errors leave no cycles: errors that clients cause would else keep the garbage collector busy."""

from __future__ import annotations

import asyncio
import gc
import typing as t

import pytest
from werkzeug.test import EnvironBuilder

from erlen import Erlen, Response, abort
from tests.protocols.web import COROUTINE, PLAIN, Colour

TIMES = 20


@pytest.fixture(scope="module", autouse=True)
def what_others_made() -> None:
    """Have each collection look at what these tests make alone: all that is there takes half a second."""
    gc.collect()
    gc.freeze()


def refusing(colour: Colour) -> Erlen:
    app = Erlen("app", static_folder=None)

    def view() -> str:
        abort(409)

    app.add_url_rule("/", "view", colour(view))
    app.add_url_rule("/post", "post", colour(view), methods=["POST"])
    return app


def with_hook(colour: Colour) -> Erlen:
    app = refusing(colour)

    def after(response: Response) -> Response:
        return response

    app.after_request(colour(after))
    return app


def failing(colour: Colour, kind: type[Erlen] = Erlen) -> Erlen:
    app = kind("app", static_folder=None)
    app.logger.disabled = True

    def view() -> str:
        raise ValueError

    app.add_url_rule("/", "view", colour(view))
    app.add_url_rule("/post", "post", colour(view), methods=["POST"])
    return app


class WithSeam(Erlen):
    def full_dispatch_request(self) -> Response:
        return super().full_dispatch_request()


def with_seam(colour: Colour) -> Erlen:
    return failing(colour, WithSeam)


KINDS = [(make, path) for make in (refusing, with_hook, failing) for path in ("/", "/nowhere", "/post")]


def name_of(value: t.Any) -> str | None:
    return getattr(value, "name", None) or getattr(value, "__name__", None)


async def by_wsgi(app: Erlen, path: str) -> None:
    # Not by the test client, which keeps what it has asked.
    for piece in app.wsgi_app(EnvironBuilder(path=path).get_environ(), lambda *_: None):  # type: ignore[arg-type,return-value]
        assert piece


def cycles_of(ask: t.Callable[[], t.Coroutine[t.Any, t.Any, object]]) -> int:
    """Return how many objects the garbage collector finds after some requests, the first ones left out.

    The smallest of some numbers, as threads and loops that ended before may leave objects meanwhile.
    """

    async def count() -> int:
        for _ in range(5):
            await ask()
        gc.collect()
        gc.disable()
        try:
            for _ in range(TIMES):
                await ask()
            return gc.collect()
        finally:
            gc.enable()

    return min(asyncio.run(count()) for _ in range(3))


# Where the seams are overridden, Flask's way is taken: a 404 keeps its traceback.
@pytest.mark.parametrize(("make", "path"), [*KINDS, (with_seam, "/")], ids=name_of)
def test_an_error_that_is_answered_by_wsgi_leaves_no_cycle(
    make: t.Callable[[Colour], Erlen], path: str
) -> None:
    app = make(PLAIN)
    assert cycles_of(lambda: by_wsgi(app, path)) < TIMES


# An exception that nothing handles passes through coroutines that hold it: it is no client who causes that.
@pytest.mark.parametrize(
    ("make", "path", "colour"),
    [
        (make, path, colour)
        for make, path in KINDS
        for colour in (PLAIN, COROUTINE)
        if not (make is failing and path == "/" and colour is COROUTINE)
    ],
    ids=name_of,
)
def test_an_error_that_is_answered_by_asgi_leaves_no_cycle(
    make: t.Callable[[Colour], Erlen], path: str, colour: Colour
) -> None:
    app = make(colour)
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
        assert message.get("status", 409) in (404, 405, 409, 500)

    assert cycles_of(lambda: app(dict(scope), receive, send)) < TIMES
