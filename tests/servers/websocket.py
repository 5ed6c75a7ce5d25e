"""What is asked of each server with the `websockets` library."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from .requests import asked, get
from .servers import Running

LARGEST = 1 << 20  # bytes of a message, as the application is configured
SIZES = (0, 1, 125, 126, 65535, 65536, LARGEST)
"""Where a frame's header changes its form (RFC 6455, section 5.2), and the limit."""


def opened(server: Running, path: str = "/ws/echo", **options: Any) -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{server.port}{path}", max_size=None, proxy=None, open_timeout=20, **options
    )


def refusal(error: InvalidStatus) -> str:
    """Say with which answer a handshake was refused."""
    status, upgrade = error.response.status_code, error.response.headers.get("Upgrade")
    return f"{status}, upgrade to {upgrade}" if upgrade and status == 426 else str(status)


@asked
def websocket_text(server: Running) -> str:
    return _echo(server, ["é" * (size // 2) + "x" * (size % 2) for size in SIZES])


@asked
def websocket_binary(server: Running) -> str:
    return _echo(server, [(bytes(range(256)) * 4096)[:size] for size in SIZES])


def _echo(server: Running, messages: Sequence[str | bytes]) -> str:
    try:
        with opened(server) as client:
            for message in messages:
                client.send(message)
                if client.recv(timeout=20) != message:
                    return f"{len(message)} come back changed"
    except InvalidStatus as error:
        return refusal(error)
    return "echo"


@asked
def websocket_message_too_large(server: Running) -> str:
    return _closed(server, "/ws/echo", b"x" * (LARGEST + 1))


@asked
def websocket_closed_with_a_code(server: Running) -> str:
    return _closed(server, "/ws/bye/4001")


@asked
def websocket_closed_before_it_was_accepted(server: Running) -> str:
    return _closed(server, "/ws/refuse")


def _closed(server: Running, path: str, message: bytes | None = None) -> str:
    try:
        with opened(server, path) as client:
            if message is not None:
                client.send(message)
            client.recv(timeout=20)
    except InvalidStatus as error:
        return refusal(error)
    except ConnectionClosed as closed:
        return str(closed.rcvd.code if closed.rcvd else "cut off")
    return "left open"


@asked
def websocket_subprotocol(server: Running) -> str:
    try:
        with opened(server, "/ws/chat", subprotocols=["chat.1", "chat.2"]) as client:
            return f"{client.subprotocol} of {client.recv(timeout=20)}"
    except InvalidStatus as error:
        return refusal(error)


@asked
def websocket_from_the_same_origin(server: Running) -> str:
    return _from(server, f"http://127.0.0.1:{server.port}")


@asked
def websocket_from_a_foreign_origin(server: Running) -> str:
    return _from(server, "https://elsewhere.example")


def _from(server: Running, origin: str) -> str:
    try:
        with opened(server, origin=origin) as client:
            client.send("hello")
            return str(client.recv(timeout=20))
    except InvalidStatus as error:
        return refusal(error)


@asked
def websocket_to_nowhere(server: Running) -> str:
    try:
        with opened(server, "/ws/nowhere"):
            return "opened"
    except InvalidStatus as error:
        return refusal(error)


@asked
def websocket_of_a_client_that_vanishes(server: Running) -> str:
    """No closing handshake, as when a train enters a tunnel, but the network says so at once."""
    token = server.token()
    try:
        with opened(server, f"/ws/echo?token={token}") as client:
            client.send("hello")
            client.recv(timeout=20)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close_socket()
    except InvalidStatus as error:
        return refusal(error)
    return "torn down" if server.heard(f"left {token}") else "kept"


@asked
def websocket_of_a_client_that_vanishes_before_it_is_accepted(server: Running) -> str:
    """The handler waits, for a database say, and has not answered the handshake."""
    return _vanished(server, "/ws/wait")


@asked
def websocket_of_a_client_that_vanishes_before_the_handler(server: Running) -> str:
    """The same, while a before hook waits."""
    return _vanished(server, "/ws/echo?wait=1")


def _vanished(server: Running, path: str) -> str:
    token = server.token()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(_handshake(f"{path}{'&' if '?' in path else '?'}token={token}"))
        if server.server.protocol == "wsgi":
            return client.recv(100).split()[1].decode()
        if not server.heard(f"waits {token}"):
            return "not handled"
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if server.heard(f"left {token}"):
        return "torn down"
    server.open(token)
    return "torn down when it goes on" if server.heard(f"left {token}") else "kept"


def _handshake(target: str) -> bytes:
    return (
        f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


@asked
def websocket_accepted_with_what_cannot_be_sent(server: Running) -> str:
    """Each is refused with ValueError, and then the handshake goes on."""
    try:
        with opened(server, "/ws/careless", subprotocols=["chat.1"]) as client:
            return f"{client.recv(timeout=20)}, {client.subprotocol}"
    except InvalidStatus as error:
        return refusal(error)


@asked
def websocket_denied_with_what_cannot_be_sent(server: Running) -> str:
    try:
        with opened(server, "/ws/careless?deny=1"):
            return "opened"
    except InvalidStatus as error:
        return refusal(error)


@asked
def get_of_a_websocket(server: Running) -> str:
    """Somebody types the address into a browser."""
    answer = get(server, "/ws/echo")
    upgrade = answer.headers.get("Upgrade")
    return f"{answer.status}, upgrade to {upgrade}" if upgrade else str(answer.status)
