"""Every framework gives the same answer, so that they can be compared."""

from __future__ import annotations

import asyncio
from importlib import import_module

import pytest

from bench.served.measure import ANSWER
from bench.served.servers import ASGI, PACKAGE, PEERS, WSGI
from bench.wsgi import Request, ask

STATUS, CONTENT_TYPE, CONTENT_LENGTH, BODY = ANSWER


def app_of(name: str):
    if name in PEERS:
        pytest.importorskip(name, reason="the peers need the group `bench-served`")
    return import_module(f"{PACKAGE}.{name}").app


@pytest.mark.parametrize("name", WSGI)
def test_each_wsgi_application_gives_the_answer(name):
    answer = ask(app_of(name), Request("GET", "/"))
    assert answer.status == f"{STATUS} OK"
    assert answer.headers == [("Content-Type", CONTENT_TYPE), ("Content-Length", CONTENT_LENGTH)]
    assert answer.body == BODY


@pytest.mark.parametrize("name", ASGI)
# Reading a peer's modules must not fail over what it says of its own dependencies.
@pytest.mark.filterwarnings("ignore")
def test_each_asgi_application_gives_the_answer(name):
    start, body = asyncio.run(asked(app_of(name)))
    headers = {key.lower(): value for key, value in start["headers"]}
    assert start["status"] == STATUS
    assert headers == {
        b"content-type": CONTENT_TYPE.encode(),
        b"content-length": CONTENT_LENGTH.encode(),
    }
    assert body["body"] == BODY


async def asked(app) -> list[dict]:
    """Ask as a server does: start the application, then send one request."""
    sent: list[dict] = []
    started, stopping = asyncio.Event(), asyncio.Event()

    async def receive_lifespan():
        if not started.is_set():
            return {"type": "lifespan.startup"}
        await stopping.wait()
        return {"type": "lifespan.shutdown"}

    async def send_lifespan(message):
        started.set()

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    lifespan = asyncio.create_task(
        app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive_lifespan, send_lifespan)
    )
    await started.wait()
    await app(SCOPE | {"state": {}}, receive, send)
    stopping.set()
    await lifespan
    return [message for message in sent if message.get("body", b"x")]


SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/",
    "raw_path": b"/",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1")],
    "client": ("127.0.0.1", 51000),
    "server": ("127.0.0.1", 8000),
}
