"""A chunked body that is malformed or breaks off is the client's error, whichever way it is read."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract import servers as processes
from tests.contract.environment import Environment
from tests.ports import free_port

from .test_slow_senders import SERVERS
from .wire import Connection

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

APPLICATION = """
from erlen import Erlen, request, stream_request

app = Erlen(__name__)


@app.post("/plain")
def plain():
    return request.get_data()


@app.post("/coroutine")
async def coroutine():
    return request.get_data()


@app.post("/limited")
def limited():
    request.max_content_length = 1000
    return request.get_data()


@app.post("/pieces")
@stream_request
async def pieces():
    return b"".join([piece async for piece in request.stream_pieces()])


@app.post("/plain-pieces")
@stream_request
def plain_pieces():
    return b"".join(request.stream_pieces())
"""

PATHS = ("/plain", "/coroutine", "/limited", "/pieces", "/plain-pieces")
MALFORMED = (b"-1\r\nabc\r\n0\r\n\r\n", b"3\r\nabc\r\n5\r\nab")
# granian ends such a body without a word, and waitress does not answer a client that stops sending.
ASKED = ("gthread", "gevent", "uwsgi", "development")


@pytest.fixture(scope="module", params=ASKED)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[processes.Server]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "hello.py").write_text(APPLICATION)
    port = free_port()
    program, *others = SERVERS[request.param].format(port=port).split()
    command = [Path(sys.executable).parent / program, *others]
    with processes.serving(
        Environment(Path(sys.prefix)), command, port, folder, {"HOME": str(folder)}
    ) as server:
        yield server


@pytest.mark.parametrize("body", MALFORMED)
@pytest.mark.parametrize("path", PATHS)
def test_a_malformed_chunked_body_is_a_400(server: processes.Server, path: str, body: bytes) -> None:
    with Connection(server.port) as connection:
        connection.say(f"POST {path}", "Transfer-Encoding: chunked", "Connection: close")
        connection.send(body)
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.answer().status == 400, server.output.read_text()[-2000:]
