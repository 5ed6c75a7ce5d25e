"""What is asked of each server over HTTP/2, with httpx: it begins with it, as a client does that knows.

Over TLS the server's offer is in the handshake (ALPN); what comes then is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx

from .requests import FILE, WITHIN, arrival_of, asked
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


@asked
def http_2_events(server: Running) -> str:
    token = server.token()
    with client(server) as http, http.stream("GET", f"/events/coroutine?token={token}") as answer:
        pieces = answer.iter_bytes()
        first = next(pieces)
        server.open(token)
        rest = b"".join(pieces)
    assert (first, rest) == (b"data: first\n\n", b"data: second of /events/coroutine\n\n")
    return f"{answer.headers['Content-Type'].partition(';')[0]}, each at once"
