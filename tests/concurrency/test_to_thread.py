"""Functions of one request on the loop and on threads: in one context, and torn down when it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
import typing as t
from queue import SimpleQueue

import pytest

import erlen
from erlen import Erlen
from erlen.concurrency import pool
from tests.concurrency.rounds import once_round, run, variable
from tests.gateway.asgi.driver import http

# one context for a whole request


class Asked:
    """Ask an application by ASGI, in a task that can be cancelled."""

    def __init__(self, app: Erlen, path: str = "/") -> None:
        self.sent: list[t.Any] = []
        self._messages = [{"type": "http.request", "body": b"", "more_body": False}]
        self.task: asyncio.Task[None] = asyncio.ensure_future(app(http(path), self._receive, self._send))

    async def _receive(self) -> t.Any:
        if self._messages:
            return self._messages.pop()
        return await asyncio.get_running_loop().create_future()  # it stays and says no more

    async def _send(self, message: t.Any) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def status(self) -> int:
        return t.cast(int, self.sent[0]["status"])


def test_a_token_of_a_plain_hook_is_good_in_a_coroutine_view_and_in_a_plain_teardown() -> None:
    app = Erlen("app")
    threads: list[int] = []
    log: list[str] = []

    @app.before_request
    def before() -> None:
        threads.append(threading.get_ident())
        erlen.g.token = variable.set("by the hook")

    @app.get("/")
    async def view() -> str:
        threads.append(threading.get_ident())
        seen = variable.get()
        variable.reset(erlen.g.token)
        await once_round()
        erlen.g.token = variable.set("by the view")
        return seen

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        log.append(variable.get())
        variable.reset(erlen.g.token)
        log.append(variable.get())

    async def main() -> bytes:
        asked = Asked(app)
        await asked.task
        return asked.body

    assert run(main()) == b"by the hook"
    assert log == ["by the view", "outside"]
    assert threads[0] != threads[1] == threading.get_ident()
    assert variable.get() == "outside"


def test_a_token_of_a_coroutine_hook_is_good_in_every_later_function() -> None:
    app = Erlen("app")
    app.testing = True
    log: list[str] = []

    @app.before_request
    async def before() -> None:
        erlen.g.token = variable.set("by the hook")

    @app.before_request
    def plain() -> None:
        variable.reset(erlen.g.token)
        erlen.g.token = variable.set("by the plain hook")

    @app.get("/")
    async def view() -> str:
        variable.reset(erlen.g.token)
        erlen.g.token = variable.set("by the view")
        return ""

    @app.after_request
    async def after(response: t.Any) -> t.Any:
        log.append(variable.get())
        return response

    @app.teardown_request
    async def teardown(error: BaseException | None) -> None:
        variable.reset(erlen.g.token)
        log.append(variable.get())

    @app.teardown_appcontext
    def last(error: BaseException | None) -> None:
        log.append(variable.get())

    async def main() -> int:
        asked = Asked(app)
        await asked.task
        return asked.status

    assert run(main()) == 200
    assert log == ["by the view", "outside", "outside"]


def test_a_view_may_limit_its_time_and_start_tasks() -> None:
    app = Erlen("app")
    app.before_request(lambda: setattr(erlen.g, "token", variable.set("by the hook")))

    async def child() -> str:
        await once_round()
        return f"{variable.get()} {erlen.request.path}"

    @app.get("/")
    async def view() -> list[str]:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), timeout=0)
        return list(await asyncio.gather(child(), child()))

    async def main() -> bytes:
        asked = Asked(app)
        await asked.task
        return asked.body

    assert run(main()).count(b"by the hook /") == 2


def test_a_thread_enters_the_context_only_when_the_task_has_left_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # The thread may be faster than the task, which has handed it the work but does not wait yet.
    worked = threading.Event()

    class Fast(SimpleQueue[t.Any]):
        """Let the thread do what is put here before whoever puts it goes on."""

        def put(self, item: t.Any, block: bool = True, timeout: float | None = None) -> None:
            super().put(item)
            if isinstance(item, pool.Job) and threading.current_thread() is threading.main_thread():
                assert worked.wait(60)
                worked.clear()

    class Told(pool.Job):
        def run(self) -> None:
            super().run()
            worked.set()

    monkeypatch.setattr(pool, "SimpleQueue", Fast)
    monkeypatch.setattr(pool, "Job", Told)
    app = Erlen("app")
    app.before_request(lambda: setattr(erlen.g, "token", variable.set("by the hook")))

    @app.get("/")
    async def view() -> str:
        return variable.get()

    async def main() -> tuple[int, bytes]:
        asked = Asked(app)
        await asked.task
        return asked.status, asked.body

    assert run(main()) == (200, b"by the hook")


@pytest.mark.parametrize("way", ["wsgi", "asgi", "asgi, behind middleware"])
def test_a_token_of_one_piece_of_an_asynchronous_generator_is_good_in_the_next(way: str) -> None:
    app, log = Erlen("app"), []
    app.testing = True

    @app.get("/")
    async def view() -> t.Any:
        async def pieces() -> t.AsyncIterator[str]:
            token = variable.set("first")
            try:
                yield variable.get()
                await once_round()
                yield variable.get()
            finally:
                variable.reset(token)
                log.append(variable.get())

        return pieces()

    if "behind" in way:
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]

    def get() -> tuple[str, str]:
        return app.test_client(protocol=way[:4]).get("/").text, variable.get()

    assert contextvars.copy_context().run(get) == ("firstfirst", "outside")
    assert log == ["outside"]


# cancelled while a thread is in the context


class Blocker:
    """What a thread waits at until it is opened; the loop can wait until the thread is there."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.reached = asyncio.Event()
        self.open = threading.Event()

    def wait(self) -> None:
        self.loop.call_soon_threadsafe(self.reached.set)
        assert self.open.wait(60)


def _teardowns(app: Erlen, where: str, block: t.Callable[[], None], log: list[str]) -> None:
    """Register plain functions beside a coroutine teardown; one of the former waits."""

    @app.teardown_request
    async def coroutine(error: BaseException | None) -> None:
        log.append(f"coroutine {type(error).__name__}")

    @app.teardown_request
    def plain(error: BaseException | None) -> None:
        if where == "teardown":
            block()
        log.append(f"plain {type(error).__name__}")

    @app.before_request
    def before() -> None:
        if where == "before":
            block()

    @app.after_request
    def after(response: t.Any) -> t.Any:
        if where == "after":
            block()
        return response


@pytest.mark.parametrize("where", ["before", "after", "teardown"])
def test_a_request_that_is_cancelled_while_a_plain_function_runs_is_torn_down(where: str) -> None:
    app, log = Erlen("app"), []
    app.logger.disabled = True
    blockers: list[Blocker] = []

    @app.get("/")
    async def view() -> str:
        return ""

    _teardowns(app, where, lambda: blockers[0].wait(), log)

    async def main() -> None:
        blockers.append(Blocker())
        asked = Asked(app)
        await blockers[0].reached.wait()
        asked.task.cancel()
        for _ in range(5):
            await once_round()  # the cancellation comes to where the task waits
        blockers[0].open.set()
        with pytest.raises(asyncio.CancelledError):
            await asked.task

    run(main())
    told = "NoneType" if where == "teardown" else "CancelledError"
    assert log == [f"plain {told}", f"coroutine {told}"]


def test_a_teardown_that_takes_too_long_is_given_up_while_its_thread_works() -> None:
    app, log = Erlen("app"), []
    app.config["ASGI_TEARDOWN_TIMEOUT"] = 0.05
    blockers: list[Blocker] = []

    @app.get("/")
    async def view() -> str:
        return ""

    _teardowns(app, "teardown", lambda: blockers[0].wait(), log)

    async def main() -> list[str]:
        blockers.append(Blocker())
        # It is the loop that lets the thread go, long after the time has come.
        blockers[0].loop.call_later(0.5, blockers[0].open.set)
        asked = Asked(app)
        done, _ = await asyncio.wait({asked.task}, timeout=60)
        assert done
        error = asked.task.exception()
        return [] if error is None else [repr(error)]

    assert not [line for line in run(main()) if "context" in line]
