"""A thread that waits for coroutines does their jobs meanwhile: the pool never waits for itself."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import typing as t

import pytest

from erlen import Erlen
from tests.concurrency.pools import make_pool, turns
from tests.gateway.asgi.driver import Server, ask, http, run

# it does not wait for itself


def one_thread(app: Erlen) -> Erlen:
    app.config.update(ASGI_THREADS=1, ASGI_QUEUE=0)
    return app


def test_a_thread_may_wait_for_coroutines_that_need_a_thread_at_any_depth() -> None:
    async def main() -> int:
        pool = make_pool(threads=1, queue=0)
        app = Erlen("app")
        deepest = 0

        def plain(depth: int) -> int:
            nonlocal deepest
            deepest = max(deepest, depth)
            return app.async_to_sync(ask_for_thread)(depth) if depth < 10 else depth

        async def ask_for_thread(depth: int) -> t.Any:
            await asyncio.sleep(0)
            return await pool.run_in(contextvars.copy_context(), lambda job: plain(depth + 1))

        result = await pool.run_in(contextvars.copy_context(), lambda job: plain(0))
        assert (pool.busy, pool.threads, deepest) == (0, 1, 10)
        return result

    assert run(main()) == 10


def test_many_jobs_of_one_coroutine_are_done_by_the_thread_that_waits() -> None:
    async def main() -> None:
        pool = make_pool(threads=1, queue=0)
        app = Erlen("app")

        async def many_jobs() -> list[str]:
            return list(
                await asyncio.gather(
                    *(
                        pool.run_in(contextvars.copy_context(), lambda job: threading.current_thread().name)
                        for _ in range(20)
                    )
                )
            )

        names = await pool.run_in(contextvars.copy_context(), lambda job: app.async_to_sync(many_jobs)())
        assert (len(names), len(set(names)), pool.threads) == (20, 1, 1)

    run(main())


def test_two_jobs_that_wait_for_each_other_take_two_threads_where_there_are_two() -> None:
    """On the waiting thread one would run inside of the other, which could then not end before it."""

    async def main() -> None:
        pool, app = make_pool(threads=2), Erlen("app")
        first_is_done = asyncio.Event()
        begun = asyncio.Event()

        async def rest() -> None:
            begun.set()
            await turns(20)

        async def first() -> None:
            await pool.run_in(contextvars.copy_context(), lambda job: app.async_to_sync(rest)())
            first_is_done.set()

        async def second() -> None:
            await begun.wait()
            await pool.run_in(contextvars.copy_context(), lambda job: app.async_to_sync(first_is_done.wait)())

        async def both() -> None:
            await asyncio.gather(first(), second())

        await pool.run_in(contextvars.copy_context(), lambda job: app.async_to_sync(both)())

    run(main())


def test_a_request_to_the_application_itself_is_answered_by_one_thread() -> None:
    """A plain view, a coroutine, a request of it, a plain view: each waits for the next."""
    app = one_thread(Erlen("app"))

    @app.get("/")
    def outer() -> str:
        async def ask_inner() -> str:
            server = Server(http("/inner"))
            return (await server.serve(app)).text

        return "outer " + app.async_to_sync(ask_inner)()

    app.add_url_rule("/inner", "inner", lambda: "inner")

    assert ask(app, http()).text == "outer inner"


@pytest.mark.parametrize("hooks", ["plain", "coroutine"])
def test_a_mixed_chain_is_answered_by_one_thread(hooks: str) -> None:
    app = one_thread(Erlen("app"))
    log: list[str] = []

    def hook(*given: t.Any) -> t.Any:
        if hooks == "coroutine":
            app.async_to_sync(asyncio.sleep)(0)
        log.append(threading.current_thread().name)
        return given[0] if given else None

    app.before_request(hook)
    app.after_request(hook)
    app.teardown_request(lambda error: None if hook() else None)  # noqa: RUF034

    @app.get("/")
    async def view() -> str:
        return "view"

    async def main() -> list[str]:
        servers = []
        for _ in range(5):
            servers.append(Server(http()))
            await servers[-1].start(app)
        return [server.answer.text for server in servers]

    assert run(main()) == ["view"] * 5
    assert len(log) == 15
