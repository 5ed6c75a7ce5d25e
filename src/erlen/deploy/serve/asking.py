"""Ask a running server for its status, and make sure that it is one."""

from __future__ import annotations

import json
import os
import socket
import time
import typing as t
from contextlib import suppress
from dataclasses import dataclass

from .errors import ServeError
from .status.addresses import Address, connect, internal_address
from .status.peers import peer_of

NO_SUCH_SERVER = 9

SECONDS = 5.0
"""How long a server may take for its status."""
LONGEST_ANSWER = 4_000_000

_REQUEST = b"GET /status HTTP/1.0\r\n\r\n"


@dataclass(frozen=True)
class Told:
    """What a server says of itself, as far as a reload needs it."""

    pid: int
    state: str
    started: float
    generation: int
    workers: int
    """How many are ready; not those that are leaving."""
    finished: int
    """How many reloads have ended."""
    last_error: str | None
    longest_reload: float | None


class NotTold(Exception):
    """There was no status; the message says why."""


def ask(address: Address, by: int | None = None) -> Told:
    """Return the status that is told at an address, by the process *by* if that is given."""
    try:
        with connect(address, SECONDS) as connection:
            if by is not None:
                _check_who_answers(connection, by)
            return _read(_exchange(connection))
    except OSError as error:
        raise NotTold(f"nothing answers ({error.strerror or 'it took too long'})") from error


def ask_process(pid: int) -> Told:
    """Return the status of the server that a process is."""
    # SECURITY: a number in a file or in an answer may be that of any process, and a signal ends most. Only
    # what has the name of a server, with the number and the user that the system says, is believed to be one.
    address = internal_address(pid)
    if address is None:
        raise NotTold("this system has no abstract sockets")
    told = ask(address, by=pid)
    if told.pid != pid:
        raise NotTold("it gives another process id as its own")
    return told


def no_such_server(message: str) -> ServeError:
    """Return the error for a server that is not there."""
    return ServeError(message, NO_SUCH_SERVER)


def _check_who_answers(connection: socket.socket, pid: int) -> None:
    peer = peer_of(connection)
    if peer is None or peer.pid != pid:
        raise NotTold("another process answers in its place")
    if os.geteuid() not in (0, peer.uid):
        raise NotTold("it belongs to another user; ask as that user or as root")


def _exchange(connection: socket.socket) -> bytes:
    """Send the request, and return what is answered until the server closes."""
    given_up = time.monotonic() + SECONDS
    connection.sendall(_REQUEST)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
    parts: list[bytes] = []
    size = 0
    while part := connection.recv(65536):
        parts.append(part)
        size += len(part)
        if size > LONGEST_ANSWER or time.monotonic() > given_up:
            raise NotTold("it answers without end")
    return b"".join(parts)


def _read(answer: bytes) -> Told:
    head, _, body = answer.partition(b"\r\n\r\n")
    if head[:13] not in (b"HTTP/1.1 200 ", b"HTTP/1.0 200 "):
        first = head[:60].split(b"\r\n")[0].decode("ascii", "backslashreplace")
        raise NotTold(f"it answers {first!r}" if first else "it answers nothing")
    try:
        told: dict[str, t.Any] = json.loads(body)
        reloads: dict[str, t.Any] = told["reloads"]
        error, longest = reloads["last_error"], told["longest_reload"]
        return Told(
            pid=int(told["pid"]),
            state=str(told["state"]),
            started=float(told["started"]),
            generation=int(told["generation"]),
            workers=sum(worker["state"] == "ready" for worker in told["workers"]),
            finished=int(reloads["done"]) + int(reloads["failed"]),
            last_error=None if error is None else str(error),
            longest_reload=None if longest is None else float(longest),
        )
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        raise NotTold("what it answers is no status of `erlen serve`") from None
