"""Calls of checks: deadlines, calls that hang, and what is logged when."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
import typing as t

import pytest

from erlen import Erlen
from erlen.deploy.health import init_app
from erlen.deploy.health.runs import Check, CheckFailed, Run, Runner, call, is_coroutine_function

GUARD = 30
PROTOCOLS = ("wsgi", "asgi")


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "erlen-health-hangs"]


def ends(thread: threading.Thread) -> bool:
    thread.join(GUARD)
    return not thread.is_alive()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_plain_check_that_hangs_is_late_and_is_not_called_again(protocol: str) -> None:
    app, go, calls = Erlen(__name__), threading.Event(), []
    health = init_app(app, timeout=0.05)

    @health.check("hangs")
    def hangs() -> None:
        calls.append(1)
        go.wait(GUARD)

    health.check("fine", lambda: None, timeout=GUARD)
    client = app.test_client(protocol=protocol)
    try:
        for _ in range(20):
            response = client.get("/readyz")
            assert response.status_code == 503
            statuses = {name: check["status"] for name, check in response.json["checks"].items()}
            assert statuses == {"hangs": "late", "fine": "ok"}
        assert len(calls) == len(threads()) == 1
    finally:
        go.set()
    assert all(map(ends, threads()))
    assert client.get("/readyz").status_code == 200
    assert len(calls) == 2


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_coroutine_check_is_cancelled_at_its_deadline(protocol: str) -> None:
    app, calls = Erlen(__name__), []
    cancelled = threading.Event()
    health = init_app(app)

    @health.check("hangs", timeout=0.05)
    async def hangs() -> None:
        calls.append(1)
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    client = app.test_client(protocol=protocol)
    assert client.get("/readyz").json["checks"]["hangs"]["status"] == "late"
    assert cancelled.wait(GUARD)
    assert all(map(ends, threads()))
    assert client.get("/readyz").json["checks"]["hangs"]["status"] == "late"
    assert len(calls) == 2


def test_the_log_says_where_a_plain_check_hangs(caplog: pytest.LogCaptureFixture) -> None:
    app, go = Erlen("logging"), threading.Event()

    def hangs_here() -> None:
        go.wait(GUARD)

    init_app(app, timeout=0.05).check("hangs", hangs_here)
    assert app.test_client().get("/readyz").status_code == 503
    go.set()
    assert "The health check 'hangs' took more than 0.05 s." in caplog.text
    assert "in hangs_here" in caplog.text
    assert all(map(ends, threads()))


def test_two_who_ask_at_the_same_time_share_one_call() -> None:
    app, go, begun, calls = Erlen(__name__), threading.Event(), threading.Event(), []
    health = init_app(app, timeout=GUARD)

    @health.check("waits")
    def waits() -> None:
        calls.append(1)
        begun.set()
        go.wait(GUARD)

    statuses: list[int] = []
    askers = [
        threading.Thread(target=lambda: statuses.append(app.test_client().get("/readyz").status_code))
        for _ in range(8)
    ]
    askers[0].start()
    assert begun.wait(GUARD)
    for asker in askers[1:]:
        asker.start()
    go.set()
    assert all(map(ends, askers))
    assert statuses == [200] * 8
    assert len(calls) < 8


def failing(error: BaseException | None) -> t.Callable[[], t.Any]:
    def check() -> t.Any:
        if error is not None:
            raise error

    return check


@pytest.mark.parametrize(
    "error", [ValueError(), SystemExit(3), KeyboardInterrupt(), StopIteration(), TimeoutError()]
)
def test_whatever_a_check_raises_is_a_failure(error: BaseException) -> None:
    app = Erlen("silent")
    app.logger.disabled = True
    run = Run(Check("check", failing(error), GUARD))
    run.start(app, None)
    run.wait()
    assert run.result().status == "failed"
    assert run.error is error


@pytest.mark.parametrize("value", [None, True, 0, "", [], object()])
def test_any_result_but_false_is_ok(value: t.Any) -> None:
    call(Erlen(__name__), Check("check", lambda: value, GUARD))


def test_false_is_a_failure() -> None:
    async def coroutine() -> bool:
        return False

    for function in (lambda: False, coroutine):
        with pytest.raises(CheckFailed, match="'check' returned False"):
            call(Erlen(__name__), Check("check", function, GUARD))


def test_a_plain_function_that_returns_a_coroutine_is_a_mistake() -> None:
    async def coroutine() -> None: ...

    with pytest.raises(TypeError, match="write it with 'async def'"):
        call(Erlen(__name__), Check("check", lambda: coroutine(), GUARD))


class Asynchronous:
    async def __call__(self) -> None: ...

    async def method(self, number: int = 0) -> None: ...


class Plain:
    def __call__(self) -> None: ...


def test_coroutine_functions_are_known_by_whatever_way_they_are_written() -> None:
    for function in (Asynchronous(), Asynchronous().method, functools.partial(Asynchronous().method, 1)):
        assert is_coroutine_function(function)
        call(Erlen(__name__), Check("check", function, GUARD))
    for function in (Plain(), print, Plain, functools.partial(print, end="")):
        assert not is_coroutine_function(function)


def test_a_thread_that_cannot_start_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    run = Runner(Check("check", print, GUARD)).begin(Erlen(__name__))
    run.wait()
    assert run.result().status == "failed"


def test_a_call_that_ended_behind_its_deadline_is_late() -> None:
    run = Run(Check("check", lambda: threading.Event().wait(0.02), 0.001))
    run.start(Erlen(__name__), None)
    while run.seconds is None:
        run.wait()
    assert run.result().status == "late"


def test_the_log_has_each_change_once(caplog: pytest.LogCaptureFixture) -> None:
    app, errors = Erlen("logging"), [None, ValueError("one"), ValueError("two"), None, None, OSError("three")]
    runner = Runner(Check("check", lambda: failing(errors.pop(0))(), GUARD))
    for _ in range(6):
        run = runner.begin(app)
        run.wait()
        with caplog.at_level(logging.DEBUG):
            runner.conclude(app, run)
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [
        ("ERROR", "The health check 'check' failed."),
        ("INFO", "The health check 'check' is ok again."),
        ("ERROR", "The health check 'check' failed."),
    ]
    assert "ValueError: one" in caplog.text
    assert "two" not in caplog.text


def test_those_who_wait_on_a_loop_that_is_closed_meanwhile_are_forgotten() -> None:
    go = threading.Event()
    run = Run(Check("check", lambda: go.wait(GUARD) and None, GUARD))
    run.start(Erlen(__name__), None)

    async def main() -> None:
        waiting = asyncio.ensure_future(run.wait_on_loop())
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(main())
    go.set()
    run.wait()
    assert run.result().status == "ok"
