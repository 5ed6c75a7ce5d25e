"""The answers themselves: methods, hosts, middleware, forks; by both protocols."""

from __future__ import annotations

import asyncio
import os
import threading
import typing as t

import pytest

from erlen import Erlen
from erlen.active import NOTHING, get_state
from erlen.deploy.health import init_app
from tests.gateway.asgi.driver import Server, http, run

PROTOCOLS = ("wsgi", "asgi")
GUARD = 30


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_head_is_get_without_the_body(protocol: str, path: str) -> None:
    app = Erlen(__name__)
    init_app(app)
    client = app.test_client(protocol=protocol)
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.text) == (200, "")
    assert head.headers == get.headers
    assert int(get.headers["Content-Length"]) == len(get.data) > 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "BREW"])
def test_other_methods_are_not_allowed_and_call_no_check(protocol: str, path: str, method: str) -> None:
    app, calls = Erlen(__name__), []
    init_app(app).check("counted", lambda: calls.append(1))
    environ = {"REQUEST_METHOD": method}
    response = app.test_client(protocol=protocol).get(path, environ_overrides=environ, data=b"x" * 10)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert calls == []


def never(*_: t.Any) -> t.NoReturn:
    raise AssertionError("It was called.")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "[::1]", "evil.example", "a b", "x" * 300, ""])
def test_no_host_is_looked_at(protocol: str, host: str) -> None:
    app = Erlen(__name__, host_matching=True, static_host="shop.example")
    app.config.update(TRUSTED_HOSTS=["shop.example"], SERVER_NAME="shop.example")
    app.before_request(never)
    app.after_request(never)
    app.teardown_request(never)
    init_app(app)
    client = app.test_client(protocol=protocol)
    for path in ("/livez", "/readyz"):
        response = client.get(path, headers={"Host": host, "Cookie": "session=broken"})
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers


def behind(app: Erlen) -> None:
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start_response: inner(environ, start_response)  # type: ignore[method-assign]


@pytest.mark.parametrize("wrapped", [False, True], ids=["straight", "middleware"])
def test_a_coroutine_check_runs_on_the_loop_of_its_server_and_a_plain_one_on_a_thread(
    *, wrapped: bool
) -> None:
    app = Erlen(__name__)
    health = init_app(app)
    seen: dict[str, t.Any] = {}

    @health.check("coroutine")
    async def coroutine() -> None:
        seen["loop"] = asyncio.get_running_loop()

    @health.check("plain")
    def plain() -> None:
        seen["thread"] = threading.current_thread()

    if wrapped:
        behind(app)

    async def main() -> int | None:
        answer = await Server(http("/readyz")).serve(app)
        assert seen["loop"] is asyncio.get_running_loop()
        assert seen["thread"] is not threading.current_thread()
        return answer.status

    assert run(main()) == 200


def test_the_loop_is_free_while_checks_are_under_way() -> None:
    app = Erlen(__name__)
    go = threading.Event()
    init_app(app, timeout=GUARD).check("waits", lambda: go.wait(GUARD))

    @app.get("/")
    async def index() -> str:
        return "served"

    async def main() -> tuple[str, int | None]:
        asked = Server(http("/readyz"))
        task = asked.start(app)
        answer = await Server(http("/")).serve(app)
        go.set()
        await task
        return answer.text, asked.answer.status

    assert run(main()) == ("served", 200)


def test_probes_are_answered_while_all_threads_of_the_pool_are_busy() -> None:
    app, begun, go = Erlen(__name__), threading.Event(), threading.Event()
    app.config.update(ASGI_THREADS=1, ASGI_QUEUE=0)
    init_app(app).check("plain", lambda: None)

    @app.get("/")
    def waits() -> str:
        begun.set()
        go.wait(GUARD)
        return "served"

    async def main() -> list[int | None]:
        busy = Server(http("/"))
        task = busy.start(app)
        assert await asyncio.to_thread(begun.wait, GUARD)
        statuses = [(await Server(http(path)).serve(app)).status for path in ("/livez", "/readyz", "/")]
        go.set()
        await task
        return [*statuses, busy.answer.status]

    assert run(main()) == [200, 200, 503, 200]


def test_a_client_that_goes_away_meanwhile_leaves_nothing() -> None:
    app = Erlen(__name__)
    go = threading.Event()
    init_app(app, timeout=GUARD).check("waits", lambda: go.wait(GUARD))

    async def main() -> int | None:
        gone, cancelled = Server(http("/readyz")), Server(http("/readyz"))
        tasks = [gone.start(app), cancelled.start(app)]
        await asyncio.sleep(0)
        gone.hang_up()
        tasks[1].cancel()
        await asyncio.wait({tasks[1]})
        assert tasks[1].cancelled()
        go.set()
        await tasks[0]
        return (await Server(http("/readyz")).serve(app)).status

    assert run(main()) == 200


def test_checks_run_side_by_side() -> None:
    app = Erlen(__name__)
    health, together = init_app(app, timeout=GUARD), threading.Barrier(3)
    for name in "abc":
        health.check(name, lambda: together.wait(GUARD) and None)
    assert app.test_client().get("/readyz").status_code == 200


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_check_sees_the_application_and_no_request(protocol: str) -> None:
    app, ended = Erlen(__name__), []
    app.teardown_appcontext(lambda error: ended.append(type(error)))

    def check() -> bool:
        from erlen import current_app, has_request_context

        return current_app == app and not has_request_context()

    def fails() -> None:
        raise LookupError

    health = init_app(app)
    health.check("context", check)
    health.check("fails", fails)
    with app.test_request_context("/other"):
        response = app.test_client(protocol=protocol).get("/readyz")
    ended.remove(type(None))  # of the context above
    statuses = {name: check["status"] for name, check in response.json["checks"].items()}
    assert statuses == {"context": "ok", "fails": "failed"}
    assert sorted(map(str, ended)) == sorted(map(str, [type(None), LookupError]))
    assert get_state() is NOTHING


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_does_not_wait_for_what_hangs_in_its_parent() -> None:
    app, go, parent = Erlen(__name__), threading.Event(), os.getpid()
    init_app(app, timeout=0.05).check(
        "waits", lambda: None if os.getpid() != parent else go.wait(GUARD) and None
    )
    assert app.test_client().get("/readyz").status_code == 503
    child = os.fork()
    if child == 0:
        status = 1
        try:
            # On a busy machine it may be late by itself, and not each time.
            statuses = (app.test_client().get("/readyz").status_code for _ in range(100))
            status = 0 if 200 in statuses else 2
        finally:
            os._exit(status)
    try:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        go.set()
