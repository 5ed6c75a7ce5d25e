"""A stream that fails while it is sent: teardown functions hear of it, whatever the server is written in."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from .servers import SERVERS, Server, running
from .wire import Connection

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

MORE = """

async def failing():
    yield "a"
    await asyncio.sleep(0)
    raise LookupError


@app.get("/failing/<token>")
async def fail(token):
    g.token = token
    return failing()


@app.get("/ending/<token>")
async def end(token):
    g.token = token
    return letters()


async def letters():
    yield "a"


@app.teardown_request
async def tell(error):
    if "token" in g:
        note(f"{g.token} torn down with {type(error).__name__}")
"""


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_teardown_functions_hear_what_ended_a_stream(server: Server, tmp_path: Path) -> None:
    with running(server, tmp_path, MORE) as serving:
        for kind, error in (("failing", "LookupError"), ("ending", "NoneType")) * 2:
            token = serving.token()
            with Connection(serving.port) as connection, contextlib.suppress(ConnectionError, ValueError):
                connection.say(f"GET /{kind}/{token}", "Connection: close")
                connection.answer()
            assert serving.heard(token) == f"{token} torn down with {error}"
