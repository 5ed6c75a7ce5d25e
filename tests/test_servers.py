"""Quirks of servers, without the servers; ``tests/servers`` runs them."""

from __future__ import annotations

import atexit
import io
import multiprocessing
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from erlen import servers
from erlen.servers import UwsgiBody, hands_over_chunks, is_own_error, mended_address, refuses_hop_headers


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


def _register(path: str) -> None:
    servers.at_exit(lambda: _write(path))


def _write(path: str) -> None:
    with open(path, "a") as file:
        file.write("ended\n")


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_it_is_called_in_a_process_that_multiprocessing_started(method: str, tmp_path: Any) -> None:
    path = tmp_path / "ended"
    process = multiprocessing.get_context(method).Process(target=_register, args=(str(path),))
    process.start()
    process.join(30)
    assert process.exitcode == 0
    # Where it is spawned it is called twice.
    assert set(path.read_text().split()) == {"ended"}
