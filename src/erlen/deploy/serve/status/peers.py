"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import os
import socket
import struct
import sys
import typing as t
from asyncio.trsock import TransportSocket

Connection = socket.socket | TransportSocket
_CREDENTIALS = struct.Struct("iII")


class Peer(t.NamedTuple):
    """A process and its user, as the system says them."""

    pid: int
    uid: int

    def is_trusted(self) -> bool:
        """Tell whether it runs as this process's user or as root."""
        return self.uid in (0, os.geteuid())


def peer_of(connection: Connection) -> Peer | None:
    """Return who connected to a socket, or who listens where it is connected to.

    Only Linux says it, and only of Unix sockets; elsewhere it is None.
    """
    if sys.platform != "linux" or connection.family != socket.AF_UNIX:
        return None
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(told)
    return Peer(pid, uid)
