"""What is asked of each server over HTTP/2, with httpx: it begins with it, as a client does that knows.

Over TLS the server's offer is in the handshake (ALPN); what comes then is the same.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import httpx
from h2.connection import H2Connection
from h2.events import ResponseReceived, StreamReset

from .requests import BEYOND, FILE, WITHIN, arrival_of, asked
from .servers import Running

ONE = httpx.Limits(max_connections=1)


def client(server: Running) -> httpx.Client:
    address = f"http://127.0.0.1:{server.port}"
    return httpx.Client(http1=False, http2=True, base_url=address, limits=ONE, timeout=20)


@asked
def http_2(server: Running) -> str:
    try:
        with client(server) as http:
            answer = http.get("/protocol")
    except httpx.TransportError:
        return "not spoken"
    return f"{answer.http_version} to {answer.json()['protocol']}"


@asked
def http_2_upload(server: Running) -> str:
    return _upload(server, WITHIN)


def _upload(server: Running, body: bytes | Iterator[bytes]) -> str:
    with client(server) as http:
        answer = http.post("/upload", content=body)
        assert http.get("/").text == "hello"
    return arrival_of(answer.status_code, answer.content, WITHIN)


@asked
def http_2_upload_beyond_the_limit(server: Running) -> str:
    """By hand: for httpx and curl 7 the reset after the answer (RFC 9113, section 8.1) is a failure."""
    connection = H2Connection()
    connection.initiate_connection()
    named = {":method": "POST", ":path": "/upload", ":authority": "127.0.0.1", ":scheme": "http"}
    connection.send_headers(1, [*named.items(), ("content-length", str(len(BEYOND)))])
    with socket.create_connection(("127.0.0.1", server.port), 20) as wire:
        return _answer(connection, wire, BEYOND)


def _answer(connection: H2Connection, wire: socket.socket, body: bytes) -> str:
    """Send as much as the server wants, until it answers."""
    while True:
        room = connection.local_flow_control_window(1)
        for start in range(0, min(room, len(body)), 16384):
            connection.send_data(1, body[start : min(start + 16384, room)])
        body = body[room:]
        wire.sendall(connection.data_to_send())
        data = wire.recv(65536)
        if not data:
            return "cut off"
        for event in connection.receive_data(data):
            if isinstance(event, ResponseReceived):
                return str(dict(event.headers)[b":status"], "ascii")
            if isinstance(event, StreamReset):
                return f"reset with {event.error_code}"


@asked
def http_2_upload_of_unknown_length(server: Running) -> str:
    return _upload(server, (WITHIN[start : start + 50_000] for start in range(0, len(WITHIN), 50_000)))


@asked
def http_2_streams(server: Running) -> str:
    with client(server) as http:
        answers = [http.get(path) for path in ("/stream", "/stream/coroutine", "/file")]
    return "whole" if all(answer.content == FILE for answer in answers) else "not whole"


@asked
def http_2_requests_at_once(server: Running) -> str:
    """The second is answered on the connection on which the first still waits."""
    return asyncio.run(_at_once(server))


async def _at_once(server: Running) -> str:
    token = server.token()
    address = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(http1=False, http2=True, base_url=address, limits=ONE, timeout=20) as http:
        first = asyncio.create_task(http.get("/wait/coroutine", params={"token": token}))
        await asyncio.to_thread(server.heard, f"waiting {token}")
        second = await http.get("/")
        waits = not first.done()
        server.open(token)
        answers = [(await first).text, second.text]
    assert answers == ["waited", "hello"]
    return "side by side" if waits else "one after the other"
