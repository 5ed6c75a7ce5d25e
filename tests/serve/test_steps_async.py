"""Plain functions beside a coroutine view: where they run, and in how many jobs for threads."""

from __future__ import annotations

import threading
import typing as t

import pytest

from erlen import Erlen, abort, g
from erlen.concurrency.pool import Pool
from tests.gateway.asgi.driver import Server, body, http, run


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the jobs that threads get."""
    counted: list[int] = []
    plain = Pool._dispatch

    def dispatch(self: Pool, *args: t.Any) -> None:
        counted.append(1)
        plain(self, *args)

    monkeypatch.setattr(Pool, "_dispatch", dispatch)
    return counted


def hooked(plain_hooks: str, log: list[tuple[str, bool]]) -> Erlen:
    """Make an application with two plain hooks of each kind; each notes whether the loop runs it."""
    app = Erlen("app")
    app.config["ASGI_PLAIN_HOOKS"] = plain_hooks

    def note(name: str) -> None:
        log.append((name, threading.current_thread() is threading.main_thread()))

    for number in (1, 2):
        app.before_request(lambda number=number: note(f"before {number}"))
        app.after_request(lambda response, number=number: note(f"after {number}") or response)
        app.teardown_request(lambda error, number=number: note(f"teardown {number}"))

    @app.get("/coroutine")
    async def coroutine() -> str:
        note("view")
        return "coroutine"

    @app.get("/missing")
    async def missing() -> str:
        abort(404)

    @app.errorhandler(404)
    def not_found(error: Exception) -> tuple[str, int]:
        note("handler")
        return "missing", 404

    @app.get("/plain")
    def plain() -> str:
        note("view")
        return "plain"

    return app


def asked(app: Erlen, path: str) -> str:
    return run(Server(http(path), *body(b"")).serve(app)).text


def test_each_run_of_plain_functions_is_one_job(jobs: list[int]) -> None:
    log: list[tuple[str, bool]] = []

    assert asked(hooked("pool", log), "/coroutine") == "coroutine"

    names = ["before 1", "before 2", "view", "after 2", "after 1", "teardown 2", "teardown 1"]
    assert [name for name, _ in log] == names
    assert [name for name, on_loop in log if on_loop] == ["view"]
    assert len(jobs) == 3


def test_plain_hooks_run_on_the_loop_where_they_may(jobs: list[int]) -> None:
    log: list[tuple[str, bool]] = []

    assert asked(hooked("loop", log), "/coroutine") == "coroutine"

    names = ["before 1", "before 2", "view", "after 2", "after 1"]
    assert [name for name, on_loop in log if on_loop] == names
    # Teardown closes connections, which may wait.
    assert [name for name, on_loop in log if not on_loop] == ["teardown 2", "teardown 1"]
    assert len(jobs) == 1


@pytest.mark.parametrize(("plain_hooks", "on_loop"), [("pool", False), ("loop", True)])
def test_plain_error_handlers_run_where_plain_hooks_do(plain_hooks: str, on_loop: bool) -> None:
    log: list[tuple[str, bool]] = []

    assert asked(hooked(plain_hooks, log), "/missing") == "missing"

    assert ("handler", on_loop) in log


@pytest.mark.parametrize("plain_hooks", ["pool", "loop"])
def test_a_plain_view_runs_on_a_thread_whatever_the_configuration_of_hooks(plain_hooks: str) -> None:
    log: list[tuple[str, bool]] = []
    app = hooked(plain_hooks, log)

    @app.before_request
    async def first() -> None:
        g.first = True

    assert asked(app, "/plain") == "plain"

    assert ("view", False) in log


def test_a_chain_of_plain_functions_is_one_job_on_one_thread(jobs: list[int]) -> None:
    app, threads = Erlen("app"), set()

    def note(*_: t.Any) -> None:
        threads.add(threading.get_ident())

    app.before_request(note)
    app.teardown_request(note)
    app.teardown_appcontext(note)

    @app.get("/")
    def view() -> t.Iterator[str]:
        note()

        def pieces() -> t.Iterator[str]:
            for _ in range(3):
                note()
                yield "a"

        return pieces()

    assert asked(app, "/") == "aaa"
    assert len(threads) == 1
    assert len(jobs) == 1
