"""Streams of ASGI servers end with their clients, behind WSGI middleware and with an unread body, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from .requests import get
from .servers import SERVERS, Server, running
from .wire import Connection

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

MORE = """

ENDED = []


class Ending:
    def __init__(self, token):
        self.token = token

    def __enter__(self):
        note(f"began {self.token}")

    def __exit__(self, *_):
        note(f"ended {self.token}")


def endless(token):
    with Ending(token):
        while True:
            yield b"piece" * 1000


@app.get("/endless")
def get_endless():
    return endless(request.args["token"])


@app.post("/early")
@stream_request
def early():
    return endless(request.args["token"])


@app.post("/limited")
def limited():
    return endless(request.args["token"])


@app.get("/waiting")
def waiting():
    async def pieces(token):
        with Ending(token):
            yield b"piece"
            await asyncio.get_running_loop().create_future()

    return pieces(request.args["token"])


def behind(inner):
    return lambda environ, start_response: inner(environ, start_response)


if WRAPPED:
    app.wsgi_app = behind(app.wsgi_app)
"""
BEGIN = "\nfrom erlen import stream_request\n\nWRAPPED = {wrapped}\n"
ASGI = [server for server in SERVERS if server.protocol == "asgi"]


@pytest.mark.parametrize("wrapped", [False, True], ids=["straight", "middleware"])
@pytest.mark.parametrize("server", ASGI, ids=lambda server: server.name)
def test_a_stream_is_closed_when_its_client_has_gone(
    tmp_path: Path, server: Server, *, wrapped: bool
) -> None:
    with running(server, tmp_path, BEGIN.format(wrapped=wrapped) + MORE) as serving:
        requests = {
            "endless": ("GET /endless", ()),
            "early": ("POST /early", ("Content-Length: 2000000",)),
            # More than the application takes.
            "limited": ("POST /limited", ("Content-Length: 6000000",)),
            "waiting": ("GET /waiting", ()),
        }
        for name, (line, headers) in requests.items():
            token = f"{name}-{wrapped}"
            with Connection(serving.port) as connection:
                connection.say(f"{line}?token={token}", *headers, body=b"a" * 1000 if headers else b"")
                assert connection.head().status == 200
                assert serving.heard(f"began {token}")
            assert serving.heard(f"ended {token}"), f"{name} goes on for a client that has gone"
        assert get(serving, "/").body == b"hello"
