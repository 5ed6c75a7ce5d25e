"""The lifespan of an ASGI server: what it is told, and what runs meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
import typing as t

import pytest

from erlen import Erlen, current_app, g
from erlen.concurrency.pool import pool_of
from erlen.plan import planner
from tests.gateway.asgi.driver import GUARD, Message, Server, ask_once, body, http, run, threads_of_pools

STARTUP, SHUTDOWN = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
SCOPE = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}


def lived(app: Erlen, *messages: Message) -> list[Message]:
    async def main() -> list[Message]:
        server = Server(SCOPE, *messages)
        await server.start(app)
        return server.sent

    return run(main())


def noting(log: list[str], name: str = "app") -> Erlen:
    """Make an application that notes its start and its end."""
    app = Erlen(name)

    @app.before_serving
    async def before() -> None:
        await asyncio.sleep(0)
        log.append(f"before {current_app.name}")

    @app.before_serving
    def before_plainly() -> None:
        log.append("before plainly")

    @app.while_serving
    async def first() -> t.AsyncIterator[None]:
        log.append("first begins")
        yield
        log.append("first ends")

    @app.while_serving
    async def second() -> t.AsyncIterator[None]:
        log.append("second begins")
        yield
        log.append("second ends")

    @app.after_serving
    def after_plainly() -> None:
        log.append("after plainly")

    @app.after_serving
    async def after() -> None:
        log.append("after")

    return app


BEGINNING = ["before app", "before plainly", "first begins", "second begins"]
END = ["after plainly", "after", "second ends", "first ends"]


def test_functions_run_in_order_with_the_applications_context() -> None:
    log: list[str] = []

    sent = lived(noting(log), STARTUP, SHUTDOWN)

    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert log == [*BEGINNING, *END]


def test_an_application_that_registered_nothing_starts_and_stops() -> None:
    assert len(lived(Erlen("app"), STARTUP, SHUTDOWN)) == 2


def test_a_server_may_start_it_again() -> None:
    log: list[str] = []
    app = noting(log)

    for _ in range(2):
        lived(app, STARTUP, SHUTDOWN)

    assert log == [*BEGINNING, *END] * 2


@pytest.mark.parametrize("kind", ["coroutine", "plain", "generator"])
def test_an_error_at_the_start_is_the_servers_message(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    log: list[str] = []
    app = noting(log, "an app that logs")

    async def coroutine() -> None:
        raise LookupError("no database at db:5432")

    def plain() -> None:
        raise LookupError("no database at db:5432")

    @app.teardown_appcontext
    def teardown(error: BaseException | None) -> None:
        log.append(f"teardown {type(error).__name__}")

    async def generator() -> t.AsyncIterator[None]:
        await coroutine()
        yield

    if kind == "generator":
        app.while_serving(generator)
    else:
        app.before_serving(coroutine if kind == "coroutine" else plain)
    with caplog.at_level(logging.ERROR):
        (failed,) = lived(app, STARTUP, SHUTDOWN)

    assert failed == {"type": "lifespan.startup.failed", "message": "LookupError: no database at db:5432"}
    assert "LookupError" in caplog.text
    assert not app.serving_state.has_started()
    assert log[-1] == "teardown LookupError"


class Own(BaseException):
    """No Exception, as a test runner's own are."""


EXITS = [SystemExit, KeyboardInterrupt, asyncio.CancelledError, Own]


def raising(kind: str, error: type[BaseException]) -> t.Callable[..., t.Any]:
    async def coroutine() -> None:
        await asyncio.sleep(0)
        raise error("no database")

    def plain() -> None:
        raise error("no database")

    return coroutine if kind == "coroutine" else plain


async def spoken(app: Erlen, *messages: Message) -> list[Message]:
    """Speak of a lifespan; a cancellation goes on, and the server has been told."""
    server = Server(SCOPE, *messages)
    with contextlib.suppress(asyncio.CancelledError):
        await server.start(app)
    return server.sent


@pytest.mark.parametrize("error", EXITS)
@pytest.mark.parametrize("kind", ["coroutine", "plain"])
def test_an_exit_at_the_start_is_the_servers_message(
    kind: str, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    app, before = Erlen("an app that logs"), threads_of_pools()
    app.before_serving(raising(kind, error))

    with caplog.at_level(logging.ERROR):
        (failed,) = run(spoken(app, STARTUP, SHUTDOWN))

    assert failed["type"] == "lifespan.startup.failed"
    assert failed["message"].endswith(f"{error.__name__}: no database")
    assert [record.message for record in caplog.records] == ["The start of serving failed."]
    assert not app.serving_state.has_started()
    for thread in threads_of_pools() - before:
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize("error", EXITS)
@pytest.mark.parametrize("kind", ["coroutine", "plain"])
def test_an_exit_at_the_end_is_told_and_the_other_functions_run(
    kind: str, error: type[BaseException]
) -> None:
    log: list[str] = []
    app = noting(log)
    app.logger.disabled = True
    app.after_serving_funcs.insert(0, raising(kind, error))

    sent = run(spoken(app, STARTUP, SHUTDOWN))

    assert sent[1]["type"] == "lifespan.shutdown.failed"
    assert sent[1]["message"].endswith(f"{error.__name__}: no database")
    assert log[len(BEGINNING) :] == END


def test_generators_that_had_begun_are_closed_where_a_later_one_fails() -> None:
    app, log = Erlen("app"), []
    app.logger.disabled = True

    @app.while_serving
    async def first() -> t.AsyncIterator[None]:
        try:
            yield
        finally:
            log.append("closed")

    @app.while_serving
    async def second() -> t.AsyncIterator[None]:
        raise LookupError
        yield

    assert lived(app, STARTUP)[0]["type"] == "lifespan.startup.failed"
    assert log == ["closed"]
    log.clear()
    assert lived(app, STARTUP)[0]["type"] == "lifespan.startup.failed"
    assert log == ["closed"]


def test_a_generator_yields_once() -> None:
    twice, never = Erlen("twice"), Erlen("never")
    for app in (twice, never):
        app.logger.disabled = True

    @twice.while_serving
    async def yields_twice() -> t.AsyncIterator[None]:
        yield
        yield

    @never.while_serving
    async def yields_never() -> t.AsyncIterator[None]:
        if never.debug:
            yield

    assert "second 'yield'" in lived(twice, STARTUP, SHUTDOWN)[1]["message"]
    assert "before its 'yield'" in lived(never, STARTUP)[0]["message"]


def test_at_the_end_each_is_tried_and_the_first_error_is_told(caplog: pytest.LogCaptureFixture) -> None:
    log: list[str] = []
    app = noting(log, "an app that logs")

    @app.after_serving
    async def fails() -> None:
        raise LookupError("first")

    @app.after_serving
    def fails_too() -> None:
        raise ValueError("second")

    with caplog.at_level(logging.ERROR):
        sent = lived(app, STARTUP, SHUTDOWN)

    assert sent[1] == {"type": "lifespan.shutdown.failed", "message": "LookupError: first"}
    assert log == ["before an app that logs", *BEGINNING[1:], *END]
    assert "LookupError: first" in caplog.text


@pytest.mark.parametrize("colour", ["plain", "coroutine"])
def test_the_context_is_torn_down_around_either_end(colour: str) -> None:
    log: list[str] = []
    app = noting(log)

    def plain(error: BaseException | None) -> None:
        log.append(f"teardown {g.get('x')} {error}")

    async def coroutine(error: BaseException | None) -> None:
        plain(error)

    app.teardown_appcontext(plain if colour == "plain" else coroutine)

    @app.before_serving
    def sets() -> None:
        g.x = 1

    lived(app, STARTUP, SHUTDOWN)

    assert [line for line in log if "teardown" in line] == ["teardown 1 None", "teardown None None"]


def test_plain_functions_run_on_a_thread_and_coroutines_on_the_servers_loop() -> None:
    app, seen = Erlen("app"), {}

    @app.before_serving
    def plain() -> None:
        seen["plain"] = threading.current_thread()

        async def coroutine() -> None:
            seen["waited for"] = asyncio.get_running_loop()

        app.async_to_sync(coroutine)()

    @app.before_serving
    async def coroutine() -> None:
        seen["coroutine"] = asyncio.get_running_loop()

    async def main() -> None:
        seen["loop"] = asyncio.get_running_loop()
        await Server(SCOPE, STARTUP, SHUTDOWN).start(app)

    run(main())

    assert seen["plain"] is not threading.current_thread()
    assert seen["coroutine"] is seen["waited for"] is seen["loop"]


def test_the_pools_threads_end_with_the_server() -> None:
    app = Erlen("app")
    app.add_url_rule("/", view_func=lambda: "")
    before = threads_of_pools()

    async def main() -> set[threading.Thread]:
        server = Server(SCOPE, STARTUP)
        task = server.start(app)
        await server.sends(1)
        await asyncio.gather(*(Server(http()).start(app) for _ in range(10)))
        new = threads_of_pools() - before
        assert pool_of(app).threads == len(new) > 0
        server.bring(SHUTDOWN)
        await task
        return new

    for thread in run(main()):
        thread.join(60)
        assert not thread.is_alive()


def test_a_request_that_still_runs_when_the_server_stops_is_answered() -> None:
    app = Erlen("app")
    # Python 3.10 cannot tell that nobody has cut it off, and waits for so long.
    app.config.update(ASGI_THREADS=1, ASGI_TEARDOWN_TIMEOUT=0.01)
    begun, free = threading.Event(), threading.Event()

    @app.get("/")
    def view() -> str:
        begun.set()
        free.wait(30)
        return "done"

    async def main() -> list[t.Any]:
        lifespan = Server(SCOPE, STARTUP)
        task = lifespan.start(app)
        await lifespan.sends(1)
        servers = [Server(http()) for _ in range(3)]
        requests = [server.start(app) for server in servers]
        await asyncio.get_running_loop().run_in_executor(None, begun.wait)
        lifespan.bring(SHUTDOWN)
        await task
        free.set()
        await asyncio.gather(*requests)
        return [server.answer.text for server in servers]

    assert run(main()) == ["done"] * 3


def hanging(log: list[str], go: threading.Event) -> Erlen:
    """Make an application with a view that ends when it is cancelled, and a slow teardown."""
    app = Erlen("cut off")

    @app.get("/")
    async def view() -> None:
        log.append("view")
        await asyncio.get_running_loop().create_future()

    @app.teardown_request
    def tear_down(error: BaseException | None) -> None:
        go.wait(GUARD)
        log.append(f"torn down, {type(error).__name__}")

    app.after_serving(lambda: log.append("after serving"))
    return app


async def begun(app: Erlen, log: list[str]) -> asyncio.Task[None]:
    """Send a request, and return its task when the view waits."""
    known = len(log)
    task = Server(http("/"), *body(b"")).start(app)
    for _ in range(1000):
        if len(log) > known:
            break
        await asyncio.sleep(0)
    return task


def test_the_end_waits_for_the_teardown_of_requests_that_were_cut_off() -> None:
    log: list[str] = []
    go = threading.Event()
    app = hanging(log, go)

    async def main() -> None:
        lifespan = Server(SCOPE, STARTUP)
        living = lifespan.start(app)
        await lifespan.sends(1)
        requests = [await begun(app, log) for _ in range(3)]
        for request in requests:
            request.cancel()
        lifespan.bring(SHUTDOWN)
        for _ in range(50):
            await asyncio.sleep(0)
        assert "after serving" not in log
        go.set()
        await living
        assert all(request.cancelled() for request in requests)

    run(main())
    assert log == ["view"] * 3 + ["torn down, CancelledError"] * 3 + ["after serving"]


def test_it_waits_for_a_limited_time(caplog: pytest.LogCaptureFixture) -> None:
    log: list[str] = []
    go = threading.Event()
    app = hanging(log, go)
    app.config["ASGI_TEARDOWN_TIMEOUT"] = 0.01

    async def main() -> None:
        lifespan = Server(SCOPE, STARTUP)
        living = lifespan.start(app)
        await lifespan.sends(1)
        request = await begun(app, log)
        request.cancel()
        lifespan.bring(SHUTDOWN)
        await living
        log.append("ended")
        go.set()
        await asyncio.wait({request})

    run(main())
    assert log == ["view", "after serving", "ended", "torn down, CancelledError"]
    assert "Requests that were cut off have not ended in 0.01 seconds: 1" in caplog.text


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tasks do not know whether they were cancelled")
def test_it_does_not_wait_for_requests_that_nobody_has_cut_off_nor_for_tasks_of_others() -> None:
    log: list[str] = []
    go = threading.Event()
    go.set()
    app = hanging(log, go)

    async def stubborn() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            await asyncio.wait({request})

    async def main() -> None:
        nonlocal request
        lifespan = Server(SCOPE, STARTUP)
        living = lifespan.start(app)
        await lifespan.sends(1)
        request = await begun(app, log)
        other = asyncio.ensure_future(stubborn())
        await asyncio.sleep(0)
        other.cancel()
        lifespan.bring(SHUTDOWN)
        await living
        log.append("ended")
        request.cancel()
        await asyncio.wait({request, other})

    request: t.Any = None
    run(main())
    assert log == ["view", "after serving", "ended", "torn down, CancelledError"]


def test_a_whole_life_takes_one_compilation_before_the_start_and_one_for_its_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: list[t.Any] = []
    original = planner.compile_plan

    def counted(*args: t.Any) -> t.Any:
        compiled.append(original(*args))
        return compiled[-1]

    monkeypatch.setattr(planner, "compile_plan", counted)
    app = noting([])
    app.add_url_rule("/", view_func=lambda: "")

    async def main() -> None:
        server = Server(SCOPE, STARTUP)
        task = server.start(app)
        await server.sends(1)
        assert len(compiled) == 1
        for _ in range(3):
            await Server(http(), *body(b"")).serve(app)
        server.bring(SHUTDOWN)
        await task

    run(main())
    first, second = compiled
    assert second.matcher is first.matcher


def test_without_a_lifespan_the_first_request_starts_it_once() -> None:
    log: list[str] = []
    app = noting(log)
    app.add_url_rule("/", view_func=lambda: "plain")

    @app.get("/coroutine")
    async def coroutine() -> str:
        return "coroutine"

    async def main() -> list[str]:
        answers = [await Server(http(path), *body(b"")).serve(app) for path in ("/", "/coroutine", "/")]
        assert log == BEGINNING
        return [answer.text for answer in answers]

    assert run(main()) == ["plain", "coroutine", "plain"]
    assert log == [*BEGINNING, *END]  # with its loop, and the next loop starts it anew
    assert ask_once(app, http("/")).text == "plain"
    assert log == [*BEGINNING, *END] * 2


def test_an_unknown_message_is_passed_by() -> None:
    assert len(lived(Erlen("app"), {"type": "lifespan.pause"}, STARTUP, SHUTDOWN)) == 2


def test_middleware_that_makes_threads_necessary_is_named_at_the_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Erlen("an app that logs")
    app.logger.setLevel(logging.INFO)
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]

    with caplog.at_level(logging.INFO):
        lived(app, STARTUP, SHUTDOWN)

    assert [record.levelname for record in caplog.records if "middleware" in record.message] == ["INFO"]
