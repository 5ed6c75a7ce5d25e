"""Sockets that systemd opened and passed to this process (sd_listen_fds(3))."""

from __future__ import annotations

import os
import socket
import stat
import typing as t

from . import errors
from .errors import ServeError
from .listening import Listener, address_of

_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID")
_FIRST = 3
# More than systemd passes to one unit; a number of another kind must not be counted up to.
_MOST = 1000


def adopt_from_systemd(
    environ: t.MutableMapping[str, str], *, tls: bool = False, first: int = _FIRST
) -> list[Listener]:
    """Return the sockets that were passed to this process, none where none were.

    The variables are taken out of *environ* in any case: they are not meant for processes that this one
    starts. *first* is the number of the first descriptor. Raises ServeError for a descriptor that is not
    there, or that cannot be listened on.
    """
    values = {name: environ.pop(name, "") for name in _VARIABLES}
    if not values["LISTEN_FDS"] or not values["LISTEN_PID"]:
        return []
    # COMPAT: variables of another process may have been inherited by this one, and are nobody's mistake.
    if _number(values, "LISTEN_PID") != os.getpid():
        return []
    count = _number(values, "LISTEN_FDS")
    if not 0 < count <= _MOST:
        raise _malformed(values, "LISTEN_FDS")
    names = values["LISTEN_FDNAMES"].split(":") if values["LISTEN_FDNAMES"] else [""] * count
    if len(names) != count:
        raise ServeError(
            f"LISTEN_FDNAMES has {len(names)} names for {count} sockets of LISTEN_FDS: start this with"
            " systemd, or unset both.",
            errors.ADDRESS,
        )
    for descriptor in range(first, first + count):
        _check(descriptor, count)
    return [_adopt(first + index, name, tls=tls) for index, name in enumerate(names)]


def _adopt(descriptor: int, name: str, *, tls: bool) -> Listener:
    sock = socket.socket(fileno=descriptor)
    return Listener(sock, address_of(sock, tls=tls), is_adopted=True, name=name)


def _number(values: dict[str, str], name: str) -> int:
    value = values[name]
    if not (value.isascii() and value.isdecimal() and len(value) <= 10):
        raise _malformed(values, name)
    return int(value)


def _malformed(values: dict[str, str], name: str) -> ServeError:
    return ServeError(
        f"{name} is {values[name][:40]!r} in the environment, which is no number that systemd sets: unset it,"
        " or start this with systemd.",
        errors.ADDRESS,
    )


def _check(descriptor: int, count: int) -> None:
    """Raise ServeError unless a descriptor is a listening stream socket."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        reason = "is not open"
    else:
        reason = _unusable(descriptor) if stat.S_ISSOCK(mode) else "is no socket"
    if reason:
        raise ServeError(
            f"LISTEN_FDS says that {count} sockets were passed, but descriptor {descriptor} {reason}: the"
            " socket unit needs ListenStream= and Accept=no.",
            errors.ADDRESS,
        )


def _unusable(descriptor: int) -> str:
    """Say what is wrong with a socket; nothing if it is as it should be."""
    # A duplicate, so that closing it leaves the descriptor open.
    with socket.socket(fileno=os.dup(descriptor)) as sock:
        families = (socket.AF_INET, socket.AF_INET6, getattr(socket, "AF_UNIX", None))
        if sock.family not in families or sock.type != socket.SOCK_STREAM:
            return "is no stream socket"
        if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return "does not listen"
    return ""
