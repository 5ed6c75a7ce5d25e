"""Whether a socket is open is asked of the system."""

from __future__ import annotations

import os
import socket
import threading

from erlen.deploy.serve.worker.sockets import Sockets


def test_they_are_open_until_the_last_one_is_closed() -> None:
    one, other = socket.socket(), socket.socket()
    sockets = Sockets([one.fileno(), other.fileno()])
    assert sockets.are_open()
    one.close()
    assert sockets.are_open()
    assert not sockets.wait_until_closed(0.02)
    closing = threading.Timer(0.05, other.close)
    closing.start()
    assert sockets.wait_until_closed(30)
    closing.join()


def test_another_file_with_the_number_of_a_closed_one_is_not_it() -> None:
    with socket.socket() as one:
        fd = os.dup(one.fileno())
    sockets = Sockets([fd])
    with socket.socket() as other:
        os.dup2(other.fileno(), fd)
        assert not sockets.are_open()
    os.close(fd)
