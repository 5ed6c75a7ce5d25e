"""The start and the end of serving where no server says when: under WSGI, at exit, in forked children."""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import subprocess
import sys
import textwrap
import threading
import typing as t
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from erlen import Erlen, current_app
from erlen.concurrency.loops import process_loop
from erlen.serve.serving import END
from tests.gateway.asgi.driver import Server, ask_once, body, http, run
from tests.serve.beside import call, environ

SCOPE = {"type": "lifespan", "asgi": {"version": "3.0"}}


def at_exit(monkeypatch: pytest.MonkeyPatch) -> list[t.Callable[[], None]]:
    """Keep what is registered for the exit, instead of registering it."""
    registered: list[t.Callable[[], None]] = []
    monkeypatch.setattr(atexit, "register", lambda function: registered.append(function) or function)
    monkeypatch.setattr(atexit, "unregister", lambda function: registered.remove(function))
    return registered


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[t.Callable[[], None]]:
    process_loop()  # which may register something of its own
    return at_exit(monkeypatch)


def counting(log: list[str]) -> Erlen:
    app = Erlen("app")
    app.logger.disabled = True
    app.add_url_rule("/", view_func=lambda: "answer")

    @app.before_serving
    async def before() -> None:
        await asyncio.sleep(0)
        log.append(f"before {current_app.name}")

    @app.after_serving
    def after() -> None:
        log.append("after")

    return app


def get(app: Erlen) -> tuple[str, bytes]:
    answer = call(app, environ("/"))
    return answer.status, answer.body


# the first request


def test_the_first_request_starts_it_and_no_other_does(exits: list[t.Any]) -> None:
    log: list[str] = []
    app = counting(log)
    assert log == []

    assert [get(app) for _ in range(3)] == [("200 OK", b"answer")] * 3

    assert log == ["before app"]
    assert app.serving_state.has_started()


def note_arrivals(app: Erlen) -> threading.Semaphore:
    """Return a semaphore that is released each time somebody asks whether the start is theirs to do."""
    waiting, claim = threading.Semaphore(0), app.serving_state._claim

    def noting() -> t.Any:
        try:
            return claim()
        finally:
            waiting.release()

    app.serving_state._claim = noting  # type: ignore[method-assign]
    return waiting


def test_of_several_threads_one_starts_it_and_the_others_wait(exits: list[t.Any]) -> None:
    app, starts = Erlen("app"), []
    app.add_url_rule("/", view_func=lambda: str(len(starts)))
    arrived = threading.Barrier(8)
    waiting = note_arrivals(app)

    @app.before_serving
    def before() -> None:
        for _ in range(8):
            assert waiting.acquire(timeout=30)
        starts.append(1)

    def ask_by_wsgi(_: int) -> tuple[str, bytes]:
        arrived.wait(30)
        return get(app)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask_by_wsgi, range(8))) == [("200 OK", b"1")] * 8
    assert starts == [1]


def test_where_it_fails_each_that_waited_gets_a_500_and_the_next_one_tries_again(exits: list[t.Any]) -> None:
    app, attempts = Erlen("app"), []
    app.logger.disabled = True
    app.add_url_rule("/", view_func=lambda: "answer")
    waiting = note_arrivals(app)

    @app.before_serving
    def before() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            for _ in range(5):
                assert waiting.acquire(timeout=30)
            raise LookupError("no database yet")

    with ThreadPoolExecutor(5) as pool:
        failed = [answer[0] for answer in pool.map(lambda _: get(app), range(5))]

    assert failed == ["500 INTERNAL SERVER ERROR"] * 5
    assert exits == []
    assert [get(app) for _ in range(2)] == [("200 OK", b"answer")] * 2
    assert len(attempts) == 2


def test_a_waiting_request_that_is_cancelled_does_not_cancel_the_start_for_the_others() -> None:
    app, log = Erlen("app"), []
    free: list[asyncio.Event] = []

    @app.before_serving
    async def before() -> None:
        await free[0].wait()
        log.append("before")

    async def main() -> None:
        free.append(asyncio.Event())
        starter, waits, gives_up = (asyncio.ensure_future(app.serving_state.start(app)) for _ in range(3))
        for _ in range(3):
            await asyncio.sleep(0)
        gives_up.cancel()
        await asyncio.wait({gives_up})
        free[0].set()
        await asyncio.gather(starter, waits)

    run(main())

    assert log == ["before"]
    assert app.serving_state.has_started()


def test_when_the_request_that_starts_it_is_cancelled_a_waiting_one_starts_it() -> None:
    app, log = Erlen("app"), []
    begun: list[asyncio.Event] = []
    free: list[asyncio.Event] = []

    @app.before_serving
    async def before() -> None:
        log.append("begins")
        begun[0].set()
        await free[0].wait()

    async def main() -> None:
        begun.append(asyncio.Event())
        free.append(asyncio.Event())
        starter, waits = (asyncio.ensure_future(app.serving_state.start(app)) for _ in range(2))
        await begun[0].wait()
        starter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starter
        free[0].set()
        await waits

    run(main())

    assert log == ["begins", "begins"]
    assert app.serving_state.has_started()


# the end


def test_no_exit_function_is_registered_where_nothing_runs_around_serving(exits: list[t.Any]) -> None:
    app = Erlen("app")
    app.add_url_rule("/", view_func=lambda: "answer")

    @app.get("/coroutine")
    async def view() -> str:
        return "coroutine"

    get(app)
    call(app, environ("/coroutine"))

    assert exits == []
    assert "serving_state" not in vars(app)


def test_at_exit_it_stops_and_errors_are_logged(
    exits: list[t.Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    app = counting(log)
    errors: list[str] = []
    monkeypatch.setattr(app.logger, "exception", lambda message, *_: errors.append(message))

    @app.after_serving
    async def fails() -> None:
        raise LookupError

    @app.after_serving
    async def last() -> None:
        log.append("last")

    get(app)
    assert len(exits) == 1
    exits[0]()

    assert log == ["before app", "after", "last"]
    assert errors == ["A function for the end of serving failed."]
    assert not app.serving_state.has_started()


def test_the_exit_function_refers_to_the_application_weakly(exits: list[t.Callable[[], None]]) -> None:
    log: list[str] = []

    def use() -> weakref.ref[Erlen]:
        app = counting(log)
        get(app)
        return weakref.ref(app)

    reference = use()
    gc.collect()

    assert reference() is None
    assert exits == []
    assert log == ["before app"]


def program(source: str) -> str:
    """Run a program; return what it wrote."""
    prelude = """
        import asyncio, os, sys, threading
        from erlen import Erlen

        app = Erlen("app")
        app.add_url_rule("/", "index", lambda: "answer")

        def say(*words):
            line = " ".join(("parent" if os.getpid() == PARENT else "child", *words))
            os.write(1, line.encode() + b"\\n")

        PARENT = os.getpid()
        get = lambda: app.test_client().get("/").text
    """
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(prelude) + textwrap.dedent(source)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    assert ended.returncode == 0
    return ended.stdout


def test_a_process_that_ends_stops_serving() -> None:
    written = program("""
        @app.before_serving
        async def before(): say("before")

        @app.while_serving
        async def both():
            say("begin")
            yield
            say("end")

        @app.after_serving
        def after(): say("after")

        say(get())
        """)

    assert written.split("\n") == [
        "parent before",
        "parent begin",
        "parent answer",
        "parent after",
        "parent end",
        "",
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_starts_and_stops_anew() -> None:
    written = program("""
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # the process has threads: Python 3.12 says so

        @app.before_serving
        async def before(): say("before")

        @app.while_serving
        async def both():
            say("begin")
            yield
            say("end")

        @app.after_serving
        def after(): say("after")

        get()
        child = os.fork()
        if child:
            os.waitpid(child, 0)
        get()
        """)

    lines = written.split("\n")[:-1]
    whole = ["before", "begin", "after", "end"]
    assert [line.split()[1] for line in lines if line.startswith("parent")] == whole
    assert [line.split()[1] for line in lines if line.startswith("child")] == whole


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_that_was_forked_while_it_started_starts_by_itself() -> None:
    written = program("""
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        begun, free = threading.Event(), threading.Event()

        @app.before_serving
        def before():
            begun.set()
            if os.getpid() == PARENT:
                free.wait(30)
            say("before")

        thread = threading.Thread(target=get)
        thread.start()
        begun.wait(30)
        child = os.fork()
        if not child:
            say(get())
            os._exit(0)
        os.waitpid(child, 0)
        free.set()
        thread.join()
        """)

    assert written.split("\n") == ["child before", "child answer", "parent before", ""]


def test_a_plain_background_task_without_end_does_not_keep_the_process() -> None:
    written = program("""
        app.config["BACKGROUND_TASK_SHUTDOWN_TIMEOUT"] = 0.01
        app.logger.disabled = True
        begun = threading.Event()

        @app.get("/task")
        def task():
            app.add_background_task(lambda: (begun.set(), threading.Event().wait()))
            return ""

        app.test_client().get("/task")
        begun.wait(30)
        say("ends")
        """)

    assert written == "parent ends\n"


def test_background_tasks_are_waited_for_at_exit() -> None:
    written = program("""
        import time

        ends = threading.Event()

        @app.get("/task")
        async def task():
            async def coroutine():
                while not ends.is_set():
                    await asyncio.sleep(0.001)
                await asyncio.sleep(0.05)
                say("coroutine")

            def plain():
                ends.wait(60)
                time.sleep(0.05)
                say("plain")

            app.add_background_task(coroutine)
            app.add_background_task(plain)
            return ""

        app.test_client().get("/task")
        say("ends")
        ends.set()
        """)

    lines = written.split("\n")
    assert lines[0] == "parent ends"
    assert sorted(lines[1:3]) == ["parent coroutine", "parent plain"]


# a server without a lifespan


PRELUDE = """
    from tests.gateway.asgi.driver import Server, body, http

    @app.before_serving
    async def before(): say("before")

    @app.while_serving
    async def both():
        yield
        await asyncio.sleep(0)
        say("end")

    @app.after_serving
    def after(): say("after")

    @app.get("/{colour}")
    {async_}def view():
        async def coroutine():
            for _ in range(50):
                await asyncio.sleep(0.001)
            say("task")

        def plain():
            import time
            time.sleep(0.05)
            say("task")

        for task in [{task}]:
            app.add_background_task(task)
        return "answer"

    async def ask():
        server = Server(http("/{colour}"), *body(b""))
        say((await server.serve(app)).text)
"""
ENDS = {
    "asyncio.run": "asyncio.run(ask())",
    "closed": "loop = asyncio.new_event_loop(); loop.run_until_complete(ask()); loop.close()",
    "left": "loop = asyncio.new_event_loop(); loop.run_until_complete(ask())",
    "thread": """
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(ask(), loop).result()
    """,
}


@pytest.mark.slow
@pytest.mark.parametrize(("view", "task"), [("def", "plain"), ("async def", "coroutine")])
@pytest.mark.parametrize("end", ENDS)
def test_without_a_lifespan_it_stops_where_its_loop_or_the_process_ends(
    end: str, view: str, task: str
) -> None:
    async_ = view.removesuffix("def")
    if end == "closed":
        task = ""  # on a loop that was closed without a word nothing can be done
    prelude = PRELUDE.format(colour=view.split()[0], async_=async_, task=task)
    written = program(textwrap.dedent(prelude) + textwrap.dedent(ENDS[end]))

    lines = [line.removeprefix("parent ") for line in written.split("\n")[:-1]]
    assert lines == ["before", "answer", *["task"] * (end != "closed"), "after", "end"]


def test_a_task_is_waited_for_where_nothing_was_registered_for_the_end() -> None:
    app, log = Erlen("app"), []

    async def task() -> None:
        await asyncio.sleep(0.01)
        log.append("task")

    app.add_url_rule("/", view_func=lambda: app.add_background_task(task) or "answer")

    for _ in range(2):
        assert ask_once(app, http("/")).text == "answer"

    assert log == ["task"] * 2


def test_a_task_that_takes_too_long_is_cancelled_with_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    app, log = Erlen("an app that is late"), []
    app.config["BACKGROUND_TASK_SHUTDOWN_TIMEOUT"] = 0

    async def task() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            log.append("cancelled")

    app.add_url_rule("/", view_func=lambda: app.add_background_task(task) or "answer")
    app.after_serving(lambda: log.append("after"))
    ask_once(app, http("/"))

    assert log == ["cancelled", "after"]
    assert "not done in time" in caplog.text


def test_a_start_on_one_loop_ends_with_it_and_the_next_loop_starts_anew() -> None:
    log: list[str] = []
    app = counting(log)

    for _ in range(2):
        assert ask_once(app, http("/")).text == "answer"
        assert not app.serving_state.has_started()

    assert log == ["before app", "after"] * 2


def test_waiting_for_the_end_of_a_loop_keeps_neither_application_nor_request_alive() -> None:
    log: list[str] = []
    references: list[weakref.ref[t.Any]] = []

    async def main() -> None:
        app = counting(log)
        await Server(http("/"), *body(b"")).start(app)
        references.append(weakref.ref(app))
        del app
        for _ in range(100):  # a thread of the pool may be about to let go
            gc.collect()
            if references[0]() is None:
                break
            await asyncio.sleep(0.01)
        assert references[0]() is None

    asyncio.run(main())

    assert log == ["before app"]


def test_a_failing_end_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    log: list[str] = []
    app = Erlen("an app whose end fails")
    app.add_url_rule("/", view_func=lambda: "answer")

    @app.after_serving
    async def fails() -> None:
        raise LookupError("first")

    app.after_serving(lambda: log.append("after"))
    ask_once(app, http("/"))

    assert log == ["after"]
    assert "LookupError: first" in caplog.text


def test_a_lifespan_that_comes_says_when_it_ends(exits: list[t.Any]) -> None:
    log: list[str] = []
    app = counting(log)

    async def main() -> None:
        lifespan = Server(SCOPE, {"type": "lifespan.startup"})
        task = lifespan.start(app)
        await lifespan.sends(1)
        await Server(http("/"), *body(b"")).start(app)
        app.add_background_task(lambda: None)
        assert [task for task in asyncio.all_tasks() if task.get_name() == END] == []
        lifespan.bring({"type": "lifespan.shutdown"})
        await task

    run(main())

    assert log == ["before app", "after"]
    assert exits == []


@pytest.mark.parametrize("colour", ["def", "async def"])
def test_the_start_does_not_wait_for_the_body_of_the_first_request_by_wsgi(colour: str) -> None:
    """Everybody waits for the start, and nobody for a client that sends its body slowly."""
    app, log = Erlen("app"), []

    class Slow:
        def read(self, size: int = -1) -> bytes:
            log.append("read")
            return b"abc"

    def plain() -> None:
        log.append("before")

    async def coroutine() -> None:
        log.append("before")

    app.before_serving(plain if colour == "def" else coroutine)
    app.add_url_rule("/", view_func=lambda: "answer", methods=["POST"])

    given = environ("/", method="POST") | {"wsgi.input": Slow(), "CONTENT_LENGTH": "3"}
    assert call(app, given).body == b"answer"
    assert log == ["before"]


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_start_does_not_wait_for_the_body_of_the_first_request_by_asgi(*, wrapped: bool) -> None:
    app, log = Erlen("app"), []

    @app.before_serving
    async def before() -> None:
        log.append("before")

    app.add_url_rule("/", view_func=lambda: "answer", methods=["POST"])
    if wrapped:
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]

    async def main() -> str:
        server = Server(http("/", "POST", ("Content-Length", "300000")))
        return (await server.serve(app)).text

    assert run(main()) == "answer"
    assert log == ["before"]
