"""Coroutine views on gunicorn's gevent worker: many at once, streams of either end, and forked workers."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract import servers as processes
from tests.contract.environment import Environment
from tests.ports import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

PATIENCE = 30  # seconds until something that must happen is given up

APPLICATION = """
import asyncio
import os
from pathlib import Path

from erlen import Erlen, EventStream, g, request

app = Erlen(__name__)
inside = greatest = 0
everybody = asyncio.Event()


def note(event):
    with Path("events").open("a") as events:
        events.write(event + "\\n")


@app.before_request
def arrive():
    note(f"arrived {request.path}")


@app.before_request
async def load():
    g.path = request.path


@app.teardown_request
async def unload(error):
    note(f"teardown {g.path}")


@app.get("/")
async def index():
    await asyncio.sleep(0)
    return str(os.getpid())


@app.post("/upload")
async def upload():
    return str(len(request.get_data()))


@app.get("/together/<int:number>")
async def together(number):
    global inside, greatest
    inside += 1
    greatest = max(greatest, inside)
    if inside == 20:
        everybody.set()
    await asyncio.wait_for(everybody.wait(), 30)
    inside -= 1
    return f"{number} {request.path} {g.path} {greatest}"


async def count(stop):
    try:
        for number in range(stop):
            await asyncio.sleep(0)
            yield f"{number} {request.path}\\n"
    finally:
        note(f"closed {request.path}")


@app.get("/stream/<int:stop>")
async def stream(stop):
    return count(stop)


@app.get("/events/<int:stop>")
def events(stop):
    return EventStream(count(stop))


@app.get("/error")
async def error():
    raise ValueError("this view always fails")


@app.errorhandler(ValueError)
async def handle(error):
    await asyncio.sleep(0)
    return str(error), 400


@app.websocket("/socket")
async def talk():
    pass


# As an application that asks for something when it is made: with --preload this is before the fork.
made_in = app.test_client().get("/").text
"""


@contextlib.contextmanager
def gunicorn(folder: Path, *words: str) -> Iterator[processes.Server]:
    """Serve the application by gunicorn's gevent worker."""
    (folder / "hello.py").write_text(APPLICATION)
    port = free_port()
    program = Path(sys.executable).with_name("gunicorn")
    command = [program, "--worker-class", "gevent", "--bind", f"127.0.0.1:{port}", *words, "hello:app"]
    with processes.serving(
        Environment(Path(sys.prefix)), command, port, folder, {"HOME": str(folder)}
    ) as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gevent")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[processes.Server]:
    pytest.importorskip("gevent", reason="gevent is not installed")
    with gunicorn(folder) as server:
        yield server


def heard(folder: Path, event: str) -> bool:
    """Wait until the application has noted an event; say whether it has."""
    end = time.monotonic() + PATIENCE
    while event not in (folder / "events").read_text().splitlines() and time.monotonic() < end:
        time.sleep(0.005)
    return event in (folder / "events").read_text().splitlines()


def test_twenty_requests_are_inside_of_a_coroutine_view_at_once(server: processes.Server) -> None:
    with ThreadPoolExecutor(20) as clients:
        answers = list(clients.map(lambda number: server.get(f"/together/{number}").text, range(20)))
    assert answers == [f"{n} /together/{n} /together/{n} 20" for n in range(20)]


def test_a_coroutine_handles_what_a_coroutine_raises(server: processes.Server) -> None:
    answer = server.get("/error")
    assert (answer.status, answer.text) == (400, "this view always fails")


def test_an_asynchronous_generator_arrives_whole_and_is_closed_once(
    server: processes.Server, folder: Path
) -> None:
    assert server.get("/stream/3").text == "0 /stream/3\n1 /stream/3\n2 /stream/3\n"
    assert heard(folder, "teardown /stream/3")
    events = [event for event in (folder / "events").read_text().splitlines() if "/stream/3" in event]
    assert events == ["arrived /stream/3", "closed /stream/3", "teardown /stream/3"]


def test_an_event_stream_of_a_coroutine_arrives_whole(server: processes.Server, folder: Path) -> None:
    lines = [line for line in server.get("/events/2").text.splitlines() if line.startswith("data: 1")]
    assert lines == ["data: 1 /events/2"]
    assert heard(folder, "teardown /events/2")


def test_a_coroutine_reads_a_body_that_is_still_coming(server: processes.Server, folder: Path) -> None:
    """Its socket is the requests' thread's, and the coroutine runs on another one."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
        head = (
            "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n"
        )
        client.sendall(head.encode() + b"a" * 1_000)
        assert heard(folder, "arrived /upload")
        client.sendall(b"a" * 99_000)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"100000")


@pytest.mark.parametrize("path", ["/stream/1000000000", "/events/1000000000"])
def test_a_stream_is_closed_when_its_client_goes_away(
    server: processes.Server, folder: Path, path: str
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        received = b""
        while f"5 {path}".encode() not in received:
            received += client.recv(4096)
    assert heard(folder, f"closed {path}")
    assert heard(folder, f"teardown {path}")
    assert "RuntimeError" not in server.output.read_text()


def test_a_websocket_rule_asks_for_another_server(server: processes.Server) -> None:
    answer = server.get("/socket")
    assert (answer.status, answer.headers["Upgrade"]) == (426, "websocket")


def test_workers_that_were_forked_from_a_loop_each_have_their_own(tmp_path: Path) -> None:
    pytest.importorskip("gevent", reason="gevent is not installed")
    with gunicorn(tmp_path, "--preload", "--workers", "2") as server:
        with ThreadPoolExecutor(20) as clients:
            answers = list(clients.map(lambda _: server.get("/"), range(40)))
        assert {answer.status for answer in answers} == {200}
        assert str(server.process.pid) not in {answer.text for answer in answers}
