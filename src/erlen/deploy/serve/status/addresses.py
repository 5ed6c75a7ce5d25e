"""The addresses at which a status is told: how they are written, and their sockets."""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
import sys
import typing as t
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from ..errors import ServeError

USAGE = 2
NOT_TO_BE_HAD = 4
BACKLOG = 64

_PORT = re.compile(r"[0-9]{1,5}")
_HOST_AND_PORT = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True)
class TcpAddress:
    """A port of this machine."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ip_address(self.host).is_loopback

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class UnixAddress:
    """A socket in the file system, or an abstract one, whose path begins with a null character."""

    path: str

    @property
    def is_abstract(self) -> bool:
        """Whether there is no file."""
        return self.path.startswith("\0")

    def __str__(self) -> str:
        return f"unix:{self.path.replace(chr(0), '@')}"


Address = TcpAddress | UnixAddress


def parse_address(text: str) -> Address:
    """Return the address that is written as `9100`, `127.0.0.1:9100`, `[::1]:9100` or `unix:/run/x.sock`."""
    if text.startswith("unix:"):
        return _parse_path(text)
    port_alone = _PORT.fullmatch(text)
    both = _HOST_AND_PORT.fullmatch(text)
    if port_alone:
        # SECURITY: where nobody says to whom a status is told, it is this machine alone.
        return TcpAddress("127.0.0.1", _port(text, text))
    if both:
        return TcpAddress(_host(both, text), _port(both["port"], text))
    raise _malformed(text)


def internal_address(pid: int) -> UnixAddress | None:
    """Return the address at which a server on Linux is found by its process id; None elsewhere."""
    return UnixAddress(f"\0erlen-serve-{pid}") if sys.platform == "linux" else None


def _parse_path(text: str) -> UnixAddress:
    path = text.removeprefix("unix:")
    if not path or "\0" in path:
        raise _malformed(text)
    return UnixAddress(path)


def _host(found: re.Match[str], text: str) -> str:
    host = "127.0.0.1" if found["host"] == "localhost" else found["six"] or found["host"]
    try:
        address = ip_address(host)
    except ValueError:
        raise _malformed(text) from None
    if (address.version == 6) != bool(found["six"]):
        raise _malformed(text)
    return host


def _port(digits: str, text: str) -> int:
    if int(digits) > 65535:
        raise ServeError(f"The status address {text!r} has a port above 65535.", USAGE)
    return int(digits)


def _malformed(text: str) -> ServeError:
    forms = "9100, 127.0.0.1:9100, [::1]:9100 or unix:/run/status.sock"
    return ServeError(f"{text!r} is no address for a status; write it as {forms}.", USAGE)


# sockets


def listen(address: Address) -> socket.socket:
    """Return a socket that listens at an address, closed in the processes that this one starts."""
    try:
        return _listen_on_path(address) if isinstance(address, UnixAddress) else _listen_on_port(address)
    except OSError as error:
        raise ServeError(_reason(address, error), NOT_TO_BE_HAD) from error


def connect(address: Address, timeout: float) -> socket.socket:
    """Return a socket that is connected to an address."""
    connection = socket.socket(_family_of(address))
    connection.settimeout(timeout)
    try:
        connection.connect(address.path if isinstance(address, UnixAddress) else (address.host, address.port))
    except OSError:
        connection.close()
        raise
    return connection


def address_of(listening: socket.socket) -> Address:
    """Return the address at which a socket listens, with the port that the system has chosen for port 0."""
    name: t.Any = listening.getsockname()
    if isinstance(name, tuple):
        return TcpAddress(str(name[0]), int(name[1]))
    return UnixAddress(os.fsdecode(name))


def _family_of(address: Address) -> socket.AddressFamily:
    if isinstance(address, UnixAddress):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in address.host else socket.AF_INET


def _listen_on_port(address: TcpAddress) -> socket.socket:
    listening = socket.socket(_family_of(address))
    try:
        # Not SO_REUSEPORT: a second server at this port is to be told that it is taken.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listening.family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((address.host, address.port))
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def _listen_on_path(address: UnixAddress) -> socket.socket:
    if not address.is_abstract:
        _remove_what_is_left(address)
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(address.path)
        if not address.is_abstract:
            # SECURITY: before it listens, so that there is no moment in which others connect.
            os.chmod(address.path, 0o660)
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def _remove_what_is_left(address: UnixAddress) -> None:
    """Remove the socket of a server that has ended, and nothing else."""
    try:
        found = os.lstat(address.path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise FileExistsError(
            errno.EEXIST, "it is a file that is no socket; move it away or choose another path"
        )
    try:
        connect(address, timeout=1).close()
    except (ConnectionRefusedError, FileNotFoundError):
        with suppress(FileNotFoundError):
            os.unlink(address.path)
    else:
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _reason(address: Address, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"The status address {address} is in use; stop what listens there or choose another."
    reason = "its path is too long" if error.errno is None else error.strerror
    return f"The status address {address} is not to be had: {reason}."
