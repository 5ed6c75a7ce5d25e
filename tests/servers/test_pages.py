"""The pages about servers show the commands that are tested, and what they say of servers is so."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import ANY

import pytest

from tests.contract import servers as processes
from tests.contract.environment import Environment
from tests.docs.pages import DOCS
from tests.ports import free_port

from .servers import SERVERS, Server
from .wire import Connection

SHOWN = [server for server in SERVERS if server.page]
PATIENCE = 30  # seconds
APPLICATION = """\
import os
import time
from pathlib import Path

from erlen import Erlen, request

app = Erlen(__name__)


@app.get("/")
def index():
    return f"{os.getpid()} {request.scheme} {request.remote_addr} {request.headers.get('X-Forwarded-Proto')}"


@app.get("/stream")
def stream():
    def pieces():
        while True:
            yield b"x"
            time.sleep(0.02)

    return pieces()


@app.get("/wait")
def wait():
    Path("waiting").touch()
    while not Path("gate").exists():
        time.sleep(0.01)
    return "waited"


@app.after_serving
def after_serving():
    Path("after_serving").touch()
"""


@pytest.mark.parametrize("server", SHOWN, ids=lambda server: server.name)
def test_the_page_about_a_server_shows_the_tested_command(server: Server) -> None:
    page = DOCS / "how-to" / str(server.page)
    assert f"$ {server.words.format(port=8000, app='hello:app')}\n" in page.read_text()


@contextlib.contextmanager
def serving(words: str, folder: Path) -> Iterator[processes.Server]:
    (folder / "hello.py").write_text(APPLICATION)
    port = free_port()
    program, *rest = shlex.split(words.format(port=port, app="hello:app"))
    command = [Path(sys.executable).parent / program, *rest]
    environment = Environment(Path(sys.prefix))
    with processes.serving(environment, command, port, folder, {"HOME": str(folder)}) as server:
        yield server


def ask(server: processes.Server, *headers: str) -> str:
    """Ask until it answers: a port may be there before a worker is, or while one is replaced."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with Connection(server.port) as connection:
                connection.say("GET /", *headers)
                return connection.answer().body.decode()
        except OSError:
            if time.monotonic() > end or server.process.poll() is not None:
                raise
            time.sleep(0.05)


# run-behind-a-proxy.md: what servers believe by themselves


def row_of(server: Server) -> str:
    """Return what the table of the page says that a server believes."""
    page = (DOCS / "how-to/run-behind-a-proxy.md").read_text()
    rows = re.findall(r"^\| ([\w, ]+) \| (.+?) \| .+ \|$", page, re.MULTILINE | re.IGNORECASE)
    program = server.words.split()[0].removesuffix("-serve")
    (believed,) = [text for names, text in rows if program in names.lower().split(", ")]
    return believed


@pytest.mark.servers
@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_a_server_believes_the_headers_that_the_page_names(server: Server, tmp_path: Path) -> None:
    with serving(server.words, tmp_path) as process:
        said = ask(process, "X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.1")
        prefixed = ask(process, "SCRIPT_NAME: /evil")
    scheme, address, header = said.split()[1:]

    believed = row_of(server)
    assert scheme == ("https" if "X-Forwarded-Proto" in believed else "http")
    assert address == ("203.0.113.1" if "X-Forwarded-For" in believed else "127.0.0.1")
    assert header == ("None" if "it removes them" in believed else "https")
    takes_prefixes = "`SCRIPT_NAME` (WSGI)" in believed and server.protocol == "wsgi"
    assert ("does not start with SCRIPT_NAME" in prefixed) == takes_prefixes


# run-under-….md: when a worker dies

GRANIAN = "granian --interface asgi --workers 2 --host 127.0.0.1 --port {port}"
UWSGI = "uwsgi --http-socket 127.0.0.1:{port} --module {app}"
# The command, and the status with which it ends: None where it goes on, any of hypercorn's.
DYING: dict[str, tuple[str, object]] = {
    "gunicorn": ("gunicorn --bind 127.0.0.1:{port} --workers 2 {app}", None),
    "gunicorn-asgi": ("gunicorn --worker-class asgi --bind 127.0.0.1:{port} --workers 2 {app}", None),
    "uvicorn": ("uvicorn --host 127.0.0.1 --port {port} --workers 2 {app}", None),
    "hypercorn": ("hypercorn --bind 127.0.0.1:{port} --workers 2 {app}", ANY),
    "granian": (f"{GRANIAN} {{app}}", 1),
    "granian-respawn": (f"{GRANIAN} --respawn-failed-workers {{app}}", None),
    "uwsgi": (f"{UWSGI} --processes 2 --master", None),
}


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", DYING)
def test_one_dead_worker_ends_a_server_where_its_page_says_so(name: str, tmp_path: Path) -> None:
    words, status = DYING[name]
    with serving(words, tmp_path) as server:
        worker = one_of_two_workers(server)
        os.kill(worker, signal.SIGKILL)
        if status is not None:
            assert server.process.wait(PATIENCE) == status
        else:
            assert all(int(ask(server).split()[0]) != worker for _ in range(5))
            assert server.process.poll() is None


def one_of_two_workers(server: processes.Server) -> int:
    """Return a worker once both are there: granian does not end while one is starting."""
    seen: set[int] = set()
    end = time.monotonic() + PATIENCE
    while len(seen) < 2 and time.monotonic() < end:
        seen.add(int(ask(server).split()[0]))
    return seen.pop()


# serving.md: what an open stream does to the end

LIMITED = {
    "gunicorn": ("gunicorn --bind 127.0.0.1:{port} --graceful-timeout 1 {app}", False),
    "gunicorn-asgi": (
        "gunicorn --worker-class asgi --bind 127.0.0.1:{port} --graceful-timeout 1 {app}",
        False,
    ),
    "hypercorn": ("hypercorn --bind 127.0.0.1:{port} --graceful-timeout 1 {app}", True),
    "uvicorn": ("uvicorn --host 127.0.0.1 --port {port} --timeout-graceful-shutdown 1 {app}", True),
    "granian-asgi": (
        "granian --interface asgi --host 127.0.0.1 --port {port} --workers-kill-timeout 1 {app}",
        False,
    ),
    "granian-wsgi": (
        "granian --interface wsgi --host 127.0.0.1 --port {port} --workers-kill-timeout 1 {app}",
        False,
    ),
    "waitress": ("waitress-serve --listen 127.0.0.1:{port} {app}", True),
    "uwsgi with die-on-term": (f"{UWSGI} --master --threads 4 --die-on-term", False),
}
WITHOUT_LIMIT = {server.name: server for server in SERVERS if server.name in ("uvicorn", "uwsgi")} | {
    server.name: server for server in SERVERS if server.name.startswith("granian")
}


@contextlib.contextmanager
def open_stream(server: processes.Server) -> Iterator[Connection]:
    ask(server)
    with Connection(server.port) as connection:
        connection.say("GET /stream")
        connection.head()
        connection.reader.read(1)
        yield connection


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", LIMITED)
def test_a_stream_is_cut_off_in_the_end_with_or_without_after_serving(name: str, tmp_path: Path) -> None:
    words, runs_after_serving = LIMITED[name]
    with serving(words, tmp_path) as server, open_stream(server):
        server.process.send_signal(signal.SIGINT if name == "waitress" else signal.SIGTERM)
        server.process.wait(PATIENCE)

    assert (tmp_path / "after_serving").exists() == runs_after_serving


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", WITHOUT_LIMIT)
def test_a_stream_keeps_a_server_without_a_limit_running(name: str, tmp_path: Path) -> None:
    with serving(WITHOUT_LIMIT[name].words, tmp_path) as server, open_stream(server) as stream:
        server.process.send_signal(signal.SIGTERM)
        # Twenty milliseconds each: for as long as others take to end.
        assert len(stream.reader.read(400)) == 400
        assert server.process.poll() is None


# run-under-uwsgi.md, run-under-hypercorn.md: `KillMode=mixed`

TO_ALL_PROCESSES = {
    "gunicorn-gthread": "200 waited",
    "gunicorn-asgi": "200 waited",
    "granian-wsgi": "200 waited",
    "granian-asgi": "200 waited",
    "uvicorn": "200 waited",
    "uwsgi": "cut off",
    "hypercorn": "cut off",
}


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", TO_ALL_PROCESSES)
def test_a_sigterm_to_all_processes_lets_requests_finish_but_where_the_page_says_so(
    name: str, tmp_path: Path
) -> None:
    (words,) = [server.words for server in SERVERS if server.name == name]
    with serving(words, tmp_path) as server:
        ask(server)
        with Connection(server.port) as connection:
            connection.say("GET /wait")
            wait_for(tmp_path / "waiting")
            os.killpg(server.process.pid, signal.SIGTERM)
            if TO_ALL_PROCESSES[name] != "cut off":  # else nothing but that ends it
                time.sleep(0.5)
                (tmp_path / "gate").touch()
            try:
                answer = connection.answer()
                came = f"{answer.status} {answer.body.decode()}"
            except ConnectionError:
                came = "cut off"
    assert came == TO_ALL_PROCESSES[name]


def wait_for(file: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.01)
