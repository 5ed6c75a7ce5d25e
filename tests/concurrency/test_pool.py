"""The pool of threads: its bounds, its queue, and that it never waits for itself."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import typing as t
import weakref

import pytest

from erlen import Erlen, request
from erlen.concurrency import pool as pools
from erlen.concurrency.pool import Pool, PoolIsFull, pool_of
from tests.concurrency.pools import make_pool, turns
from tests.gateway.asgi.driver import Server, ask, ask_once, body, http, run, threads_of_pools


class Gate:
    """What threads wait at until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._passing = threading.Semaphore(0)

    def wait(self, _: object = None) -> str:
        self._passing.release()
        assert self._open.wait(30)
        return "passed"

    async def reached(self, times: int = 1) -> None:
        """Wait until so many threads stand there."""
        for _ in range(times):
            await asyncio.get_running_loop().run_in_executor(None, self._passing.acquire)

    def open(self) -> None:
        self._open.set()


def start(coroutine: t.Awaitable[t.Any]) -> asyncio.Future[t.Any]:
    return asyncio.ensure_future(coroutine)


# results


def test_what_a_function_returns_or_raises_is_the_tasks() -> None:
    async def main() -> None:
        pool = make_pool()
        assert await pool.run(lambda job: "result") == "result"
        with pytest.raises(LookupError):
            await pool.run(lambda job: {}["x"])
        with pytest.raises(RuntimeError, match="StopIteration"):
            await pool.run(lambda job: next(iter(())))
        with pytest.raises(KeyboardInterrupt):
            await pool.run(_interrupt)
        assert (pool.busy, pool.threads) == (0, 1)

    def _interrupt(_: object) -> None:
        raise KeyboardInterrupt

    run(main())


def test_a_function_runs_in_the_context_that_it_was_given() -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable")

    async def main() -> None:
        pool, context = make_pool(), contextvars.copy_context()
        await pool.run_in(context, lambda job: variable.set(1))
        assert context[variable] == 1
        assert variable.get(None) is None

    run(main())


# bounds


def test_no_more_threads_work_than_it_has_and_the_next_ones_wait_in_order() -> None:
    async def main() -> None:
        pool, gate, order = make_pool(threads=2), Gate(), []
        first = [start(pool.run(gate.wait)) for _ in range(2)]
        await gate.reached(2)
        later = [start(pool.run(lambda job, number=number: order.append(number))) for number in range(5)]
        await turns()
        assert (pool.busy, pool.threads, len(pool._waiting)) == (2, 2, 5)
        gate.open()
        await asyncio.gather(*first, *later)
        assert sorted(order) == list(range(5))
        assert (pool.busy, pool.threads) == (0, 2)

    run(main())


def test_beyond_the_queue_it_is_full() -> None:
    async def main() -> None:
        pool, gate = make_pool(queue=1), Gate()
        working = [start(pool.run(gate.wait)) for _ in range(2)]
        await gate.reached()
        with pytest.raises(PoolIsFull):
            await pool.run(gate.wait)
        gate.open()
        assert await asyncio.gather(*working) == ["passed"] * 2

    run(main())


def test_a_call_that_waits_too_long_is_an_error_that_says_the_pool_is_full() -> None:
    async def main() -> None:
        pool, gate = make_pool(seconds=0.001), Gate()
        working = start(pool.run(gate.wait))
        await gate.reached()
        with pytest.raises(PoolIsFull):
            await pool.run(gate.wait)
        assert len(pool._waiting) == 0
        gate.open()
        await working

    run(main())


def test_what_has_to_be_done_waits_as_long_as_that_takes() -> None:
    async def main() -> None:
        pool, gate = make_pool(queue=0, seconds=0), Gate()
        working = start(pool.run(gate.wait))
        await gate.reached()
        patient = start(pool.run(lambda job: "done", patient=True))
        await turns()
        patient.cancel()
        await turns()
        gate.open()
        await working
        with pytest.raises(asyncio.CancelledError):
            await patient
        assert await pool.run(lambda job: "done", patient=True) == "done"

    run(main())


def test_a_call_that_is_cancelled_in_the_queue_makes_room_at_once_and_is_not_run() -> None:
    async def main() -> None:
        pool, gate, ran = make_pool(queue=1), Gate(), []
        working = start(pool.run(gate.wait))
        await gate.reached()
        waiting = start(pool.run(lambda job: ran.append("cancelled")))
        await turns()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert len(pool._waiting) == 0
        next_one = start(pool.run(lambda job: ran.append("next")))
        await turns()
        gate.open()
        await asyncio.gather(working, next_one)
        assert ran == ["next"]

    run(main())


def test_a_call_that_is_cancelled_while_a_thread_comes_free_is_not_run_either() -> None:
    async def main() -> None:
        pool, gate, ran = make_pool(), Gate(), []
        working = start(pool.run(gate.wait))
        await gate.reached()
        waiting = start(pool.run(lambda job: ran.append("cancelled")))
        await turns()
        waiting.cancel()
        pool._free()  # in the same turn of the loop
        pool.busy += 1
        gate.open()
        await working
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert ran == []

    run(main())


def test_a_task_hears_that_it_was_cancelled_when_its_thread_is_done() -> None:
    async def main() -> None:
        pool, gate, told = make_pool(), Gate(), []
        task = start(pool.run(gate.wait, when_cancelled=lambda: told.append(1)))
        await gate.reached()
        task.cancel()
        await turns()
        assert not task.done()
        assert told == [1]
        gate.open()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert pool.busy == 0

    run(main())


def test_a_thread_that_streams_is_replaced_and_counted_apart() -> None:
    async def main() -> None:
        pool, gate = make_pool(threads=1, streams=2), Gate()
        lent = []

        async def count_as_stream(job: pools.Job) -> bool:
            return pool.count_as_stream(job)

        def stream(job: pools.Job) -> str:
            asked = asyncio.run_coroutine_threadsafe(count_as_stream(job), pool.loop)
            lent.append(asked.result())
            return gate.wait()

        streams = [start(pool.run(stream)) for _ in range(2)]
        await gate.reached(2)
        assert (pool.busy, pool.streaming, lent) == (0, 2, [True, True])
        assert await pool.run(lambda job: "free") == "free"
        third = start(pool.run(stream))
        await gate.reached()
        assert lent[2] is False
        gate.open()
        await asyncio.gather(*streams, third)
        assert (pool.busy, pool.streaming, pool.threads) == (0, 0, 3)

    run(main())


# the end


def test_threads_end_with_the_pool_and_what_waits_is_done_before() -> None:
    async def main() -> None:
        before = threads_of_pools()
        pool, gate = make_pool(threads=2), Gate()
        working = [start(pool.run(gate.wait)) for _ in range(5)]
        await gate.reached(2)
        threads = threads_of_pools() - before
        pool.close()
        gate.open()
        assert await asyncio.gather(*working) == ["passed"] * 5
        assert pool.threads == 0
        for thread in threads:
            await asyncio.get_running_loop().run_in_executor(None, thread.join, 10)
            assert not thread.is_alive()

    run(main())


def test_a_closed_pool_still_does_what_it_is_asked() -> None:
    async def main() -> None:
        pool = make_pool()
        await pool.run(lambda job: None)
        pool.close()
        assert await pool.run(lambda job: "late") == "late"
        assert pool.threads == 0

    run(main())


def test_threads_end_when_the_application_has_gone() -> None:
    before = threads_of_pools()

    def use() -> weakref.ref[Erlen]:
        app = Erlen("app")
        app.add_url_rule("/", view_func=lambda: "")
        ask_once(app, http())  # a second one, on another loop, may find the first thread still ending
        return weakref.ref(app)

    reference = use()
    threads = threads_of_pools() - before
    gc.collect()

    assert reference() is None
    assert len(threads) == 1
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_an_idle_thread_keeps_nothing_of_its_last_request_alive() -> None:
    app = Erlen("app")
    kept: list[weakref.ref[t.Any]] = []

    @app.get("/")
    def view() -> str:
        kept.append(weakref.ref(request._get_current_object()))
        return ""

    async def main() -> bool:
        await Server(http()).start(app)
        await turns()
        gc.collect()
        return kept[0]() is None

    assert run(main())


def test_a_pool_of_a_loop_that_was_closed_is_given_up() -> None:
    app = Erlen("app")
    app.add_url_rule("/", view_func=lambda: "")

    for _ in range(3):
        ask(app, http())

    assert len(pools._pools[app]) == 1


def test_it_has_the_bounds_of_the_configuration() -> None:
    app = Erlen("app")
    app.config.update(ASGI_THREADS=1, ASGI_QUEUE=2, ASGI_QUEUE_TIMEOUT=3, ASGI_STREAMS=4)

    async def main() -> Pool:
        return pool_of(app)

    pool = run(main())

    assert (pool.most_threads, pool.most_waiting, pool.seconds, pool.most_streams) == (1, 2, 3, 4)


# the answer of the gateway


def crowded(**config: t.Any) -> tuple[Erlen, Gate]:
    app, gate = Erlen("app"), Gate()
    app.logger.disabled = True
    app.config.update(ASGI_THREADS=1, ASGI_QUEUE=0, **config)
    app.add_url_rule("/wait", "wait", gate.wait)
    app.add_url_rule("/plain", "plain", lambda: "plain")
    return app, gate


def test_a_full_pool_is_a_503_with_retry_after() -> None:
    app, gate = crowded()

    async def main() -> t.Any:
        waiting = Server(http("/wait"))
        task = waiting.start(app)
        await gate.reached()
        refused = await Server(http("/plain")).serve(app)
        gate.open()
        await task
        assert waiting.answer.text == "passed"
        return refused

    answer = run(main())

    assert (answer.status, answer.complete) == (503, True)
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("colour", ["plain", "coroutine"])
@pytest.mark.parametrize("kind", ["before", "after", "teardown", "teardown_appcontext"])
def test_a_full_pool_beside_a_coroutine_view_refuses_what_has_not_begun_and_tears_down_the_rest(
    kind: str, colour: str
) -> None:
    app, gate = crowded()
    heard: list[str] = []

    def hook(*given: t.Any) -> t.Any:
        heard.append(kind)
        return given[0] if kind == "after" else None

    async def coroutine_hook(*given: t.Any) -> t.Any:
        return hook(*given)

    registers = {
        "before": app.before_request,
        "after": app.after_request,
        "teardown": app.teardown_request,
        "teardown_appcontext": app.teardown_appcontext,
    }
    plain_log: list[str] = []
    registers[kind](hook if colour == "plain" else coroutine_hook)
    app.teardown_request(lambda error: plain_log.append(request.path))

    @app.get("/coroutine")
    async def view() -> str:
        return "coroutine"

    async def main() -> t.Any:
        waiting = Server(http("/wait"))
        task = waiting.start(app)
        await gate.reached()
        server = Server(http("/coroutine"))
        crowding = server.start(app)
        await turns(30)
        gate.open()
        await asyncio.gather(crowding, task)
        return server.answer

    answer = run(main())

    assert answer.status in (200, 503)
    assert answer.status == 200 or answer.headers["retry-after"] == "1"
    assert answer.complete
    # The one that waited, too.
    assert sorted(plain_log) == ["/coroutine", "/wait"]
    if kind.startswith("teardown"):
        assert len(heard) == 2


@pytest.mark.parametrize("view", ["plain", "coroutine"])
def test_streams_beyond_the_bound_are_refused_or_broken_off_and_closed(view: str) -> None:
    app, closed = Erlen("app"), []
    app.config.update(ASGI_STREAMS=0)

    def pieces() -> t.Iterator[str]:
        try:
            yield "a"
        finally:
            closed.append(1)

    async def coroutine() -> t.Any:
        return pieces()

    app.add_url_rule("/", "view", pieces if view == "plain" else coroutine)

    answer = ask(app, http())

    assert answer.status == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.complete


def test_an_upload_waits_on_no_thread() -> None:
    """Slow clients send their bodies to the loop; a thread is taken when all is there."""
    app, _ = crowded()
    app.add_url_rule("/upload", "upload", lambda: str(len(request.get_data())), methods=["POST"])

    async def main() -> list[str]:
        slow = [Server(http("/upload", "POST", ("Content-Length", "4"))) for _ in range(3)]
        tasks = [server.start(app) for server in slow]
        await turns()
        fast = await Server(http("/plain")).serve(app)
        for server, task in zip(slow, tasks, strict=True):
            server.bring(*body(b"ab", b"cd"))
            await task
        return [fast.text, *(server.answer.text for server in slow)]

    assert run(main()) == ["plain", "4", "4", "4"]
