"""Workers that are stuck, and those that are due to be replaced."""

from __future__ import annotations

import contextlib
import signal
import threading
from pathlib import Path

import pytest

from tests.deploy.serve.running import CALM, COROUTINES, PLAIN, Serving, serving

pytestmark = pytest.mark.servers

STUCK = """
@app.get("/stuck")
def stuck():
    print("It is stuck now.", flush=True)
    for _ in range(600): time.sleep(0.1)
    return "late"
"""


def ask(server: Serving, path: str, times: int = 1) -> None:
    """Ask, and do not wait for answers."""
    for _ in range(times):
        threading.Thread(target=server.status_of, args=[path], daemon=True).start()


@pytest.mark.parametrize("code", [PLAIN, COROUTINES], ids=["wsgi", "asgi"])
def test_a_worker_whose_threads_are_all_stuck_is_replaced_and_their_stacks_are_logged(
    code: str, tmp_path: Path
) -> None:
    words = ("--workers", "1", "--threads", "2", "--request-timeout", "2", "--grace", "1")
    with serving(
        tmp_path, code.replace("asyncio, os, time", "asyncio, os, time") + "\nimport time\n" + STUCK, *words
    ) as server:
        before = server.workers()
        ask(server, "/stuck", 2)
        server.logged("GET /stuck HTTP/1.1 has been under way for")
        assert server.log.count("in stuck") >= 2
        server.until(lambda: server.workers() and not set(before) & set(server.workers()))
        assert server.get() == "one"


def test_a_worker_whose_interpreter_is_held_is_replaced_too(tmp_path: Path) -> None:
    """A call of C code that keeps the lock: no thread of the worker can say anything."""
    code = PLAIN + "\nimport ctypes\n@app.get('/held')\ndef held(): ctypes.PyDLL(None).sleep(100)\n"
    with serving(tmp_path, code, *CALM, "--request-timeout", "1", "--grace", "1") as server:
        before = server.workers()
        ask(server, "/held")
        server.logged("it has not answered its parent for 1 seconds")
        server.logged("in held")
        server.logged("does not answer its parent, and is killed")
        server.until(lambda: server.workers() and not set(before) & set(server.workers()))
        assert server.get() == "one"


def test_a_stream_may_be_older_than_the_limit(tmp_path: Path) -> None:
    code = (
        PLAIN
        + """
@app.get("/stream")
def stream():
    def pieces():
        for _ in range(30):
            time.sleep(0.1)
            yield "x"
    return pieces()
"""
    )
    with serving(tmp_path, code, *CALM, "--request-timeout", "1") as server:
        assert server.get("/stream") == "x" * 30
        assert "replaced" not in server.log


def test_a_worker_is_replaced_after_so_many_requests_and_none_is_lost(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM, "--max-requests", "20") as server:
        before = server.workers()
        for _ in range(30):
            assert server.get() == "one"
        server.logged(r"is replaced: it has answered \d+ requests")
        for _ in range(30):
            assert server.get() == "one"
        server.until(lambda: server.workers() and not set(before) & set(server.workers()))
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--max-lifetime", "1"), "it has lived for"),
        (("--max-memory", "1M"), r"it uses \d+ MiB of memory"),
    ],
)
def test_a_worker_is_replaced_by_its_age_and_its_memory(
    words: tuple[str, str], why: str, tmp_path: Path
) -> None:
    with serving(tmp_path, PLAIN, *CALM, *words) as server:
        server.logged(f"is replaced: {why}")
        assert server.get() == "one"
        assert server.stop(signal.SIGTERM) == 0


def test_the_stacks_of_all_threads_are_written_at_sigquit(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN + STUCK, *CALM, "--grace", "1") as server:
        ask(server, "/stuck")
        server.logged("It is stuck now")
        server.send(signal.SIGQUIT)
        server.logged("in stuck")
        with contextlib.suppress(AssertionError):
            assert server.get() == "one"
