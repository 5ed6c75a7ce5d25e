"""Lines of JSON between a worker and its parent."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator

import pytest

from erlen.deploy.serve.worker.control import Control


@pytest.fixture
def pair() -> Iterator[tuple[Control, socket.socket]]:
    ours, theirs = socket.socketpair()
    control = Control(theirs.detach())
    yield control, ours
    control.close()
    ours.close()


def test_messages_go_both_ways(pair: tuple[Control, socket.socket]) -> None:
    control, parent = pair
    with parent:
        parent.sendall(b'{"do": "stop"}\n{"do": "report", "number": 1}\n')
        assert control.receive() == {"do": "stop"}
        assert control.receive() == {"do": "report", "number": 1}
        control.send("ready", why="ü\n")
        assert json.loads(parent.recv(1000)) == {"event": "ready", "why": "ü\n"}


@pytest.mark.parametrize("last", [b"", b'{"do": "st'])
def test_a_parent_that_has_gone_is_the_end(pair: tuple[Control, socket.socket], last: bytes) -> None:
    control, parent = pair
    parent.sendall(last)
    parent.close()
    assert control.receive() is None
    control.send("answer")  # nobody hears it


def test_programs_that_the_application_starts_do_not_keep_it_open() -> None:
    ours, theirs = socket.socketpair()
    fd = theirs.detach()
    os.set_inheritable(fd, True)
    control = Control(fd)
    assert not os.get_inheritable(fd)
    ours.close()
    assert control.receive() is None
    control.close()
