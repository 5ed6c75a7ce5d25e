"""A view forks, and the child calls a coroutine: it waits for no loop of its parent, on any server."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract import servers as processes
from tests.contract.environment import Environment
from tests.ports import free_port

from .servers import SERVERS, Server
from .wire import Connection

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

APPLICATION = """
import asyncio
import multiprocessing
import os
import select
import signal

from erlen import Erlen, copy_current_request_context, request, stream_request

app = Erlen(__name__)
app.config["PROPAGATE_EXCEPTIONS"] = False


async def path():
    await asyncio.sleep(0)
    return request.path


def told_by_child(function):
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            said = function()
        except BaseException as error:
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    said = os.read(reading, 1000) if select.select([reading], [], [], 10)[0] else b"nothing"
    os.close(reading)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return said


@app.get("/fork")
def fork():
    return told_by_child(app.ensure_sync(path))


@app.get("/copied")
def copied():
    return told_by_child(copy_current_request_context(path))


@app.get("/coroutine")
async def coroutine():
    # On the loop's own thread.
    return told_by_child(app.ensure_sync(path))


@app.get("/multiprocessing")
def by_multiprocessing():
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=lambda: queue.put(app.ensure_sync(path)()))
    process.start()
    process.join(10)
    if process.is_alive():
        process.kill()
        return "nothing"
    return queue.get()


@app.get("/returns")
def returns():
    child = os.fork()
    if not child:
        return "nobody is told this"
    ended, _ = os.waitpid(child, 0)
    return str(ended == child)


@app.post("/body")
@stream_request
def body():
    return told_by_child(lambda: request.get_data().decode()[:9])


@app.get("/loop")
async def loop():
    await asyncio.sleep(0)
    return "still here"
"""

PATHS = ("/fork", "/copied", "/coroutine", "/multiprocessing")
IMPOSSIBLE = {
    "gunicorn-gevent": "/coroutine",  # gevent forks on its own thread alone, and says so
    "hypercorn": "/multiprocessing",  # its workers are daemonic, and have no children
}


@contextlib.contextmanager
def serving(folder: Path, server: Server) -> Iterator[processes.Server]:
    (folder / "hello.py").write_text(APPLICATION)
    port = free_port()
    with processes.serving(
        Environment(Path(sys.prefix)), server.command(port), port, folder, {"HOME": str(folder)}
    ) as started:
        yield started


def answer_to(server: processes.Server, path: str) -> bytes:
    with Connection(server.port) as connection:
        connection.say(f"GET {path}", "Connection: close")
        return connection.answer().body


@pytest.mark.parametrize(
    "server", [each for each in SERVERS if each.protocol == "asgi"], ids=lambda it: it.name
)
def test_a_child_that_returns_ends_and_one_that_asks_for_the_rest_of_a_body_is_told(
    server: Server, tmp_path: Path
) -> None:
    with serving(tmp_path, server) as started:
        assert answer_to(started, "/returns") == b"True"
        with Connection(started.port) as connection:
            connection.say("POST /body", "Content-Length: 3", "Connection: close")
            assert connection.answer().body.startswith(b"RuntimeError('The rest of this body")
        assert answer_to(started, "/loop") == b"still here"


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_a_forked_child_runs_coroutines_and_its_server_stops(server: Server, tmp_path: Path) -> None:
    with serving(tmp_path, server) as started:
        for path in PATHS:
            if path == IMPOSSIBLE.get(server.name):
                continue
            assert answer_to(started, "/loop") == b"still here"
            assert answer_to(started, path).decode() == path, started.output.read_text()[-2000:]
        assert answer_to(started, "/loop") == b"still here"
        started.process.send_signal(server.stop)
        started.process.wait(20)
