"""Two hundred requests at once on one loop, of every kind: each has its own, and nothing is left of them.

The full form takes a minute and is marked slow; the short one runs with the other tests. Set
ERLEN_LOAD_SECONDS for more.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import contextvars
import gc
import itertools
import os
import sys
import threading
import time
import typing as t

import pytest

import erlen
from erlen import Erlen
from erlen.active import NOTHING, state_variable
from erlen.serve.app_context import AppContext
from erlen.serve.request_context import RequestContext
from erlen.serve.websocket_context import WebSocketContext
from tests.load.asking import Answer, Lifespan, Socket, ask

FULL = float(os.environ.get("ERLEN_LOAD_SECONDS", "60"))
# Ten times as many clients as threads, and more.
FEW, MANY = 100, 200

own: contextvars.ContextVar[str] = contextvars.ContextVar("own", default="")


class Counts(collections.Counter[str]):
    """Count from any thread."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def note(self, name: str) -> None:
        with self._lock:
            self[name] += 1


def look(who: str) -> None:
    """Fail unless everything that belongs to the request is that of *who*."""
    seen = (
        erlen.request.args["who"],
        erlen.request.headers["X-Who"],
        erlen.g.who,
        erlen.session["who"],
        own.get(),
        erlen.request.path.rpartition("/")[2],
    )
    assert seen == (who,) * len(seen), f"{who} sees {seen}"


class Expected(Exception):
    """Be what failing views raise."""


def application(counts: Counts) -> Erlen:
    app = Erlen("app")
    app.secret_key = "key"
    app.logger.disabled = True
    app.config["ASGI_THREADS"] = 10
    _add_hooks(app, counts)
    _add_coroutines(app)
    _add_plain(app)
    _add_websocket(app, counts)
    return app


def _add_hooks(app: Erlen, counts: Counts) -> None:
    @app.before_request
    def before() -> None:
        counts.note("before")
        erlen.g.who = erlen.session["who"] = who = erlen.request.args["who"]
        erlen.g.token = own.set(who)

    @app.after_request
    def after(response: t.Any) -> t.Any:
        response.headers["X-Who"] = f"{erlen.g.who} {own.get()} {erlen.session['who']}"
        return response

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        look(erlen.request.view_args["who"])  # type: ignore[index]
        own.reset(erlen.g.token)
        counts.note("teardown")

    @app.teardown_appcontext
    def last(error: BaseException | None) -> None:
        counts.note("appcontext")
        counts.note(f"told {type(error).__name__}")

    @app.errorhandler(Expected)
    def expected(error: Exception) -> t.Any:
        look(str(error))
        return str(error), 418


def _add_coroutines(app: Erlen) -> None:
    @app.get("/coroutine/<who>")
    async def coroutine(who: str) -> str:
        async def child() -> None:
            look(who)
            await asyncio.sleep(0)
            look(who)

        for _ in range(5):
            look(who)
            await asyncio.sleep(0)
        await asyncio.gather(child(), child())
        await asyncio.sleep(0.001)
        look(who)
        return who

    @app.get("/waits/<who>")
    async def waits(who: str) -> str:
        def on_thread() -> None:
            look(who)

        await asyncio.to_thread(on_thread)
        look(who)
        return who

    @app.get("/agen/<who>")
    async def agen(who: str) -> t.Any:
        async def pieces() -> t.AsyncIterator[str]:
            for _ in range(4):
                look(who)
                await asyncio.sleep(0)
                look(who)
                yield f"{who} "
                look(who)

        return pieces()

    @app.get("/fails/<who>")
    async def fails(who: str) -> str:
        await asyncio.sleep(0)
        look(who)
        raise Expected(who)

    @app.get("/crashes/<who>")
    async def crashes(who: str) -> str:
        await asyncio.sleep(0)
        look(who)
        raise ZeroDivisionError


def _add_plain(app: Erlen) -> None:
    @app.get("/plain/<who>")
    def plain(who: str) -> str:
        look(who)
        app.ensure_sync(_look_in_a_coroutine)(who)
        look(who)
        return who

    @app.get("/stream/<who>")
    def stream(who: str) -> t.Any:
        def pieces() -> t.Iterator[str]:
            for _ in range(4):
                look(who)
                yield f"{who} "
                look(who)

        return erlen.stream_with_context(pieces())

    @app.get("/plain_fails/<who>")
    def plain_fails(who: str) -> str:
        look(who)
        raise Expected(who)


async def _look_in_a_coroutine(who: str) -> None:
    look(who)
    await asyncio.sleep(0)
    look(who)


def _add_websocket(app: Erlen, counts: Counts) -> None:
    @app.websocket("/socket/<who>")
    async def socket(who: str) -> None:
        token = own.set(who)
        erlen.g.who = erlen.session["who"] = who
        async for message in erlen.websocket:
            seen = (message, erlen.g.who, erlen.session["who"], own.get(), erlen.websocket.args["who"])
            assert seen == (who,) * len(seen), f"{who} sees {seen}"
            await erlen.websocket.send(who)
        own.reset(token)

    @app.teardown_websocket
    def teardown(error: BaseException | None) -> None:
        assert erlen.g.who == erlen.websocket.view_args["who"]  # type: ignore[index]
        counts.note("teardown of a WebSocket")


# the clients


KINDS: dict[str, tuple[int, int]] = {
    "coroutine": (200, 1),
    "waits": (200, 1),
    "agen": (200, 4),
    "fails": (418, 1),
    "crashes": (500, 0),
    "plain": (200, 1),
    "stream": (200, 4),
    "plain_fails": (418, 1),
}
"""What is asked for, the status that is answered, and how often the body says who asked."""


async def one_request(app: Erlen, kind: str, who: str, counts: Counts) -> None:
    status, times = KINDS[kind]
    answer = await ask(app, f"/{kind}/{who}?who={who}", headers=[("X-Who", who)], pause=_once_round)
    assert answer.status == status, f"{kind} {who}: {answer.status} {answer.text}"
    assert answer.complete
    if times:
        assert answer.text.split() == [who] * times
        assert answer.values("X-Who") == [f"{who} {who} {who}"]
    _judge_cookie(app, answer, who)
    counts.note("requests")
    counts.note(kind)


def _judge_cookie(app: Erlen, answer: Answer, who: str) -> None:
    (cookie,) = answer.values("Set-Cookie")
    value = cookie.partition("=")[2].partition(";")[0]
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert serializer.loads(value) == {"who": who}


async def _once_round() -> None:
    await asyncio.sleep(0)


async def one_websocket(app: Erlen, who: str, counts: Counts) -> None:
    async with Socket(app, f"/socket/{who}?who={who}") as socket:
        for _ in range(3):
            await socket.send(who)
            assert await socket.receive() == who
    counts.note("WebSockets")


async def client(app: Erlen, number: int, until: float, counts: Counts) -> None:
    """Ask one thing after the other, each kind of them at least once."""
    kinds = itertools.islice(itertools.cycle([*KINDS, "socket"]), number, None)
    loop = asyncio.get_running_loop()
    for turn, kind in enumerate(kinds):
        if turn > len(KINDS) and loop.time() > until:
            break
        who = f"{number}-{turn}"
        assert own.get() == ""
        if kind == "socket":
            await one_websocket(app, who, counts)
        else:
            await one_request(app, kind, who, counts)
        assert own.get() == ""
        assert state_variable.get() is NOTHING


# the test


def alive(kind: type) -> list[t.Any]:
    """List the objects of a class and of those derived from it."""
    gc.collect()
    return [one for one in gc.get_objects() if issubclass(type(one), kind)]


@contextlib.contextmanager
def nothing_grows() -> t.Iterator[None]:
    """Fail where contexts, threads of a pool or names of tasks are left."""
    kinds = (RequestContext, AppContext, WebSocketContext)
    before = {kind: len(alive(kind)) for kind in kinds}
    threads = set(threading.enumerate())
    yield
    # A thread may be about to let its last request go.
    for _ in range(100):
        left = {kind.__name__: len(alive(kind)) - before[kind] for kind in kinds}
        if not any(left.values()):
            break
        time.sleep(0.05)
    assert left == {kind.__name__: 0 for kind in kinds}
    for thread in set(threading.enumerate()) - threads:
        # Those of the pool have been told to end.
        if thread.name.startswith("erlen-pool"):
            thread.join(60)
    assert [one.name for one in set(threading.enumerate()) - threads if one.is_alive()] == []


async def _all_of(clients: list[t.Coroutine[t.Any, t.Any, None]], most: float) -> None:
    """Wait for all of them; where one fails, raise that and do not wait for the others."""
    tasks = [asyncio.ensure_future(one) for one in clients]
    done, late = await asyncio.wait(tasks, timeout=most, return_when=asyncio.FIRST_EXCEPTION)
    for task in late:
        task.cancel()
    for task in done:
        task.result()
    assert not late, f"{len(late)} clients are not done"


def run(at_once: int, seconds: float) -> Counts:
    counts = Counts()

    async def main() -> None:
        app = application(counts)
        loop = asyncio.get_running_loop()
        async with Lifespan(app):
            until = loop.time() + seconds
            clients = [client(app, number, until, counts) for number in range(at_once)]
            await _all_of(clients, seconds + 60)
        # Callbacks of what has just ended.
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {t.cast("asyncio.Task[t.Any]", asyncio.current_task())}
        assert not left, left
        await loop.shutdown_default_executor()

    asyncio.run(main())
    return counts


def judge(at_once: int, seconds: float = 0) -> None:
    """Let so many clients ask for so long, each thing at least once, and count what came of it."""
    counts = run(at_once, seconds)
    requests, sockets = counts["requests"], counts["WebSockets"]
    assert requests >= at_once * len(KINDS)
    assert sockets >= at_once
    assert counts["before"] == counts["teardown"] == requests
    contexts = requests + sockets + 2  # of the start and of the end of serving
    assert counts["appcontext"] == contexts
    assert counts["teardown of a WebSocket"] == sockets
    # A teardown function is told of what nobody handled.
    assert counts["told ZeroDivisionError"] == counts["crashes"] >= at_once
    assert counts["told NoneType"] == contexts - counts["crashes"]


@pytest.fixture
def _threads_change_often() -> t.Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_threads_change_often")
@pytest.mark.parametrize("at_once", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_requests_stay_apart_where_threads_change_often(at_once: int) -> None:
    with nothing_grows():
        judge(at_once)


@pytest.mark.slow
def test_requests_of_every_kind_have_each_their_own_for_a_minute() -> None:
    with nothing_grows():
        judge(MANY, FULL)
