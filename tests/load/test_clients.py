"""Clients that belong to a loop, made before serving, serve a thousand requests by either protocol."""

from __future__ import annotations

import asyncio
import threading
import typing as t
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiosqlite
import httpx
import pytest

import erlen
from erlen import Erlen
from tests.load.asking import Lifespan, ask

REQUESTS = 1_000
THREADS = 8
COLOURS = [
    ("plain", 100),
    ("coroutine", 100),
    pytest.param("coroutine", REQUESTS, marks=pytest.mark.slow),
]
"""The colour of a view, and how many requests it is to answer."""


class _Doubling(BaseHTTPRequestHandler):
    """Answer with twice the number that is asked for; keep the connection."""

    protocol_version = "HTTP/1.1"
    # The body is a packet of its own: it shall not wait until the client says that it has the headers.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = str(2 * int(self.path.removeprefix("/"))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Connections that were ever made.
    made = 0

    def get_request(self) -> t.Any:
        self.made += 1
        return super().get_request()


@pytest.fixture
def server() -> Iterator[_Server]:
    """A server of somebody else's, on loopback."""
    server = _Server(("127.0.0.1", 0), _Doubling)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Resources:
    """Connections that belong to the loop on which they were opened."""

    def __init__(self, url: str, file: Path) -> None:
        self._url = url
        self._file = file
        self.opened = 0
        self.loops: set[asyncio.AbstractEventLoop] = set()
        self._connections: list[aiosqlite.Connection] = []

    async def open(self) -> None:
        self.opened += 1
        self.loops.add(asyncio.get_running_loop())
        limits = httpx.Limits(max_connections=10)
        self._client = httpx.AsyncClient(base_url=self._url, limits=limits, timeout=30, trust_env=False)
        self._free: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        for _ in range(3):
            connection = await aiosqlite.connect(self._file, isolation_level=None, timeout=30)
            await connection.execute("PRAGMA journal_mode=WAL")
            await connection.execute("PRAGMA synchronous=OFF")
            self._connections.append(connection)
            self._free.put_nowait(connection)
        await connection.execute("CREATE TABLE IF NOT EXISTS asked (number INTEGER, doubled INTEGER)")

    async def close(self) -> None:
        """Close everything, where it was opened; once."""
        if self._connections:
            await self._client.aclose()
            while self._connections:
                await self._connections.pop().close()

    async def work(self, number: int) -> int:
        """Ask the other server, and keep what it says."""
        self.loops.add(asyncio.get_running_loop())
        answer = await self._client.get(f"/{number}")
        doubled = int(answer.text)
        connection = await self._free.get()
        try:
            await connection.execute("INSERT INTO asked VALUES (?, ?)", (number, doubled))
            async with connection.execute("SELECT doubled FROM asked WHERE number = ?", (number,)) as rows:
                ((kept,),) = await rows.fetchall()
        finally:
            self._free.put_nowait(connection)
        return int(kept)

    async def count(self) -> int:
        connection = await self._free.get()
        async with connection.execute("SELECT count(DISTINCT number) FROM asked") as rows:
            ((count,),) = await rows.fetchall()
        self._free.put_nowait(connection)
        return int(count)


@pytest.fixture
def resources(server: _Server, tmp_path: Path) -> Resources:
    return Resources(f"http://127.0.0.1:{server.server_port}", tmp_path / "asked.sqlite")


@pytest.fixture
def app(resources: Resources) -> Erlen:
    app = Erlen("app")
    app.testing = True
    app.before_serving(resources.open)
    app.after_serving(resources.close)

    @app.get("/coroutine/<int:number>")
    async def coroutine(number: int) -> str:
        return str(await resources.work(number))

    @app.get("/plain/<int:number>")
    def plain(number: int) -> str:
        return str(app.async_to_sync(resources.work)(number))

    return app


def ask_from_threads(app: Erlen, protocol: str, colour: str, requests: int) -> list[str]:
    """Send requests from eight threads at once; return what went wrong."""
    wrong: list[str] = []

    def some(first: int) -> None:
        client = app.test_client(protocol=protocol)
        for number in range(first, requests, THREADS):
            try:
                text = client.get(f"/{colour}/{number}").text
            except Exception as error:
                wrong.append(repr(error))
            else:
                if text != str(2 * number):
                    wrong.append(text)

    threads = [threading.Thread(target=some, args=(first,)) for first in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.mark.parametrize(("colour", "requests"), COLOURS)
@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_a_thousand_requests_from_eight_threads_share_clients_of_one_loop(
    app: Erlen, resources: Resources, server: _Server, protocol: str, colour: str, requests: int
) -> None:
    try:
        assert ask_from_threads(app, protocol, colour, requests) == []
        assert (resources.opened, len(resources.loops)) == (1, 1)
        assert app.async_to_sync(resources.count)() == requests
        assert server.made <= 10
    finally:
        app.async_to_sync(resources.close)()


AT_ONCE = 50


async def ask_at_once(app: Erlen, colour: str, requests: int) -> list[str]:
    """Send requests on this loop, fifty at a time; return what went wrong."""
    wrong: list[str] = []

    async def some(first: int) -> None:
        for number in range(first, requests, AT_ONCE):
            answer = await ask(app, f"/{colour}/{number}")
            if answer.text != str(2 * number):
                wrong.append(answer.text)

    await asyncio.gather(*map(some, range(AT_ONCE)))
    return wrong


@pytest.mark.parametrize(("colour", "requests"), COLOURS)
@pytest.mark.parametrize("around", ["nothing", "middleware"])
def test_a_thousand_requests_share_clients_of_the_servers_loop(
    app: Erlen, resources: Resources, server: _Server, around: str, colour: str, requests: int
) -> None:
    if around == "middleware":
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]

    async def main() -> None:
        async with Lifespan(app):
            assert await ask_at_once(app, colour, requests) == []
            assert resources.loops == {asyncio.get_running_loop()}
            assert await resources.count() == requests

    asyncio.run(main())
    assert resources.opened == 1
    assert server.made <= 10


def test_a_server_without_a_lifespan_opens_them_at_the_first_request(
    app: Erlen, resources: Resources
) -> None:
    async def main() -> None:
        assert await ask_at_once(app, "coroutine", 200) == []
        assert resources.loops == {asyncio.get_running_loop()}
        await resources.close()

    asyncio.run(main())
    assert resources.opened == 1


# the start, where there are more requests than threads


@pytest.mark.parametrize("threads", [1, 40])
def test_plain_functions_before_serving_find_a_thread_though_all_wait_for_them(threads: int) -> None:
    app, log = Erlen("app"), []
    app.config["ASGI_THREADS"] = threads
    app.before_serving(lambda: log.append("started"))

    @app.get("/<colour>/<int:number>")
    def view(colour: str, number: int) -> str:
        assert log == ["started"]
        return str(2 * number)

    async def main() -> list[str]:
        return await ask_at_once(app, "any", 50)

    wrong: list[list[str]] = []
    # Aside: what waits for itself would never come back.
    server = threading.Thread(target=lambda: wrong.append(asyncio.run(main())), daemon=True)
    server.start()
    server.join(60)
    assert wrong == [[]], "the requests wait for threads that wait for the start"
    assert log == ["started"]


def test_a_failed_start_is_an_error_for_those_who_wait_and_is_tried_again() -> None:
    app, tries = Erlen("app"), []
    app.logger.disabled = True

    @app.before_serving
    async def start() -> None:
        tries.append("try")
        await asyncio.sleep(0)
        if len(tries) == 1:
            raise RuntimeError("not yet")

    @app.get("/")
    async def view() -> str:
        return erlen.request.path

    async def main() -> list[int]:
        first = await asyncio.gather(*(ask(app, "/") for _ in range(10)))
        return [*(answer.status for answer in first), (await ask(app, "/")).status]

    statuses = asyncio.run(asyncio.wait_for(main(), 60))
    assert 500 in statuses
    assert statuses[-1] == 200
    assert statuses.count(500) + statuses.count(200) == 11
    assert 2 <= len(tries) <= 11
