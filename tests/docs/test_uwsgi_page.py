"""What the page on uWSGI says of each line of its configuration: with it, and without it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path

import pytest

from .console import PATIENCE, Reader
from .pages import DOCS, blocks_of

pytestmark = [pytest.mark.servers, pytest.mark.slow]
BLOCKS = {block.title or block.language: block for block in blocks_of(DOCS / "how-to/run-under-uwsgi.md")}
COOKIE = {"Cookie": f"a={'x' * 6_000}"}
APPLICATION = """\
import os
from erlen import Erlen, request

app = Erlen(__name__)


@app.get("/")
def hello():
    return f"{os.getpid()} {request.scheme} {request.remote_addr}"
"""


@pytest.fixture
def reader() -> Iterator[Reader]:
    folder = Path(tempfile.mkdtemp(prefix="page-"))
    folder.chmod(0o755)
    (folder / "hello.py").write_text(APPLICATION)
    reader = Reader(folder)
    yield reader
    reader.stop()
    shutil.rmtree(folder)


def serve(reader: Reader, file: str, without: str | None = None) -> None:
    """Serve with a configuration of the page, or with one that lacks a line."""
    text = BLOCKS[file].text
    if without is not None:
        text, removed = re.subn(rf"^{without} = .+\n", "", text, flags=re.MULTILINE)
        assert removed == 1
    reader.write(file, text)
    reader.type(f"uwsgi {file}")


def ask(reader: Reader, path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", int(reader.url.rstrip("/").rpartition(":")[2]), timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def reload(reader: Reader) -> None:
    os.kill(int((reader.folder / "hello.pid").read_text()), signal.SIGHUP)


def test_a_reload_brings_new_workers(reader: Reader) -> None:
    serve(reader, "hello.ini")
    before = ask(reader)[1]
    reload(reader)

    given_up = time.monotonic() + PATIENCE
    while reader.answer()[1] == before or "spawned uWSGI master" not in reader.log:
        assert time.monotonic() < given_up, reader.log
        time.sleep(0.1)
    assert ask(reader)[0] == 200


def test_a_reload_without_binary_path_ends_it(reader: Reader) -> None:
    serve(reader, "hello.ini", without="binary-path")
    reload(reader)

    (server,) = reader.servers.values()
    server.wait(PATIENCE)
    assert "No module named 'pyuwsgi'" in reader.log


def test_a_large_cookie_needs_a_larger_buffer(reader: Reader) -> None:
    serve(reader, "hello.ini")
    assert ask(reader, headers=COOKIE)[0] == 200

    serve(reader, "hello.ini", without="buffer-size")
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        ask(reader, headers=COOKIE)
    assert "max 4096" in reader.log


def test_behind_nginx_a_large_cookie_without_the_buffer_is_a_502(reader: Reader) -> None:
    reader.follow(BLOCKS["nginx"])
    serve(reader, "socket.ini")
    assert ask(reader, headers=COOKIE)[0] == 200

    serve(reader, "socket.ini", without="buffer-size")
    assert ask(reader, headers=COOKIE)[0] == 502


def test_behind_nginx_the_scheme_is_that_of_nginx(reader: Reader) -> None:
    reader.follow(BLOCKS["nginx"])
    serve(reader, "socket.ini")

    said = ask(reader, headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.1"})[1]
    assert said.split()[1:] == ["http", "127.0.0.1"]


MIXED = {
    "http-socket with uwsgi_pass": ("socket.ini", "\nsocket = ", "\nhttp-socket = "),
    "socket with proxy_pass": ("nginx", "uwsgi_pass ", "proxy_pass http://"),
}


@pytest.mark.parametrize(("file", "old", "new"), MIXED.values(), ids=MIXED)
def test_mixed_words_are_a_502(file: str, old: str, new: str, reader: Reader) -> None:
    mixed = {**BLOCKS, file: replace(BLOCKS[file], text=BLOCKS[file].text.replace(old, new))}
    reader.follow(mixed["nginx"])
    reader.follow(mixed["socket.ini"])
    reader.start("uwsgi socket.ini")
    reader.wait_for_log("spawned uWSGI worker 2")
    assert ask(reader)[0] == 502


def test_a_mount_without_its_second_line_is_a_404(reader: Reader) -> None:
    serve(reader, "shop.ini")
    assert ask(reader, "/shop/")[0] == 200

    serve(reader, "shop.ini", without="manage-script-name")
    assert ask(reader, "/shop/")[0] == 404
