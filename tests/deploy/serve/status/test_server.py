"""The server that tells the status: what clients get, and what they cannot do to it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
import typing as t
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.status import Status, StatusServer, server
from erlen.deploy.serve.status.peers import Peer

PATIENCE = 30
STATUS = Status("0.1.0", os.getpid(), "serving", 1.0, ["http://127.0.0.1:8000"], "shop:app", "wsgi")
GET = b"GET / HTTP/1.0\r\n\r\n"
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract sockets")

Test = Callable[[], Coroutine[t.Any, t.Any, None]]


def on_a_loop(test: Test) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), PATIENCE))

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


class Asked:
    """Somebody who knows the status, and counts how often it was asked for."""

    def __init__(self, answer: Status | Exception = STATUS) -> None:
        self.answer = answer
        self.answer_next: Status | None = None
        self.times = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self) -> Status:
        self.times += 1
        await self.may_answer.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        told = self.answer
        self.answer = self.answer_next or self.answer
        return told


@asynccontextmanager
async def telling(
    *addresses: str, ask: Asked | None = None, internal: bool = False
) -> AsyncIterator[StatusServer]:
    running = StatusServer(addresses or ["127.0.0.1:0"], ask or Asked(), internal=internal)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


async def connect(running: StatusServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    where = running.addresses[0]
    if where.startswith("unix:"):
        return await asyncio.open_unix_connection(where.removeprefix("unix:"))
    host, _, port = where.rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port))


async def exchange(running: StatusServer, request: bytes) -> bytes:
    """Return what is answered, up to the end of the connection."""
    reader, writer = await connect(running)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens soon; the test's own patience ends it otherwise."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.01)


async def is_ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


# hostile clients


def test_many_silent_clients_keep_nobody_from_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SECONDS", PATIENCE * 10)

    @on_a_loop
    async def test() -> None:
        async with telling() as running:
            silent = [await connect(running) for _ in range(server.CONNECTIONS + 10)]
            for _, writer in silent[::2]:
                writer.write(b"GET / HTT")
            assert b" 200 OK\r\n" in await exchange(running, GET)
            assert running.clients <= server.CONNECTIONS
            ended = [await is_ended(reader) for reader, _ in silent[:10]]
            assert ended == [True] * 10
            for _, writer in silent:
                writer.close()

    test()


@on_a_loop
async def test_the_limit_counts_for_each_address() -> None:
    async with telling("127.0.0.1:0", "[::1]:0") as running:
        first = running.addresses[0]
        reader, writer = await connect(running)
        running_elsewhere = running.addresses[1]
        port = int(running_elsewhere.rpartition(":")[2])
        others = [await asyncio.open_connection("::1", port) for _ in range(server.CONNECTIONS * 2)]
        writer.write(GET)
        assert b" 200 OK\r\n" in await reader.read(), first
        for _, other in [*others, (reader, writer)]:
            other.close()


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00\x01"])
def test_a_client_that_hangs_is_let_go(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(server, "SECONDS", 0.3)

    @on_a_loop
    async def test() -> None:
        async with telling() as running:
            reader, writer = await connect(running)
            writer.write(begun)
            assert await is_ended(reader)
            writer.close()

    test()


def test_a_client_that_does_not_read_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SECONDS", 0.5)
    long = replace(STATUS, addresses=["x" * 400] * 100_000)

    @on_a_loop
    async def test() -> None:
        async with telling(ask=Asked(long)) as running:
            host, _, port = running.addresses[0].rpartition(":")
            with socket.create_connection((host, int(port))) as deaf:
                deaf.sendall(GET)
                await until(lambda: running.clients > 0)
                await until(lambda: running.clients == 0)

    test()


@on_a_loop
async def test_a_megabyte_of_headers_is_too_much() -> None:
    async with telling() as running:
        answer = await exchange(
            running, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 170_000 + b"\r\n"
        )
        assert answer.startswith(b"HTTP/1.1 431 ")


@on_a_loop
async def test_one_header_without_an_end_is_too_much() -> None:
    async with telling() as running:
        answer = await exchange(running, b"GET / HTTP/1.1\r\nX: " + b"y" * 1_000_000)
        assert answer.startswith(b"HTTP/1.1 431 ")


@on_a_loop
async def test_a_client_that_goes_away_leaves_nothing() -> None:
    ask = Asked()
    ask.may_answer.clear()
    async with telling(ask=ask) as running:
        for begun in (b"", b"GET", GET):
            _, writer = await connect(running)
            writer.write(begun)
            await writer.drain()
            writer.transport.abort()
        ask.may_answer.set()
        assert b" 200 OK\r\n" in await exchange(running, GET)
        await until(lambda: running.clients == 0)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:9100", "127.0.0.1.evil.example", "localhost.evil.example", ""]
)
@pytest.mark.parametrize("where", ["127.0.0.1:0", "[::1]:0"])
def test_a_page_of_the_web_reads_nothing(where: str, host: str) -> None:
    ask_count: list[int] = []

    @on_a_loop
    async def test() -> None:
        ask = Asked()
        async with telling(where, ask=ask) as running:
            answer = await exchange(running, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert answer.startswith(b"HTTP/1.1 403 ")
            assert b"shop" not in answer
        ask_count.append(ask.times)

    test()
    assert ask_count == [0]


@on_a_loop
async def test_where_all_networks_may_ask_any_name_may_be_used() -> None:
    async with telling("0.0.0.0:0") as running:
        assert b" 200 OK\r\n" in await exchange(running, b"GET / HTTP/1.1\r\nHost: app\r\n\r\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_is_changed_by_a_client(method: str) -> None:
    @on_a_loop
    async def test() -> None:
        async with telling() as running:
            request = f"{method} /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n"
            answer = await exchange(running, request.encode() + b"x" * 500_000)
            assert answer.startswith(b"HTTP/1.1 405 ")
            assert b"\r\nAllow: GET, HEAD\r\n" in answer

    test()


@on_a_loop
async def test_garbage_is_a_bad_request() -> None:
    async with telling() as running:
        assert (await exchange(running, b"\x00\xff garbage\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


@on_a_loop
async def test_a_second_request_on_a_connection_is_not_answered() -> None:
    async with telling() as running:
        assert (await exchange(running, GET * 3)).count(b"HTTP/1.1 ") == 1


# what is answered


@pytest.mark.parametrize("where", ["127.0.0.1:0", "[::1]:0", "unix:{}/s"])
@pytest.mark.parametrize("path", ["/", "/status", "/status?x=1"])
def test_the_status_is_json(where: str, path: str, tmp_path: Path) -> None:
    @on_a_loop
    async def test() -> None:
        async with telling(where.format(tmp_path)) as running:
            answer = await exchange(running, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"\r\nContent-Type: application/json\r\n" in head
            assert json.loads(body)["app"] == "shop:app"

    test()


@on_a_loop
async def test_the_metrics_are_text() -> None:
    async with telling() as running:
        answer = await exchange(running, b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n" in answer
        assert b"\nerlen_generation 1.0\n" in answer


@on_a_loop
async def test_head_gets_no_body() -> None:
    async with telling() as running:
        whole = await exchange(running, GET)
        assert await exchange(running, b"HEAD / HTTP/1.0\r\n\r\n") == whole[: whole.index(b"\r\n\r\n") + 4]


@pytest.mark.parametrize("path", ["/x", "/metrics/", "//", "/..", "/status/../metrics", "/%6detrics"])
def test_there_is_nothing_else(path: str) -> None:
    @on_a_loop
    async def test() -> None:
        ask = Asked()
        async with telling(ask=ask) as running:
            answer = await exchange(running, f"GET {path} HTTP/1.0\r\n\r\n".encode())
            assert answer.startswith(b"HTTP/1.1 404 ")
        assert ask.times == 0

    test()


@on_a_loop
async def test_clients_that_come_together_share_a_question_that_is_asked_after_they_came() -> None:
    ask = Asked()
    ask.may_answer.clear()
    async with telling(ask=ask) as running:
        first = asyncio.ensure_future(exchange(running, GET))
        await until(lambda: ask.times == 1)
        later = [asyncio.ensure_future(exchange(running, GET)) for _ in range(10)]
        await until(lambda: running.clients == 11)
        # Time for their requests to be read; not all have to be for this test.
        await exchange(running, b"GET /x HTTP/1.0\r\n\r\n")
        ask.answer_next = replace(STATUS, state="reloading")
        ask.may_answer.set()
        assert b'"serving"' in await first
        assert all(b'"reloading"' in answer for answer in await asyncio.gather(*later))
    assert 2 <= ask.times < 11


@on_a_loop
async def test_the_next_client_gets_the_next_status() -> None:
    ask = Asked()
    async with telling(ask=ask) as running:
        await exchange(running, GET)
        ask.answer = replace(STATUS, state="reloading")
        assert b'"state": "reloading"' in await exchange(running, GET)


# a status that is not known


def test_an_error_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    @on_a_loop
    async def test() -> None:
        ask = Asked(RuntimeError("planted"))
        async with telling(ask=ask) as running:
            answer = await exchange(running, GET)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"planted" not in answer
            ask.answer = STATUS
            assert b" 200 OK\r\n" in await exchange(running, GET)

    with caplog.at_level(logging.ERROR, "erlen.serve"):
        test()
    assert "planted" in caplog.text


def test_a_status_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SECONDS", 1.0)

    @on_a_loop
    async def test() -> None:
        ask = Asked()
        ask.may_answer.clear()
        async with telling(ask=ask) as running:
            assert (await exchange(running, GET)).startswith(b"HTTP/1.1 503 ")

    test()


# start and stop


@on_a_loop
async def test_a_client_of_the_server_that_stops_is_let_go() -> None:
    ask = Asked()
    ask.may_answer.clear()
    async with telling(ask=ask) as running:
        silent, one = await connect(running)
        asking, other = await connect(running)
        other.write(GET)
        await until(lambda: ask.times > 0)
        await running.stop()
        assert await is_ended(silent)
        assert await is_ended(asking)
        assert running.addresses == []
        for writer in (one, other):
            writer.close()


@on_a_loop
async def test_a_port_is_free_again_at_once() -> None:
    async with telling() as running:
        await exchange(running, GET)
        where = running.addresses[0]
    async with telling(where) as again:
        assert b" 200 OK\r\n" in await exchange(again, GET)


def test_the_socket_is_removed(tmp_path: Path) -> None:
    @on_a_loop
    async def test() -> None:
        async with telling(f"unix:{tmp_path}/s"):
            assert (tmp_path / "s").is_socket()

    test()
    assert list(tmp_path.iterdir()) == []


def test_the_socket_of_a_later_server_is_not_removed(tmp_path: Path) -> None:
    @on_a_loop
    async def test() -> None:
        async with telling(f"unix:{tmp_path}/s"):
            (tmp_path / "s").unlink()
            later = StatusServer([f"unix:{tmp_path}/s"], Asked(), internal=False)
            await later.start()
        assert (tmp_path / "s").is_socket()
        await later.stop()

    test()


def test_all_addresses_are_had_or_none() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"

        async def ask() -> Status:
            return STATUS

        both = StatusServer(["[::1]:0", taken], ask, internal=False)
        with pytest.raises(ServeError) as error:
            both.open()
        assert error.value.status == 4
        assert both.addresses == []


def test_a_malformed_address_is_a_mistake_in_the_command() -> None:
    async def ask() -> Status:
        return STATUS

    with pytest.raises(ServeError) as error:
        StatusServer(["example.org"], ask)
    assert error.value.status == 2


# the internal address


async def exchange_internally() -> bytes:
    reader, writer = await asyncio.open_unix_connection(f"\0erlen-serve-{os.getpid()}")
    writer.write(GET)
    answer = await reader.read()
    writer.close()
    return answer


@linux
@on_a_loop
async def test_there_is_an_internal_address_that_is_not_listed() -> None:
    running = StatusServer([], Asked())
    await running.start()
    try:
        assert b" 200 OK\r\n" in await exchange_internally()
        assert running.addresses == []
    finally:
        await running.stop()
    with pytest.raises(ConnectionRefusedError):
        await exchange_internally()


@linux
def test_another_user_gets_nothing_at_the_internal_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "peer_of", lambda _: Peer(1, os.geteuid() + 1))

    @on_a_loop
    async def test() -> None:
        async with telling(internal=True) as running:
            assert (await exchange_internally()).startswith(b"HTTP/1.1 403 ")
            assert b" 200 OK\r\n" in await exchange(running, GET)

    test()


@linux
def test_a_user_who_takes_the_internal_name_keeps_nobody_from_serving(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @on_a_loop
    async def test() -> None:
        async with telling() as running:
            assert b" 200 OK\r\n" in await exchange(running, GET)

    with socket.socket(socket.AF_UNIX) as squatter:
        squatter.bind(f"\0erlen-serve-{os.getpid()}")
        squatter.listen()
        running = StatusServer(["127.0.0.1:0"], Asked())
        with caplog.at_level(logging.WARNING, "erlen.serve"):
            running.open()
        assert "`erlen serve --reload` will not find this server" in caplog.text
        assert len(running.addresses) == 1

        asyncio.run(running.stop())
    test()
