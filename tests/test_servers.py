"""Quirks of servers, without the servers; ``tests/servers`` runs them."""

from __future__ import annotations

import atexit
import io
import multiprocessing
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from erlen import servers
from erlen.servers import (
    UwsgiBody,
    comes_by_unix_socket,
    hands_over_chunks,
    is_own_error,
    mended_address,
    refuses_hop_headers,
)


def test_granian_writes_ports_as_text() -> None:
    assert mended_address("127.0.0.1", "5000") == ("127.0.0.1", 5000)


@pytest.mark.parametrize(("host", "port"), [("/", "t"), (47, 116), (None, None), ("host", "")])
def test_what_gunicorn_makes_of_a_unix_socket_is_no_address(host: Any, port: Any) -> None:
    assert mended_address(host, port) == ("", None)


@pytest.mark.parametrize("software", ["waitress", "waitress/3.0", "WSGIServer/0.2 CPython/3.11"])
def test_waitress_and_wsgiref_refuse_headers_of_the_connection(software: str) -> None:
    assert refuses_hop_headers({"SERVER_SOFTWARE": software})


@pytest.mark.parametrize("environ", [{}, {"SERVER_SOFTWARE": "gunicorn/27.0"}])
def test_other_servers_take_them(environ: dict[str, Any]) -> None:
    assert not refuses_hop_headers(environ)


def test_an_error_of_a_class_that_is_not_pythons_may_be_the_servers() -> None:
    class InvalidChunkSize(Exception): ...

    assert is_own_error(InvalidChunkSize())
    assert not is_own_error(TypeError())
    assert not is_own_error(KeyboardInterrupt())


def test_uwsgi_is_asked_for_each_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = iter([b"one", b"two", b""])
    monkeypatch.setitem(sys.modules, "uwsgi", SimpleNamespace(chunked_read=lambda: next(chunks)))
    body = io.BufferedReader(UwsgiBody())
    assert body.read(2) == b"on"
    assert body.read() == b"etwo"
    assert body.read() == b""


def test_only_uwsgi_hands_chunks_over() -> None:
    assert hands_over_chunks({"uwsgi.version": b"2.0.30"})
    assert not hands_over_chunks({"SERVER_SOFTWARE": "waitress"})


def test_a_function_for_the_exit_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[object] = []
    monkeypatch.setattr(atexit, "register", registered.append)
    servers.at_exit(_nothing)
    assert registered == [_nothing]


def _nothing() -> None: ...


# In a program of its own: a process that has other threads, as this one may, is not to be forked.
PROGRAM = """
import functools, multiprocessing, os, sys
from erlen import servers

if __name__ == "__main__":
    say = functools.partial(os.write, 1, b"ended\\n")
    process = multiprocessing.get_context(sys.argv[1]).Process(target=servers.at_exit, args=(say,))
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_it_is_called_in_a_process_that_multiprocessing_started(method: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, method], capture_output=True, text=True, check=True, timeout=60
    )
    # Where it is spawned it is called twice.
    assert set(done.stdout.split()) == {"ended"}, done.stderr


UNIX = {
    "gunicorn": {"REMOTE_ADDR": "", "SERVER_PORT": "80", "SERVER_SOFTWARE": "gunicorn/27.0.1"},
    "granian": {"REMOTE_ADDR": "", "SERVER_PORT": "0", "SERVER_SOFTWARE": "Granian"},
    "waitress": {"REMOTE_ADDR": "localhost", "SERVER_PORT": "/run/app.sock", "SERVER_SOFTWARE": "waitress"},
    "uWSGI": {"REMOTE_ADDR": "0.0.0.0", "SERVER_PORT": "80", "uwsgi.version": b"2.0.31"},
    "Werkzeug": {"REMOTE_ADDR": "<local>", "SERVER_PORT": "0"},
    "none": {},
    "uvicorn": {"asgi.scope": {"client": None, "server": ("/run/app.sock", None)}},
    "hypercorn": {"asgi.scope": {"client": None, "server": None}},
    "granian by ASGI": {"asgi.scope": {"client": ("", "0"), "server": ("/run/app.sock", "0")}},
    "gunicorn by ASGI": {"asgi.scope": {"client": None, "server": ("/", "t")}},
    "an abstract name": {"asgi.scope": {"client": None, "server": (0, 97)}},
}
TCP: dict[str, dict[str, Any]] = {
    "an address": {"REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": "80"},
    "a name": {"REMOTE_ADDR": "localhost", "SERVER_PORT": "80", "SERVER_SOFTWARE": "waitress"},
    "zeros": {"REMOTE_ADDR": "0.0.0.0", "SERVER_PORT": "80", "SERVER_SOFTWARE": "gunicorn/27.0.1"},
    # The connection is broken off already, so that uvicorn knows the client no more.
    "uvicorn": {"asgi.scope": {"client": None, "server": ("127.0.0.1", 8000)}},
    "granian": {"asgi.scope": {"client": ("", "0"), "server": ("127.0.0.1", "8000")}},
    "by ASGI": {"REMOTE_ADDR": "127.0.0.1", "asgi.scope": {"server": None}},
}


@pytest.mark.parametrize("name", UNIX)
def test_a_unix_socket_is_known_by_what_each_server_says(name: str) -> None:
    assert comes_by_unix_socket(UNIX[name])


@pytest.mark.parametrize("name", TCP)
def test_nobody_passes_for_a_unix_socket_over_tcp(name: str) -> None:
    assert not comes_by_unix_socket(TCP[name])
