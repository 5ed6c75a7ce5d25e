"""The sockets that `erlen serve` listens on, from the first connection to the last.

They are opened by the parent, and its workers inherit them: so a worker can be replaced and nobody notices.
"""

from __future__ import annotations

import errno
import os
import socket
import typing as t

from . import errors
from .errors import ServeError
from .refusing import leave_handshakes_unanswered, queue_is_empty

_PRIVILEGED = 1024


class Listener:
    """A listening socket that workers inherit, and how to stop listening."""

    def __init__(
        self,
        sock: socket.socket,
        address: str,
        *,
        is_adopted: bool = False,
        name: str = "",
        remove_file: t.Callable[[], None] | None = None,
    ) -> None:
        # Many processes wait for the same connection, and those that come too late must not hang.
        sock.setblocking(False)
        sock.set_inheritable(True)
        self.socket = sock
        self.address = address
        """What to call it: `http://127.0.0.1:8000`, `http://[::1]:8000`, `unix:/run/shop.sock`."""
        self.is_unix = sock.family == getattr(socket, "AF_UNIX", None)
        self.is_adopted = is_adopted
        """Whether somebody else opened it, and goes on listening when this process ends."""
        self.name = name
        """What systemd calls it (`FileDescriptorName=`)."""
        self._remove_file = remove_file

    def __repr__(self) -> str:
        return f"<Listener {self.address}>"

    def refuse_new(self) -> bool:
        """Take nobody more into the queue, in any process; return whether that is possible.

        Who is in the queue can still be accepted. The queue of an adopted socket belongs to whoever listens
        next, and is left open.
        """
        if self.is_adopted:
            return False
        if self.is_unix:
            self.remove_file()
            return True
        return leave_handshakes_unanswered(self.socket)

    async def close_gently(self, seconds: float) -> bool:
        """Refuse new connections, wait until the workers have accepted those in the queue, and close.

        Return False where somebody may have been left in the queue: after *seconds*, or where new connections
        cannot be refused. Nobody is left in the queue of an adopted socket, since it stays open elsewhere.
        Workers go on accepting meanwhile; they have duplicates of the socket, and must close them, too.
        """
        try:
            if self.is_adopted:
                return True
            return self.refuse_new() and await queue_is_empty(self.socket, seconds)
        finally:
            self.close()

    def close(self) -> None:
        """Close the socket in this process at once, and remove the file of our own Unix socket."""
        # While the socket is open, no other file can have the number of its file.
        self.remove_file()
        self.socket.close()

    def remove_file(self) -> None:
        """Remove the file of our own Unix socket, if it is still there."""
        remove, self._remove_file = self._remove_file, None
        if remove is not None:
            remove()


def listen_tcp(host: str, port: int, backlog: int, *, tls: bool = False) -> Listener:
    """Listen on an address of this machine; port 0 is any that is free.

    *host* is an IPv4 or IPv6 address or a name. Of a name with several addresses the first IPv4 address is
    taken, since what asks for `localhost` always tries that one, too. `::` stands for IPv4 as well, unless
    the system says otherwise. Raises ServeError.
    """
    if not 0 <= port <= 65535:
        raise ServeError(f"There is no port {port}: take one from 1 to 65535.", errors.USAGE)
    family, address = _resolve(host, port)
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise _not_to_be_had(error, host, port) from error
    try:
        # Connections of the server before may still be ending. SO_REUSEPORT is not set: with it, a second
        # server could listen on the same port, and each would get some of the requests. A server that does
        # set it, as granian does, meets an error here, whoever comes first.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind(address)
        sock.listen(backlog)
        return Listener(sock, address_of(sock, tls=tls))
    except OSError as error:
        sock.close()
        raise _not_to_be_had(error, host, port) from error


def address_of(sock: socket.socket, *, tls: bool = False) -> str:
    """Return what to call the address of a socket."""
    name = sock.getsockname()
    if sock.family == getattr(socket, "AF_UNIX", None):
        # On Linux, a name that begins with NUL is no file.
        text = os.fsdecode(name)
        return f"unix:@{text[1:]}" if text.startswith("\0") else f"unix:{text}"
    host, port = name[:2]
    scheme = "https" if tls else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _resolve(host: str, port: int) -> tuple[int, t.Any]:
    """Return family and address of a host. Raises ServeError where it has none."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare:
        raise ServeError(
            "The host to listen on is empty: take 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its"
            " addresses.",
            errors.USAGE,
        )
    try:
        # SECURITY: C would read only what is before a NUL.
        if "\0" in bare:
            raise ValueError("it has a NUL character in it")
        found = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError) as error:  # ValueError: what cannot be a name at all
        raise ServeError(
            f"The host {_short(host)} has no address ({_reason(error)}): take an address of this machine, as"
            " 127.0.0.1, or 0.0.0.0 for all of them.",
            errors.ADDRESS,
        ) from error
    found.sort(key=lambda info: info[0] != socket.AF_INET)
    family, _, _, _, address = found[0]
    return family, address


def _not_to_be_had(error: OSError, host: str, port: int) -> ServeError:
    where = f"{_short(host)}, port {port}"
    if error.errno == errno.EADDRINUSE:
        message = (
            f"Port {port} is in use on {_short(host)}: stop the server that has it"
            f" (ss -ltnp 'sport = :{port}' shows which), or take another port with --port."
        )
    elif error.errno in (errno.EACCES, errno.EPERM):
        message = f"This user may not listen on {where}: take another port with --port" + (
            f"; below {_PRIVILEGED} it takes the right CAP_NET_BIND_SERVICE, or a socket unit of systemd."
            if port < _PRIVILEGED
            else "."
        )
    elif error.errno == errno.EADDRNOTAVAIL:
        message = (
            f"{_short(host)} is no address of this machine: take one that is (ip address shows them), or"
            " 0.0.0.0 for all of them."
        )
    else:
        message = (
            f"Cannot listen on {where}: {_reason(error)}. Another address can be had with --host and --port."
        )
    return ServeError(message, errors.ADDRESS)


def _short(host: str) -> str:
    return repr(host if len(host) <= 80 else f"{host[:80]}…")


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split())[:120]
