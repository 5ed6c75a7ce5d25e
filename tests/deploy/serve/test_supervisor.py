"""Starting, reloading and stopping, by real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from erlen.deploy.serve.notify import Notifier
from erlen.deploy.serve.settings import Settings
from erlen.deploy.serve.supervisor import Supervisor
from tests.deploy.serve.running import (
    CALM,
    COROUTINES,
    PATIENCE,
    PLAIN,
    REFUSED,
    Serving,
    failing,
    serving,
    write,
)
from tests.ports import free_port

pytestmark = pytest.mark.servers

BOTH = pytest.mark.parametrize("code", [PLAIN, COROUTINES], ids=["wsgi", "asgi"])


def changed(code: str, to: str) -> str:
    return code.replace('"one"', f'"{to}"')


@BOTH
def test_a_reload_brings_new_code(code: str, tmp_path: Path) -> None:
    with serving(tmp_path, code, "--workers", "2") as server:
        before = server.workers()
        assert server.get() == "one"
        write(tmp_path, changed(code, "two"))
        server.send(signal.SIGHUP)
        server.logged("Reloaded: 2 workers serve")
        assert {server.get() for _ in range(8)} == {"two"}
        server.until(lambda: len(server.workers()) == 2)
        assert not set(before) & set(server.workers())
        assert server.stop() == 0
        assert "Stopped; 0 requests were cut off" in server.log


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("app = 1 / 0", "ZeroDivisionError"),
        ("raise SystemExit('no')", "SystemExit: no"),
        ("x = 1", "Failed to find|no application|application"),
        (PLAIN + REFUSED, r"cannot be served: TypeError: The view 'pid' \(/pid\) is refused: change it."),
    ],
)
def test_a_reload_to_broken_code_keeps_the_old_workers(broken: str, says: str, tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM) as server:
        before = server.workers()
        write(tmp_path, broken)
        server.send(signal.SIGHUP)
        server.logged("The reload failed, and the workers that were serving go on: .*")
        server.logged(says)
        assert server.get() == "one"
        assert server.workers() == before
        write(tmp_path, changed(PLAIN, "three"))
        server.send(signal.SIGHUP)
        server.logged("Reloaded")
        assert server.get() == "three"


def test_a_second_reload_starts_over_after_the_first(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM) as server:
        write(tmp_path, "import time; time.sleep(1)\n" + changed(PLAIN, "two"))
        server.send(signal.SIGHUP)
        server.logged("Reloading")
        server.until(lambda: len(server.workers()) == 2)
        server.send(signal.SIGHUP)
        server.send(signal.SIGHUP)
        server.logged("Reloaded", times=2)
        assert server.get() == "two"
        assert server.stop() == 0
        assert server.log.count("Reloading") == 2


def test_a_release_behind_a_link_is_looked_up_at_each_reload(tmp_path: Path) -> None:
    for release in ("one", "two"):
        (tmp_path / release).mkdir()
        write(tmp_path / release, changed(PLAIN, release))
    link = tmp_path / "current"
    link.symlink_to("one")
    with serving(tmp_path, "", *CALM, "--chdir", str(link)) as server:
        assert server.get() == "one"
        link.unlink()
        link.symlink_to("two")
        server.send(signal.SIGHUP)
        server.logged("Reloaded")
        assert server.get() == "two"


def test_the_folder_of_the_shell_is_kept_as_the_shell_went_there(tmp_path: Path) -> None:
    for release in ("one", "two"):
        (tmp_path / release).mkdir()
        write(tmp_path / release, changed(PLAIN, release))
    link = tmp_path / "current"
    link.symlink_to("one")
    with serving(link, PLAIN, *CALM, env={"PWD": str(link)}) as server:
        assert server.get() == "one"
        link.unlink()
        link.symlink_to("two")
        server.send(signal.SIGHUP)
        server.logged("Reloaded")
        assert server.get() == "two"


@BOTH
def test_requests_that_are_under_way_finish_when_it_stops(code: str, tmp_path: Path) -> None:
    with serving(tmp_path, code, *CALM) as server:
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(server.get("/sleep/1.5")))
        asking.start()
        server.until(lambda: server.under_way() == 1)
        assert server.stop() == 0
        asking.join(20)
        assert answers == ["slept"]
        with pytest.raises(ConnectionRefusedError):
            server.get()


@BOTH
def test_what_does_not_finish_is_cut_off_at_the_end_of_the_grace_and_counted(
    code: str, tmp_path: Path
) -> None:
    with serving(tmp_path, code, *CALM, "--grace", "1") as server:
        answers: list[object] = []
        asking = threading.Thread(target=lambda: answers.append(server.status_of("/sleep/50.0")))
        asking.start()
        server.until(lambda: server.under_way() == 1)
        assert server.stop() == 0
        asking.join(20)
        assert answers in ([None], [500])
        assert "1 request of Worker 1" in server.log
        assert "GET /sleep/50.0" in server.log
        assert "1 requests were cut off" in server.log


@BOTH
def test_while_it_drains_it_is_not_ready_and_serves_on(code: str, tmp_path: Path) -> None:
    code += "\nfrom erlen.deploy import health\nhealth.init_app(app)\n"
    with serving(tmp_path, code, *CALM, "--drain", "2") as server:
        assert server.status_of("/readyz") == 200
        server.send(signal.SIGTERM)
        server.until(lambda: server.status_of("/readyz") == 503)
        assert server.told()["state"] == "draining"
        assert server.get() == "one"
        assert server.status_of("/livez") == 200
        assert server.stop() == 0


def test_a_second_interrupt_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM) as server:
        asking = threading.Thread(target=lambda: server.status_of("/sleep/40.0"))
        asking.start()
        server.until(lambda: server.under_way() == 1)
        server.send(signal.SIGINT)
        server.logged("Stopping: requests have")
        server.send(signal.SIGINT)
        assert server.process.wait(10) == 0
        assert "Stopping at once" in server.log
        asking.join(10)


class Stuck:
    """A listener whose queue is never empty, and a slot whose worker answers for ever."""

    is_unix = False
    is_adopted = False
    cut_off = 1

    def __init__(self) -> None:
        self.socket = socket.socket()
        self.worker: Any = self
        self.waits = asyncio.Event()

    async def close_gently(self, seconds: float) -> None:
        try:
            self.waits.set()
            await asyncio.Event().wait()
        finally:
            self.close()

    def close(self) -> None:
        self.socket.close()

    def kill(self) -> None: ...

    async def end(self, grace: float) -> None: ...


def test_a_second_interrupt_waits_for_no_queue_to_be_emptied(caplog: pytest.LogCaptureFixture) -> None:
    async def interrupt_twice() -> None:
        listener: Any = Stuck()
        supervisor = Supervisor(Settings("shop"), [listener], Notifier())
        supervisor.slots = [listener]
        supervisor._interrupt()
        ending = asyncio.create_task(supervisor._end())
        await listener.waits.wait()
        supervisor._interrupt()
        await ending
        assert listener.socket.fileno() == -1

    with caplog.at_level("INFO", "erlen.serve"):
        asyncio.run(asyncio.wait_for(interrupt_twice(), 50))
    assert "Stopping at once." in caplog.text


SLOW_TO_SAY_THAT_IT_IS_READY = """
import gc, pathlib, time
from flask import Flask
app = Flask(__name__)

def collect():
    pathlib.Path("listens").touch()
    while not pathlib.Path("go").exists():
        time.sleep(0.01)
gc.collect = collect

@app.get("/")
def wait():
    while not pathlib.Path("go").exists():
        time.sleep(0.01)
    return "answered"
"""


@pytest.mark.parametrize("when", ["start", "reload", "death"])
@BOTH
def test_a_worker_that_takes_requests_before_its_parent_knows_loses_none_at_the_stop(
    code: str, when: str, tmp_path: Path
) -> None:
    """Between its first connection and its message there is some work, and a signal may come meanwhile."""
    port = free_port()
    slow = SLOW_TO_SAY_THAT_IT_IS_READY
    slow = slow if code == PLAIN else slow.replace("def wait():", "async def wait():")
    write(tmp_path, slow if when == "start" else code)
    server = Serving(tmp_path, *CALM, "--port", str(port))
    try:
        if when != "start":
            (worker,) = server.wait_until_ready().workers()
            write(tmp_path, slow)
            server.send(signal.SIGHUP) if when == "reload" else os.kill(worker, signal.SIGKILL)
        answers: list[str] = []
        server.until((tmp_path / "listens").exists)
        while True:  # the one before still takes connections at a reload
            asking = threading.Thread(target=lambda: answers.append(ask(port)))
            asking.start()
            asking.join(0.5)
            if asking.is_alive():
                break
        assert set(answers) <= {"one"}
        answers.clear()
        server.send(signal.SIGTERM)
        time.sleep(0.5)
        assert not answers
        (tmp_path / "go").touch()
        assert server.process.wait(PATIENCE) == 0
        asking.join(PATIENCE)
        assert answers == ["answered"]
        assert "Stopped; 0 requests were cut off" in server.log
    finally:
        server.process.kill()


def ask(port: int) -> str:
    """Return the page, or how the connection ended."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
            return text
    except OSError as error:
        return repr(error)


def test_stopping_during_a_reload_ends_the_successor_too(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM) as server:
        write(tmp_path, "import time; time.sleep(30)\n" + PLAIN)
        server.send(signal.SIGHUP)
        server.until(lambda: len(server.workers()) == 2)
        workers = server.workers()
        assert server.stop() == 0
        assert [pid for pid in workers if _is_alive(pid)] == []


def test_a_reload_before_it_is_ready_comes_after_the_start(tmp_path: Path) -> None:
    write(tmp_path, "import time; time.sleep(1.5)\n" + PLAIN)
    server = Serving(tmp_path, *CALM)
    try:
        server.until(server.workers)
        server.send(signal.SIGHUP)
        server.logged("Reloaded")
        assert server.get() == "one"
        assert server.stop() == 0
    finally:
        server.process.kill()


def test_workers_end_by_themselves_when_their_parent_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, "--workers", "2", "--grace", "1") as server:
        workers = server.workers()
        server.send(signal.SIGKILL)
        server.process.wait()
        server.until(lambda: not any(map(_is_alive, workers)))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended and whose parent has died may wait for its new parent.
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.parametrize(
    ("code", "words", "status", "says"),
    [
        ("import nothing_there", (), 3, "cannot be imported: ModuleNotFoundError: No module named"),
        ("def create_app(): raise OSError('no disk')", (), 3, "OSError: no disk"),
        ("from flask import Flask\napp = Flask('x')\napp.debug = True", (), 3, "Debug mode is on"),
        ("import time; time.sleep(60)", ("--start-timeout", "1"), 7, "did not start within 1 seconds"),
        ("import os; os._exit(5)", (), 3, "ended with status 5 before it served"),
        *(
            (
                code + REFUSED,
                (),
                3,
                "cannot be served: TypeError: The view 'pid' (/pid) is refused: change it.",
            )
            for code in (PLAIN, COROUTINES)
        ),
        (
            PLAIN + "\n@app.before_serving\ndef fail(): raise RuntimeError('no pool')\n",
            (),
            3,
            "RuntimeError: no pool",
        ),
        (
            COROUTINES + "\n@app.before_serving\nasync def fail(): raise RuntimeError('no pool')\n",
            (),
            3,
            "RuntimeError: no pool",
        ),
        (
            PLAIN + "\n@app.before_serving\ndef hang(): time.sleep(60)\n",
            ("--start-timeout", "1"),
            7,
            "did not start within 1 seconds",
        ),
        (
            COROUTINES + "\n@app.before_serving\nasync def hang(): await asyncio.sleep(60)\n",
            ("--start-timeout", "1"),
            7,
            "did not start within 1 seconds",
        ),
    ],
)
def test_an_application_that_does_not_start_is_one_line_and_a_status(
    code: str, words: tuple[str, ...], status: int, says: str, tmp_path: Path
) -> None:
    write(tmp_path, code)
    found, log = failing(tmp_path, *CALM, *words)
    last = log.strip().splitlines()[-1]
    assert (found, last.startswith("erlen serve: "), says in last) == (status, True, True), log
