"""A thread knows without asyncio whether it runs a loop; handlers that never block may run on one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import typing as t

import pytest
from werkzeug.exceptions import HTTPException

from erlen import Encoded, Erlen, abort, request
from erlen.concurrency import never_blocks, runs_loop
from tests.protocols.web import COROUTINE, PLAIN, Colour


def test_a_thread_runs_a_loop_only_inside_of_it() -> None:
    async def main() -> tuple[bool, bool]:
        return runs_loop(), await asyncio.to_thread(runs_loop)

    assert not runs_loop()
    assert asyncio.run(main()) == (True, False)
    assert not runs_loop()


def test_a_loop_that_another_thread_runs_does_not_count() -> None:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        inside = asyncio.run_coroutine_threadsafe(_runs_loop(), loop).result(10)
        assert (inside, runs_loop()) == (True, False)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _runs_loop() -> bool:
    return runs_loop()


def test_asking_does_not_import_asyncio() -> None:
    script = "import erlen.concurrency as c, sys; print(c.runs_loop(), 'asyncio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


class Problems:
    """A small library: errors are answered by one function, which does not wait for anything."""

    def __init__(self, app: Erlen, declared: bool) -> None:
        self.ran_on: list[tuple[bool, str]] = []

        def problem(error: HTTPException) -> Encoded:
            assert sys.exc_info()[1] is error
            self.ran_on.append((runs_loop(), request.path))
            return Encoded(
                f'{{"status":{error.code}}}'.encode(), "application/problem+json", error.code or 500
            )

        app.register_error_handler(HTTPException, never_blocks(problem) if declared else problem)


class ThroughSeams(Erlen):
    """An application whose errors take the general form."""

    def handle_user_exception(self, e: Exception) -> t.Any:
        return super().handle_user_exception(e)


class OwnSync(Erlen):
    """An application that adapts functions by itself."""

    def ensure_sync(self, func: t.Any) -> t.Any:
        return super().ensure_sync(func)


def refusing(kind: type[Erlen], colour: Colour, declared: bool) -> tuple[Erlen, Problems]:
    app = kind("app", static_folder=None)
    problems = Problems(app, declared)

    def refuse() -> None:
        abort(409)

    app.add_url_rule("/refused", "refuse", colour(refuse))
    return app, problems


@pytest.mark.parametrize("kind", [Erlen, ThroughSeams, OwnSync])
@pytest.mark.parametrize("colour", [PLAIN, COROUTINE], ids=lambda colour: colour.name)
@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
@pytest.mark.parametrize("declared", [False, True], ids=["plain", "never blocks"])
def test_a_handler_that_never_blocks_answers_on_every_path(
    declared: bool, protocol: str, colour: Colour, kind: type[Erlen]
) -> None:
    app, problems = refusing(kind, colour, declared)
    client = app.test_client(protocol=protocol)
    for path, status in (("/refused", 409), ("/nowhere", 404)):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.json == {"status": status}
    assert [path for _, path in problems.ran_on] == ["/refused", "/nowhere"]


@pytest.mark.parametrize(("declared", "on_loop"), [(True, True), (False, False)])
def test_it_runs_on_the_loop_of_a_coroutine_view_and_another_one_does_not(
    declared: bool, on_loop: bool
) -> None:
    app, problems = refusing(Erlen, COROUTINE, declared)
    app.test_client(protocol="asgi").get("/refused")
    assert problems.ran_on == [(on_loop, "/refused")]


def test_what_overrides_the_seam_for_errors_keeps_it_off_the_loop() -> None:
    app, problems = refusing(ThroughSeams, COROUTINE, True)
    app.test_client(protocol="asgi").get("/refused")
    assert problems.ran_on == [(False, "/refused")]
