"""A client that sends slowly to a coroutine holds up nobody else, on any WSGI server with threads."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract import servers as processes
from tests.contract.environment import Environment
from tests.ports import free_port

from .wire import Connection, chunked

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

GUNICORN = "gunicorn --bind 127.0.0.1:{port}"
SERVERS = {
    "gthread": f"{GUNICORN} --worker-class gthread --threads 16 hello:app",
    "gevent": f"{GUNICORN} --worker-class gevent hello:app",
    "uwsgi": "uwsgi --http-socket 127.0.0.1:{port} --module hello:app --master --threads 16",
    "granian": "granian --interface wsgi --blocking-threads 16 --host 127.0.0.1 --port {port} hello:app",
    "development": "erlen --app hello run --port {port}",
    "waitress": "waitress-serve --threads 16 --listen 127.0.0.1:{port} hello:app",
}

APPLICATION = """
import asyncio

from erlen import Erlen, request, signals, stream_request

app = Erlen(__name__)
RECEIVED = []


@app.before_request
async def before():
    if request.path == "/before":
        return request.get_data()


@app.after_request
async def after(response):
    if request.path == "/after":
        response.set_data(request.get_data())
    return response


@app.teardown_request
async def teardown(error):
    if request.path == "/teardown":
        RECEIVED.append(request.get_data())


@app.errorhandler(ZeroDivisionError)
async def handle(error):
    return request.get_data()


async def receive(sender):
    if request.path == "/receiver":
        RECEIVED.append(request.get_data())


signals.request_started.connect(receive, app)


@app.post("/get_data")
async def get_data():
    return request.get_data()


@app.post("/form")
async def form():
    return "abc" if request.form.to_dict() == {"abc": ""} else str(request.form)


@app.post("/stream")
async def stream():
    return request.stream.read()


@app.post("/pieces")
@stream_request
async def pieces():
    return b"".join([piece async for piece in request.stream_pieces()])


@app.post("/echo")
@stream_request
async def echo():
    async def upper():
        async for piece in request.stream_pieces():
            yield piece

    return upper()


@app.post("/error")
def error():
    return str(1 // 0)


@app.post("/<path:path>")
def ignores(path):
    return "abc"


@app.get("/")
async def other():
    return await asyncio.to_thread(lambda: "other")


@app.get("/received")
async def received():
    return b",".join(RECEIVED)
"""

PATHS = (
    *("/get_data", "/form", "/stream", "/pieces", "/echo"),
    *("/before", "/after", "/error", "/receiver", "/teardown"),
)


@contextlib.contextmanager
def serving(folder: Path, words: str) -> Iterator[processes.Server]:
    (folder / "hello.py").write_text(APPLICATION)
    port = free_port()
    program, *others = words.format(port=port).split()
    command = [Path(sys.executable).parent / program, *others]
    with processes.serving(
        Environment(Path(sys.prefix)), command, port, folder, {"HOME": str(folder)}
    ) as server:
        yield server


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[processes.Server]:
    with serving(tmp_path_factory.mktemp(request.param), SERVERS[request.param]) as server:
        yield server


def answer_to(server: processes.Server, path: str = "/") -> bytes:
    """Ask for a page; raises TimeoutError where the loop stands still."""
    with Connection(server.port) as connection:
        connection.socket.settimeout(5)
        connection.say(f"GET {path}", "Connection: close")
        return connection.answer().body


@contextlib.contextmanager
def beginning(server: processes.Server, path: str, how: str) -> Iterator[tuple[Connection, list[bytes]]]:
    """Send the head of a request; give what is to follow, byte by byte."""
    with Connection(server.port) as connection:
        framing = "Content-Length: 3" if how == "length" else "Transfer-Encoding: chunked"
        kind = "Content-Type: application/x-www-form-urlencoded"
        connection.say(f"POST {path}", framing, kind, "Connection: close")
        yield (
            connection,
            [b"a", b"b", b"c"] if how == "length" else [chunked(b"abc")[:4], b"bc", b"\r\n0\r\n\r\n"],
        )


@pytest.mark.parametrize("how", ["length", "chunked"])
@pytest.mark.parametrize("path", PATHS)
def test_others_are_answered_between_one_byte_and_the_next(
    server: processes.Server, path: str, how: str
) -> None:
    before = answer_to(server, "/received")
    with beginning(server, path, how) as (connection, pieces):
        for piece in pieces:
            for _ in range(3):
                assert answer_to(server) == b"other"
            connection.send(piece)
        assert connection.answer().body == b"abc", server.output.read_text()[-3000:]
    if path in ("/receiver", "/teardown"):
        assert answer_to(server, "/received") == b",".join(filter(None, (before, b"abc")))


def test_many_slow_uploads_use_up_nothing_that_others_need(server: processes.Server) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(beginning(server, "/pieces", "length")) for _ in range(14)]
        for _ in range(3):
            assert answer_to(server) == b"other"
        for connection, pieces in slow:
            connection.send(b"".join(pieces))
            assert connection.answer().body == b"abc"
