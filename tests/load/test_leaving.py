"""Clients that go away at every point, send slowly, read slowly: nobody waits for them, and nothing is left.

Waiting is counted in turns of the event loop, and in threads. The full form takes a minute and is marked
slow; set ERLEN_LOAD_SECONDS for more.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import random
import threading
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

import erlen
from erlen import Erlen
from tests.load.asking import Lifespan, scope_of
from tests.load.test_isolation import FULL, Counts, nothing_grows

THREADS, STREAMS = 6, 8
CLIENTS = 24
EVENTS = 12
"""The last event (a message taken or sent) after which a client goes."""
TURNS = 40
"""So many turns of the loop a coroutine view may take which waits for nothing, whatever others do."""
LARGE = b"x" * 5_000

ENDLESS = ("endless/plain", "endless/kept", "endless/coroutine", "endless/events")
KINDS = (
    *("text/plain", "text/coroutine", "stream/plain", "stream/kept", "stream/coroutine", *ENDLESS),
    *("upload/plain", "upload/coroutine", "form/plain", "form/coroutine", "unread/plain", "unread/coroutine"),
    *("pieces/plain", "pieces/coroutine", "socket/echo", "socket/waits"),
)


class Body:
    """Counts the bodies that are open."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def __enter__(self) -> None:
        self._counts.note("opened")

    def __exit__(self, *_: object) -> None:
        self._counts.note("closed")


def application(counts: Counts, hooks: str, middleware: bool) -> Erlen:
    app = Erlen("app")
    app.logger.disabled = True
    app.config.update(
        ASGI_THREADS=THREADS, ASGI_STREAMS=STREAMS, ASGI_BODY_MEMORY=1_000, ASGI_TEARDOWN_TIMEOUT=0.5
    )
    _add_hooks(app, counts, hooks)
    _add_streams(app, counts)
    _add_uploads(app)
    _add_sockets(app, counts)
    if middleware:
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]
    return app


def _add_hooks(app: Erlen, counts: Counts, hooks: str) -> None:
    def count(name: str) -> t.Callable[..., t.Any]:
        def plain(*_: t.Any) -> None:
            counts.note(name)

        async def coroutine(*_: t.Any) -> None:
            counts.note(name)

        return plain if hooks == "def" else coroutine

    if hooks:
        app.before_request(count("before"))
        app.teardown_request(count("teardown"))

    @app.get("/quick")
    async def quick() -> str:
        return "quick"

    @app.get("/quick/plain")
    def quick_plain() -> str:
        return "quick"

    app.add_url_rule("/text/plain", "text_plain", lambda: "x" * 1_000)

    @app.get("/text/coroutine")
    async def text() -> str:
        await asyncio.sleep(0)
        return "x" * 1_000


def _add_streams(app: Erlen, counts: Counts) -> None:
    def pieces(most: int) -> t.Iterator[bytes]:
        with Body(counts):
            for _ in range(most):
                yield LARGE

    async def apieces(most: int) -> t.AsyncIterator[bytes]:
        with Body(counts):
            for _ in range(most):
                yield LARGE
                await asyncio.sleep(0)

    async def events() -> t.AsyncIterator[str]:
        with Body(counts):
            yield "one"
            await asyncio.get_running_loop().create_future()

    for name, most in (("stream", 4), ("endless", 1 << 30)):
        app.add_url_rule(f"/{name}/plain", f"{name}_plain", lambda most=most: pieces(most))
        app.add_url_rule(
            f"/{name}/kept", f"{name}_kept", lambda most=most: erlen.stream_with_context(pieces(most))
        )

        async def coroutine(most: int = most) -> t.Any:
            return erlen.Response(erlen.wrappers.async_body.AsyncBody(apieces(most)))

        app.add_url_rule(f"/{name}/coroutine", f"{name}_coroutine", coroutine)
    app.add_url_rule("/endless/events", "events", lambda: erlen.EventStream(events(), heartbeat=None))


def _add_uploads(app: Erlen) -> None:
    def upload() -> str:
        return str(len(erlen.request.get_data()))

    def form() -> str:
        return str(len(erlen.request.files["file"].read()))

    def unread() -> str:
        return "unread"

    @erlen.stream_request
    def pieces() -> str:
        return str(sum(map(len, iter(lambda: erlen.request.stream.read(1_000), b""))))

    @erlen.stream_request
    async def apieces() -> str:
        return str(sum([len(piece) async for piece in erlen.request.stream_pieces()]))

    def coroutine(function: t.Callable[[], str]) -> t.Any:
        async def view() -> str:
            return function()

        return view

    for function in (upload, form, unread):
        name = function.__name__
        app.add_url_rule(f"/{name}/plain", f"{name}_plain", function, methods=["POST"])
        app.add_url_rule(f"/{name}/coroutine", f"{name}_coroutine", coroutine(function), methods=["POST"])
    app.add_url_rule("/pieces/plain", "pieces_plain", pieces, methods=["POST"])
    app.add_url_rule("/pieces/coroutine", "pieces_coroutine", apieces, methods=["POST"])


def _add_sockets(app: Erlen, counts: Counts) -> None:
    @app.websocket("/socket/echo")
    async def echo() -> None:
        with Body(counts):
            async for message in erlen.websocket:
                await erlen.websocket.send(message)

    @app.websocket("/socket/waits")
    async def waits() -> None:
        with Body(counts):
            await asyncio.get_running_loop().create_future()


# clients by ASGI


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts its turns."""

    turns = 0

    def _run_once(self) -> None:
        self.turns += 1
        super()._run_once()  # type: ignore[misc]


def form_of(data: bytes) -> tuple[str, bytes]:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    return "multipart/form-data; boundary=b", head + data + b"\r\n--b--\r\n"


class Client:
    """One connection: it goes after an event, or stays to the end; it may be slow."""

    def __init__(self, kind: str, dice: random.Random) -> None:
        self.kind = kind
        stays = dice.random() < 0.3 and kind not in (*ENDLESS, "socket/waits")
        self._left = 10_000 if stays else dice.randint(0, EVENTS)
        self._deaf = dice.random() < 0.5
        self._pauses = dice.choice((0, 0, 1, 5))
        self._gone = asyncio.Event()
        self._messages = list(self._brings(dice))
        self.status = 0

    def _brings(self, dice: random.Random) -> t.Iterator[dict[str, t.Any]]:
        if self.kind.startswith("socket"):
            yield {"type": "websocket.connect"}
            for _ in range(3):
                yield {"type": "websocket.receive", "text": "x"}
            return
        self.headers = []
        body = b"" if self.kind.split("/")[0] in ("text", "stream", "endless") else LARGE
        if self.kind.startswith("form"):
            content_type, body = form_of(LARGE)
            self.headers = [("Content-Type", content_type)]
        if body:
            self.headers.append(("Content-Length", str(len(body))))
        size = dice.choice((700, 1_700, 10_000))
        for at in range(0, len(body) or 1, size):
            more = at + size < len(body)
            yield {"type": "http.request", "body": body[at : at + size], "more_body": more}

    async def _event(self) -> None:
        for _ in range(1 + self._pauses):
            await asyncio.sleep(0)
        self._left -= 1
        if self._left < 0:
            self._gone.set()

    async def receive(self) -> dict[str, t.Any]:
        await self._event()
        if not self._gone.is_set() and self._messages:
            return self._messages.pop(0)
        if self.kind == "socket/echo":
            self._left = min(self._left, EVENTS)
            self._gone.set()
        await self._gone.wait()
        return {"type": "websocket.disconnect" if self.kind.startswith("socket") else "http.disconnect"}

    async def send(self, message: dict[str, t.Any]) -> None:
        await self._event()
        if self._gone.is_set() and not self._deaf:
            raise OSError("The client has gone.")
        self.status = message.get("status", self.status)

    async def speak(self, app: Erlen) -> None:
        # Those who wait for nothing but this go a while later.
        asyncio.get_running_loop().call_later(0.2, self._go_if_waiting)
        if self.kind.startswith("socket"):
            scope = scope_of("websocket", f"/{self.kind}") | {"subprotocols": []}
        else:
            method = "GET" if self.kind.split("/")[0] in ("text", "stream", "endless") else "POST"
            scope = scope_of("http", f"/{self.kind}", self.headers) | {"method": method}
        await app(scope, self.receive, self.send)

    def _go_if_waiting(self) -> None:
        if self._left < 10_000 or self.kind.startswith("socket"):
            self._gone.set()


async def others(app: Erlen, loop: CountingLoop, counts: Counts, until: float, bounded: bool) -> None:
    """Ask what waits for nothing, one after the other; count the turns of the loop that it takes."""
    while loop.time() < until:
        for path in ("/quick", "/quick/plain"):
            answers: list[t.Any] = []

            async def receive() -> dict[str, t.Any]:
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: dict[str, t.Any], answers: list[t.Any] = answers) -> None:
                answers.append(message)

            before = loop.turns
            await app(scope_of("http", path) | {"method": "GET"}, receive, send)
            taken = loop.turns - before
            assert answers[0]["status"] == 200, f"{path} is {answers[0]['status']}"
            if bounded and path == "/quick":
                assert taken <= TURNS, f"{path} takes {taken} turns"
            counts.note("others")
            await asyncio.sleep(0)


async def leaving(app: Erlen, number: int, until: float, counts: Counts) -> None:
    loop, dice = asyncio.get_running_loop(), random.Random(number)
    first = number % len(KINDS)
    for kind in (*KINDS[first:], *KINDS[:first]):
        await Client(kind, dice).speak(app)
        counts.note("requests")
    while loop.time() < until:
        await Client(dice.choice(KINDS), dice).speak(app)
        counts.note("requests")


async def within_bounds(loop: CountingLoop, until: float, before: int) -> None:
    while loop.time() < until:
        threads = [one for one in threading.enumerate() if one.name.startswith("erlen-pool")]
        assert len(threads) - before <= THREADS + STREAMS, "more threads than the configuration allows"
        await asyncio.sleep(0.01)


def run(seconds: float, hooks: str, middleware: bool) -> Counts:
    counts, loop = Counts(), CountingLoop()
    before = len([one for one in threading.enumerate() if one.name.startswith("erlen-pool")])

    async def main() -> None:
        app = application(counts, hooks, middleware)
        until = loop.time() + seconds
        async with Lifespan(app):
            tasks = [
                *(leaving(app, number, until, counts) for number in range(CLIENTS)),
                others(app, loop, counts, until, bounded=hooks != "def" and not middleware),
                within_bounds(loop, until, before),
            ]
            futures = [asyncio.ensure_future(one) for one in tasks]
            done, late = await asyncio.wait(
                futures, timeout=seconds + 30, return_when=asyncio.FIRST_EXCEPTION
            )
            for one in late:
                one.cancel()
            for one in done:
                one.result()
            assert not late, f"{len(late)} are not done: somebody waits for a client that has gone"
        for _ in range(10):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {t.cast("asyncio.Task[t.Any]", asyncio.current_task())}
        assert not left, left

    try:
        loop.run_until_complete(main())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
    return counts


def judge(counts: Counts) -> None:
    assert counts["requests"] >= CLIENTS * len(KINDS)
    assert counts["others"] > 0
    assert counts["opened"] == counts["closed"] > 0
    assert counts["before"] == counts["teardown"]


def open_files() -> list[str]:
    """List what is open that has a name: a folder of the system says so."""
    gc.collect()
    names = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            names.append(os.readlink(entry))
        except OSError:
            continue
    return sorted(name for name in names if name.startswith("/") and not name.startswith("/dev"))


@pytest.fixture
def _no_file_is_left() -> Iterator[None]:
    if not Path("/proc/self/fd").exists():
        yield
        return
    before = open_files()
    yield
    assert open_files() == before


WAYS = [("", False), ("def", False), ("async def", False), ("def", True)]
"""The hooks, and whether there is WSGI middleware."""


@pytest.mark.slow
@pytest.mark.usefixtures("_no_file_is_left")
@pytest.mark.parametrize(("hooks", "middleware"), [("async def", False), ("def", True)])
def test_clients_that_leave_do_not_delay_others(hooks: str, middleware: bool) -> None:
    with nothing_grows():
        judge(run(0.5, hooks, middleware))


@pytest.mark.slow
@pytest.mark.usefixtures("_no_file_is_left")
@pytest.mark.parametrize(("hooks", "middleware"), WAYS)
def test_clients_that_leave_during_a_minute_do_not_delay_others(hooks: str, middleware: bool) -> None:
    with nothing_grows():
        judge(run(FULL / len(WAYS), hooks, middleware))


# by WSGI


class SlowInput:
    """A body whose client sends a piece, and then waits for the test before it goes away or on."""

    def __init__(self, go_on: threading.Event, waiting: threading.Semaphore, goes: bool) -> None:
        self._go_on, self._waiting, self._goes = go_on, waiting, goes
        self._reads = 0

    def read(self, size: int = -1) -> bytes:
        self._reads += 1
        if self._reads == 1:
            return LARGE[:1_000] if size < 0 or size > 1_000 else LARGE[:size]
        self._waiting.release()
        self._go_on.wait(60)
        if self._goes:
            raise OSError("The client has gone.")
        return b"" if self._reads > 2 else LARGE[1_000:]


def ask_by_wsgi(
    app: Erlen, kind: str, body: t.Any = None, read: t.Callable[[t.Any], None] | None = None
) -> str:
    method = "GET" if body is None else "POST"
    environ: dict[str, t.Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/{kind}",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": body or io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body is not None:
        environ["CONTENT_LENGTH"] = str(len(LARGE))
    told: list[str] = []
    pieces = app(environ, lambda status, headers, exc_info=None: told.append(status))
    try:
        if read is None:
            b"".join(t.cast("t.Iterable[bytes]", pieces))
        else:
            read(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    return told[0]


def warm_up(app: Erlen) -> None:
    """Ask a coroutine: a loop that waits keeps the context of its last one, whichever that was."""
    assert ask_by_wsgi(app, "quick") == "200 OK"


@pytest.mark.slow
@pytest.mark.usefixtures("_no_file_is_left")
@pytest.mark.parametrize("goes", [True, False], ids=["goes", "goes on"])
@pytest.mark.parametrize("kind", ["upload/plain", "upload/coroutine", "pieces/plain", "pieces/coroutine"])
def test_by_wsgi_a_slow_sender_does_not_delay_others(kind: str, goes: bool) -> None:
    """As many as there are threads of a loop's executor, and then some."""
    counts = Counts()
    app = application(counts, "def", middleware=False)
    go_on, waiting = threading.Event(), threading.Semaphore(0)
    answers: list[str] = []

    def send_slowly() -> None:
        answers.append(ask_by_wsgi(app, kind, SlowInput(go_on, waiting, goes)))

    number = min(32, (os.cpu_count() or 1) + 4) + 2
    warm_up(app)
    with nothing_grows():
        senders = [threading.Thread(target=send_slowly, daemon=True) for _ in range(number)]
        for sender in senders:
            sender.start()
        try:
            for _ in senders:
                assert waiting.acquire(timeout=20), "a slow sender keeps another from being read"
            for other in ("quick", "quick/plain", "text/coroutine"):
                other_answers: list[str] = []
                asking = threading.Thread(
                    target=lambda other=other, got=other_answers: got.append(ask_by_wsgi(app, other)),
                    daemon=True,
                )
                asking.start()
                asking.join(20)
                assert other_answers == ["200 OK"], f"{other} waits for a slow sender"
        finally:
            go_on.set()
            for sender in senders:
                sender.join(20)
        warm_up(app)
    assert set(answers) == {"400 BAD REQUEST" if goes else "200 OK"}
    assert counts["before"] == counts["teardown"]


@pytest.mark.slow
@pytest.mark.usefixtures("_no_file_is_left")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.split("/")[0] in ("stream", "endless")])
def test_by_wsgi_a_slow_reader_does_not_delay_others_and_may_leave_anywhere(kind: str) -> None:
    counts = Counts()
    app = application(counts, "def", middleware=False)

    def reader(most: int) -> t.Callable[[t.Any], None]:
        def read(pieces: t.Any) -> None:
            iterator = iter(pieces)
            for _ in range(most):
                if next(iterator, None) is None:
                    break
                assert ask_by_wsgi(app, "quick") == ask_by_wsgi(app, "quick/plain") == "200 OK"

        return read

    most = 2 if kind == "endless/events" else 6
    warm_up(app)
    with nothing_grows():
        for number in range(most):
            assert ask_by_wsgi(app, kind, read=reader(min(number, 1 if "events" in kind else 6))) == "200 OK"
        warm_up(app)
    assert counts["opened"] == counts["closed"]
    assert counts["before"] == counts["teardown"]
