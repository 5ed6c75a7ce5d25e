"""Malformed bytes sent to the real development server: it lives on and forgets them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

from . import requests

pytestmark = pytest.mark.servers

COUNT = 2000
# One thread serves them all: a context that one request leaves is there for the next.
PROGRAM = """
import erlen
import erlen.globals
from tests.malformed.application import create

app = create(erlen)
inner, left = app.wsgi_app, []

def watching(environ, start_response):
    if erlen.globals._cv_request.get(None) is not None or erlen.globals._cv_app.get(None) is not None:
        left.append(environ["PATH_INFO"])
    return inner(environ, start_response)

app.wsgi_app = watching
app.add_url_rule("/left", "left", lambda: left)
app.run(port={port}, threaded=False)
"""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(port=port))
    with (tmp_path / "output").open("wb") as output:
        command = [sys.executable, "-c", f"exec(open({str(program)!r}).read())"]
        running = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=output, stderr=output)
        try:
            _wait_for(port, running, tmp_path / "output")
            yield running
        finally:
            running.terminate()
            running.wait(60)


def _wait_for(port: int, running: subprocess.Popen[bytes], output: Path) -> None:
    for _ in range(1_200):
        if running.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"The server did not start:\n{output.read_text()}")


def _send(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        except OSError:  # it hung up before all was sent
            return b""
    return answer


def _get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return answer.read().decode()


def test_the_development_server_survives_malformed_bytes(
    port: int, server: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    answered = [_send(port, data)[:12] for data in requests.raw(seed=7, count=COUNT)]
    assert server.poll() is None, (tmp_path / "output").read_text()[-3000:]
    assert _get(port, "/") == "alive"
    assert _get(port, "/left").strip() == "[]"
    # The server speaks HTTP/0.9, without a status line, to who says no version.
    assert sum(bool(head) for head in answered) > COUNT / 2
