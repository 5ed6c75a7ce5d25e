"""The listening sockets of a worker, and how it leaves them to others before it stops."""

from __future__ import annotations

import contextlib
import os
import socket

from ..refusing import leave_handshakes_unanswered


def leave_to_others(descriptors: list[int]) -> None:
    """Take no more connections from these listening sockets, which other processes listen on as well.

    Whoever accepts from them in this process finds nobody from now on, and need not be told: each descriptor
    becomes that of another listening socket, which nobody can connect to. What has been accepted goes on: a
    TLS handshake, or a first request that has not been sent yet.

    Closing the descriptor would not do: another file could get its number, and be accepted from.
    """
    for fd in descriptors:
        # Without a socket for it, the server goes on to accept until it is stopped.
        with contextlib.suppress(OSError), socket.socket() as nobody:
            nobody.setblocking(False)
            nobody.bind(("127.0.0.1", 0))
            leave_handshakes_unanswered(nobody)
            nobody.listen(1)
            os.dup2(nobody.fileno(), fd, inheritable=False)
