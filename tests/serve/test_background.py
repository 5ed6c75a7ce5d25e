"""Background tasks: when they begin, what is active in them, and how they end."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import typing as t
import weakref

import pytest

from erlen import Erlen, current_app, g, has_request_context, request, stream_with_context
from erlen.serve import background
from tests.gateway.asgi.driver import Server, ask, body, http
from tests.serve.beside import call, environ
from tests.serve.tasks import COLOURS, SCOPE, SHUTDOWN, STARTUP, adding, colour, served


@pytest.mark.parametrize("task", COLOURS)
@pytest.mark.parametrize("view", COLOURS)
def test_it_runs_behind_the_teardown_with_the_applications_context(view: str, task: str) -> None:
    log: list[t.Any] = []

    def work(*args: t.Any, **kwargs: t.Any) -> None:
        log.append((args, kwargs, current_app.name, g.get("x"), has_request_context()))

    app = adding(colour(task, work), 1, a=2)
    app.teardown_request(lambda error: log.append("teardown"))
    app.before_request(lambda: setattr(g, "x", 1))

    served(app, http(f"/{view}"))

    assert log == ["teardown", ((1,), {"a": 2}, "app", None, False)]


@pytest.mark.parametrize("error", [LookupError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("task", COLOURS)
def test_an_error_is_logged_and_ends_nothing_else(
    task: str, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    if task == "coroutine" and error is KeyboardInterrupt and sys.version_info < (3, 11):
        pytest.skip("a test cannot raise it on its own loop")

    def fail() -> None:
        raise error

    app = adding(colour(task, fail), name="an app whose tasks fail")

    with caplog.at_level(logging.ERROR):
        lifespan = served(app, http("/plain"), http("/coroutine"))

    assert [record.message.split(":")[0] for record in caplog.records] == ["A background task failed"] * 2
    assert lifespan.sent[-1] == {"type": "lifespan.shutdown.complete"}


@pytest.mark.parametrize("view", COLOURS)
def test_it_begins_when_the_stream_that_keeps_the_request_is_over(view: str) -> None:
    app, log = Erlen("app"), []

    def plain() -> t.Any:
        def pieces() -> t.Iterator[str]:
            app.add_background_task(lambda: log.append("task"))
            yield request.path
            log.append("end of the stream")

        return stream_with_context(pieces())

    async def coroutine() -> t.Any:
        async def pieces() -> t.AsyncIterator[str]:
            app.add_background_task(lambda: log.append("task"))
            yield request.path
            log.append("end of the stream")

        return pieces()

    app.add_url_rule("/", "view", plain if view == "plain" else coroutine)

    served(app, http("/"))

    assert log == ["end of the stream", "task"]


@pytest.mark.parametrize("view", COLOURS)
def test_a_request_that_fails_starts_what_it_has_asked_for(view: str) -> None:
    app, log = Erlen("app"), []
    app.logger.disabled = True

    def fail() -> None:
        app.add_background_task(lambda: log.append("task"))
        raise LookupError

    app.add_url_rule("/", "view", colour(view, fail))

    served(app, http("/"))

    assert log == ["task"]


def test_outside_of_a_request_it_begins_at_once() -> None:
    app, done = Erlen("app"), threading.Event()

    app.add_background_task(done.set)

    assert done.wait(30)


@pytest.mark.parametrize("task", COLOURS)
def test_a_plain_task_works_on_a_thread_and_its_coroutines_on_the_servers_loop(task: str) -> None:
    seen: dict[str, t.Any] = {}

    async def note_loop() -> None:
        seen["coroutine"] = asyncio.get_running_loop()

    def plain() -> None:
        seen["thread"] = threading.current_thread()
        current_app.async_to_sync(note_loop)()

    async def coroutine() -> None:
        seen["thread"] = threading.current_thread()
        await note_loop()

    app = adding(plain if task == "plain" else coroutine)

    @app.before_serving
    async def before() -> None:
        seen["loop"] = asyncio.get_running_loop()

    served(app, http("/coroutine"))

    assert seen["coroutine"] is seen["loop"]
    assert (seen["thread"] is threading.main_thread()) == (task == "coroutine")


# the end


@pytest.mark.parametrize("task", COLOURS)
def test_the_end_waits_for_it(task: str) -> None:
    log: list[str] = []
    free = threading.Event()

    def plain() -> None:
        free.wait(30)
        log.append("task")

    async def coroutine() -> None:
        await asyncio.sleep(0.01)
        log.append("task")

    app = adding(plain if task == "plain" else coroutine)
    app.after_serving(lambda: log.append("after"))

    served(app, http("/coroutine"), before_stop=free.set)

    assert log == ["task", "after"]


def test_the_end_waits_for_tasks_that_tasks_add() -> None:
    log: list[int] = []

    async def work(depth: int) -> None:
        log.append(depth)
        if depth:
            current_app.add_background_task(work, depth - 1)  # type: ignore[attr-defined,unused-ignore]

    served(adding(work, 3), http("/coroutine"))

    assert log == [3, 2, 1, 0]


@pytest.mark.parametrize("kind", ["coroutine", "plain", "stubborn"])
def test_one_that_is_not_done_in_time_is_logged_and_cancelled(
    kind: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "_LAST_SECONDS", 0)
    log: list[str] = []
    free = threading.Event()

    async def coroutine() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            log.append("cancelled")
            if kind == "stubborn":
                await asyncio.sleep(0.01)
                log.append("but goes on")
                return
            raise

    def plain() -> None:
        free.wait(30)

    app = adding(plain if kind == "plain" else coroutine, name="an app whose tasks are late")
    app.config["BACKGROUND_TASK_SHUTDOWN_TIMEOUT"] = 0.001
    app.after_serving(lambda: log.append("after"))

    async def main() -> None:
        lifespan = Server(SCOPE, STARTUP)
        task = lifespan.start(app)
        await Server(http("/coroutine"), *body(b"")).start(app)
        lifespan.bring(SHUTDOWN)
        await task
        free.set()
        # A stubborn one ends after the application, and is not waited for by it.
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())

    assert "was not done in time" in caplog.text
    assert log[: 1 + (kind != "plain")] == (["after"] if kind == "plain" else ["cancelled", "after"])


def test_many_plain_tasks_take_no_more_threads_than_there_may_be() -> None:
    most, at_work, lock, free = 0, 0, threading.Lock(), threading.Semaphore(0)

    def work() -> None:
        nonlocal most, at_work
        with lock:
            at_work += 1
            most = max(most, at_work)
        free.acquire(timeout=30)
        with lock:
            at_work -= 1

    app = adding(work)

    served(app, *[http("/coroutine")] * 100, before_stop=lambda: free.release(100))

    assert 0 < most <= 32
    assert at_work == 0


def test_it_keeps_nothing_of_the_request_once_it_is_done() -> None:
    kept: list[weakref.ref[t.Any]] = []
    app = adding(lambda: None)
    app.before_request(lambda: kept.append(weakref.ref(request._get_current_object())))

    served(app, http("/coroutine"), http("/plain"))
    gc.collect()

    assert [reference() for reference in kept] == [None, None]


# under WSGI


@pytest.mark.parametrize("task", COLOURS)
@pytest.mark.parametrize("view", COLOURS)
def test_under_wsgi_it_runs_in_the_process(view: str, task: str) -> None:
    done, seen = threading.Event(), []

    def work() -> None:
        seen.append((current_app.name, has_request_context()))
        done.set()

    assert call(adding(colour(task, work)), environ(f"/{view}")).status == "200 OK"

    assert done.wait(30)
    assert seen == [("app", False)]


def test_a_request_without_one_starts_nothing() -> None:
    app = Erlen("app")
    app.add_url_rule("/", view_func=lambda: "")
    ask(app, http())
    call(app, environ("/"))

    assert "serving_state" not in vars(app)
