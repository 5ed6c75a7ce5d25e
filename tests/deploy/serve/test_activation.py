"""Sockets that somebody else opened: what is taken, and what is refused."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from erlen.deploy.serve import errors
from erlen.deploy.serve.activation import adopt_from_systemd
from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.listening import Listener
from tests.deploy.serve.loopback import HAS_IPV6
from tests.ports import free_port

PATIENCE = 30.0
# Descriptors that nothing else in the process of the tests has.
FIRST = 200


def tcp(listens: bool = True, family: int = socket.AF_INET) -> socket.socket:
    sock = socket.socket(family)
    sock.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
    if listens:
        sock.listen()
    return sock


def unix(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(path))
    sock.listen()
    return sock


@contextlib.contextmanager
def passed(*sockets: socket.socket) -> Iterator[None]:
    """Put sockets where a process finds those that it was passed."""
    for index, sock in enumerate(sockets):
        os.dup2(sock.detach(), FIRST + index)
    try:
        yield
    finally:
        for index in range(len(sockets)):
            with contextlib.suppress(OSError):
                os.close(FIRST + index)


def variables(count: int | str, **others: str) -> dict[str, str]:
    return {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(count), **others}


def adopt(environ: dict[str, str]) -> list[Listener]:
    return adopt_from_systemd(environ, first=FIRST)


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(ServeError) as caught:
        adopt(environ)
    assert caught.value.status == errors.ADDRESS
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300
    assert not [name for name in environ if name.startswith("LISTEN_")]
    return caught.value.message


@contextlib.contextmanager
def adopted(environ: dict[str, str]) -> Iterator[list[Listener]]:
    listeners = adopt(environ)
    try:
        yield listeners
    finally:
        for listener in listeners:
            listener.close()


@pytest.mark.skipif(not HAS_IPV6, reason="there is no IPv6 here")
def test_sockets_of_all_families_are_adopted_with_their_names(tmp_path: Path) -> None:
    path = tmp_path / "shop.sock"
    sockets = tcp(), tcp(family=socket.AF_INET6), unix(path)
    names = [sock.getsockname() for sock in sockets]
    environ = variables(3, LISTEN_FDNAMES="web:web6:local", HOME="/")
    with passed(*sockets), adopted(environ) as listeners:
        assert [listener.address for listener in listeners] == [
            f"http://127.0.0.1:{names[0][1]}",
            f"http://[::1]:{names[1][1]}",
            f"unix:{path}",
        ]
        assert [listener.name for listener in listeners] == ["web", "web6", "local"]
        assert [listener.is_unix for listener in listeners] == [False, False, True]
        assert all(listener.is_adopted for listener in listeners)
        assert all(os.get_inheritable(listener.socket.fileno()) for listener in listeners)
        with socket.create_connection(names[0], PATIENCE):
            assert select.select([listeners[0].socket], [], [], PATIENCE)[0]
    assert environ == {"HOME": "/"}
    assert path.exists()


def test_names_are_not_needed() -> None:
    with passed(tcp(), tcp()), adopted(variables(2)) as listeners:
        assert [listener.name for listener in listeners] == ["", ""]


def test_an_adopted_socket_of_a_server_with_a_certificate_is_https() -> None:
    with passed(tcp()):
        (listener,) = adopt_from_systemd(variables(1), tls=True, first=FIRST)
        assert listener.address.startswith("https://127.0.0.1:")
        listener.close()


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"LISTEN_FDS": "1"},
        {"LISTEN_PID": str(os.getpid())},
        {"LISTEN_FDS": "1", "LISTEN_PID": "1"},
        {"LISTEN_FDS": "1", "LISTEN_PID": ""},
        {"LISTEN_FDS": "many", "LISTEN_PID": "1", "LISTEN_FDNAMES": "a:b", "LISTEN_PIDFDID": "7"},
    ],
)
def test_variables_of_no_process_or_of_another_are_taken_out_and_passed_over(environ: dict[str, str]) -> None:
    assert adopt(environ) == []
    assert environ == {}


@pytest.mark.parametrize("count", ["0", "-1", "one", "1 ", "1.0", "1001", "9" * 5000, "１", "0x1", "\n1"])
def test_a_number_that_systemd_does_not_write_is_an_error(count: str) -> None:
    with passed(tcp()):
        assert refusal(variables(count)).startswith("LISTEN_FDS is ")


@pytest.mark.parametrize("pid", ["me", "-5", "9" * 5000, "1\n"])
def test_a_process_that_is_no_number_is_an_error(pid: str) -> None:
    with passed(tcp()):
        assert refusal(variables(1, LISTEN_PID=pid)).startswith("LISTEN_PID is ")


def test_fewer_sockets_than_are_said_is_an_error() -> None:
    with passed(tcp()):
        assert f"2 sockets were passed, but descriptor {FIRST + 1} is not open" in refusal(variables(2))


@pytest.mark.parametrize("names", ["one", "one:two:three", ":::"])
def test_a_wrong_number_of_names_is_an_error(names: str) -> None:
    with passed(tcp(), tcp()):
        assert "names for 2 sockets" in refusal(variables(2, LISTEN_FDNAMES=names))


def test_a_file_is_no_socket(tmp_path: Path) -> None:
    with passed(tcp()):
        with (tmp_path / "file").open("wb") as file:
            os.dup2(file.fileno(), FIRST)
        assert f"descriptor {FIRST} is no socket" in refusal(variables(1))


def connected() -> socket.socket:
    """A connection, as a unit with Accept=yes passes it."""
    with tcp() as listening:
        return socket.create_connection(listening.getsockname(), PATIENCE)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), "is no stream socket"),
        (lambda: socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET), "is no stream socket"),
        (lambda: tcp(listens=False), "does not listen"),
        (connected, "does not listen"),
    ],
)
def test_a_socket_that_cannot_be_listened_on_is_an_error_and_none_is_closed(make, said) -> None:  # type: ignore[no-untyped-def]
    with passed(tcp(), make()):
        message = refusal(variables(2))
        assert f"descriptor {FIRST + 1} {said}" in message
        assert "Accept=no" in message
        os.fstat(FIRST)
        os.fstat(FIRST + 1)


PROGRAM = """
import json, os, socket
from erlen.deploy.serve.activation import adopt_from_systemd
listeners = adopt_from_systemd(os.environ)
left = [name for name in os.environ if name.startswith("LISTEN_")]
for listener in listeners:
    listener.socket.setblocking(True)
    connection, _ = listener.socket.accept()
    connection.sendall(json.dumps([listener.address, listener.name, left]).encode())
    connection.close()
    listener.close()
"""


def started(words: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*words, sys.executable, "-c", PROGRAM], stderr=subprocess.DEVNULL, start_new_session=True
    )


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_the_first_client_starts_the_server_and_is_answered(kind: str, tmp_path: Path) -> None:
    address = ("127.0.0.1", free_port())
    where = str(tmp_path / "web.sock") if kind == "unix" else f"127.0.0.1:{address[1]}"
    process = started(["systemd-socket-activate", f"--listen={where}", "--fdname=web"])
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            client = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
            client.settimeout(PATIENCE)
            try:
                client.connect(where if kind == "unix" else address)
                break
            except OSError:
                client.close()
                assert time.monotonic() < deadline
                time.sleep(0.02)
        with client:
            called = f"unix:{where}" if kind == "unix" else f"http://{where}"
            assert client.recv(1000).decode() == f'["{called}", "web", []]'
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
