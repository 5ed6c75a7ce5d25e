"""A socket that is left to others stays theirs."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from erlen.deploy.serve.worker.sockets import leave_to_others


@pytest.fixture
def shared() -> Iterator[tuple[socket.socket, socket.socket]]:
    """One listening socket, as a worker and its successor have it."""
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        ours.listen(5)
        ours.setblocking(False)
        with ours.dup() as theirs:
            yield ours, theirs


def test_nobody_is_accepted_from_it_any_more_and_others_accept(
    shared: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = shared
    address = theirs.getsockname()
    leave_to_others([ours.fileno()])
    with socket.create_connection(address) as client:
        with pytest.raises(BlockingIOError):
            ours.accept()
        accepted, _ = theirs.accept()
        with accepted:
            accepted.sendall(b"here")
            assert client.recv(4) == b"here"


def test_nobody_can_connect_to_what_takes_its_place(shared: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = shared
    leave_to_others([ours.fileno()])
    assert ours.getsockname() != theirs.getsockname()
    with socket.socket() as client:
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.connect(ours.getsockname())


def test_what_was_accepted_goes_on(shared: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = shared
    with socket.create_connection(ours.getsockname()) as client:
        ours.settimeout(10)
        accepted, _ = ours.accept()
        leave_to_others([ours.fileno()])
        with accepted:
            client.sendall(b"late")
            assert accepted.recv(4) == b"late"


def test_the_port_is_free_when_the_others_close_it(shared: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = shared
    address = theirs.getsockname()
    leave_to_others([ours.fileno()])
    theirs.close()
    with socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect(address)


def test_programs_that_are_started_later_do_not_get_it(shared: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = shared
    leave_to_others([ours.fileno()])
    assert not os.get_inheritable(ours.fileno())
