"""Whether what answers is a server."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from erlen.deploy.serve import asking
from erlen.deploy.serve.asking import NotTold, Told, ask, ask_process
from erlen.deploy.serve.status.addresses import Address, TcpAddress
from erlen.deploy.serve.status.peers import Peer

GOOD = (
    b'{"pid": 7, "state": "serving", "started": 1, "generation": 3, '
    b'"workers": [{"state": "ready"}, {"state": "closing"}], '
    b'"reloads": {"done": 2, "failed": 1, "last_error": "no"}, "longest_reload": null}'
)
OK = b"HTTP/1.1 200 OK\r\n\r\n"
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract sockets")


@contextmanager
def answering(*parts: bytes, again: bool = False) -> Iterator[Address]:
    """Listen for one client that is sent the parts, the last one again and again if that is asked for."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def run() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1000)
                    for part in parts:
                        connection.sendall(part)
                    while again:
                        connection.sendall(parts[-1])

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield TcpAddress("127.0.0.1", listening.getsockname()[1])
        thread.join(30)


def test_a_status_is_read() -> None:
    with answering(OK + GOOD[:20], GOOD[20:]) as address:
        assert ask(address) == Told(7, "serving", 1.0, 3, 1, 3, "no", None)


@pytest.mark.parametrize(
    "answer",
    [
        *(
            b"",
            b"\r\n\r\n",
            b"220 mail.example ESMTP\r\n",
            b"HTTP/1.1 404 Not Found\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n",
        ),
        *(b"HTTP/1.1 2000 OK\r\n\r\n" + GOOD, b"\xff" * 2000, b"HTTP/1.1 302 \x1b[2J\r\n\r\n"),
        *(OK, OK + b"null", OK + b"[]", OK + b"{}", OK + b"[" * 100_000, OK + GOOD[:-1], OK + b"\xff"),
        *(OK + GOOD.replace(b'"pid": 7', b'"pid": null'), OK + GOOD.replace(b'"pid": 7', b'"pid": []')),
        *(
            OK + GOOD.replace(b'[{"state": "ready"}, ', b"[3, "),
            OK + GOOD.replace(b'"done": 2', b'"done": "x"'),
        ),
        *(OK + GOOD.replace(b'"pid": 7', b'"pid": 1e999'), OK + GOOD.replace(b'"pid": 7', b'"pid": NaN')),
        OK + GOOD.replace(b'"pid": 7', b'"pid": ' + b"7" * 5000),
    ],
)
def test_what_is_no_status_is_not_believed(answer: bytes) -> None:
    with answering(answer) as address, pytest.raises(NotTold) as error:
        ask(address)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 500


def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LONGEST_ANSWER", 1_000_000)
    with answering(OK, b" " * 65536, again=True) as address, pytest.raises(NotTold, match="without end"):
        ask(address)


def test_an_answer_byte_by_byte_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.2)
    with answering(OK, b" ", again=True) as address, pytest.raises(NotTold, match="without end"):
        ask(address)


def test_a_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(NotTold, match="it took too long"):
            ask(TcpAddress("127.0.0.1", silent.getsockname()[1]))


@linux
def test_the_server_of_another_user_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0erlen-serve-{os.getpid()}")
        listening.listen()
        monkeypatch.setattr(asking, "peer_of", lambda _: Peer(os.getpid(), 1001))
        monkeypatch.setattr("os.geteuid", lambda: 1000)
        with pytest.raises(NotTold, match="it belongs to another user"):
            ask_process(os.getpid())


def test_elsewhere_than_on_linux_a_process_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(NotTold, match="no abstract sockets"):
        ask_process(os.getpid())
