"""Where coroutines run: one loop per process; under gevent in a thread of the system; not under eventlet.

gevent and eventlet patch a whole process, so each of those tests runs a script in one of its own.
"""

from __future__ import annotations

import asyncio
import textwrap
import threading

import pytest

from erlen.concurrency.from_thread import run_on_loop
from erlen.concurrency.loops import Portal, portal_to, process_loop
from tests.concurrency.programs import ENDS, IMPORTS, told_by

# without gevent


def test_the_loop_of_the_process_runs_on_a_thread_of_its_own() -> None:
    async def thread() -> str:
        return threading.current_thread().name

    assert run_on_loop(thread)() == "erlen-loop"


def test_the_portal_to_the_loop_of_the_process_is_known() -> None:
    assert portal_to(process_loop().loop) is process_loop()


def test_another_loop_has_a_portal_too() -> None:
    loop = asyncio.new_event_loop()
    try:
        portal = portal_to(loop)
    finally:
        loop.close()
    assert type(portal) is Portal
    assert portal.loop is loop


def test_without_gevent_nothing_of_it_is_imported() -> None:
    lines = told_by(
        IMPORTS + "print(type(process_loop()).__name__, [name for name in sys.modules if 'gevent' in name])"
    )
    assert lines == ["ProcessLoop []"]


@pytest.mark.slow
def test_gevent_that_has_patched_nothing_changes_nothing() -> None:
    pytest.importorskip("gevent", reason="gevent is not installed")
    lines = told_by("import gevent.monkey\n" + IMPORTS + "print(type(process_loop()).__name__)")
    assert lines == ["ProcessLoop"]


# one that ends, and one that does not


@pytest.mark.slow
@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_a_task_that_exits_does_not_end_the_loop_for_those_who_wait(kind: type[BaseException]) -> None:
    """A task of its own: nobody waits for it, so that nobody else hears of it."""
    lines = told_by(
        IMPORTS
        + textwrap.dedent(
            f"""
            async def begin():
                async def leave():
                    raise {kind.__name__}

                task = asyncio.create_task(leave())
                await asyncio.wait([task])
                return type(task.exception()).__name__

            before = process_loop()
            print(run_on_loop(begin)(), process_loop() is before)
            """
        )
    )
    assert lines == [f"{kind.__name__} True"]


def test_a_loop_that_somebody_stops_goes_on() -> None:
    lines = told_by(
        IMPORTS
        + textwrap.dedent(
            """
            async def stop():
                asyncio.get_running_loop().stop()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                return "went on"

            print(run_on_loop(stop)())
            """
        )
    )
    assert lines == ["went on"]


def test_when_the_thread_of_a_loop_ends_callers_get_an_error_and_the_next_one_another_loop() -> None:
    lines = told_by(IMPORTS + ENDS)
    assert lines == ["The event loop of this process has ended, and ", "works"]


def test_a_loop_that_cannot_start_is_an_error_for_the_caller() -> None:
    """As in a second interpreter of one process, before Python 3.12."""
    script = """
    class CannotStart(asyncio.SelectorEventLoop):
        def run_forever(self):
            raise RuntimeError("Cannot run the event loop while another loop is running")

    threading.excepthook = lambda args: None
    asyncio.new_event_loop = CannotStart

    async def never():
        raise AssertionError

    for _ in range(3):
        try:
            run_on_loop(never)()
        except RuntimeError as error:
            print(str(error)[:46])
    """
    lines = told_by(IMPORTS + textwrap.dedent(script))
    assert lines == ["The event loop of this process has ended, and "] * 3


# under eventlet


EVENTLET = """
import eventlet
eventlet.monkey_patch()
from erlen import Erlen

app = Erlen(__name__)
app.testing = True

@app.get("/plain")
def plain():
    return "plain"

@app.get("/coroutine")
async def coroutine():
    return "coroutine"

print(app.test_client().get("/plain").text)
try:
    app.test_client().get("/coroutine")
except RuntimeError as error:
    print(error)
"""


@pytest.mark.slow
def test_under_eventlet_a_coroutine_view_says_what_to_use_instead() -> None:
    pytest.importorskip("eventlet", reason="eventlet is not installed")
    lines = told_by(EVENTLET)
    assert lines == [
        "plain",
        "Coroutine functions do not run under eventlet, which has replaced the threads and sockets that an"
        " event loop needs. Serve the application by gunicorn's worker class 'gthread' or 'gevent', or by an"
        " ASGI server.",
    ]
