"""Workers that die, and workers that are asked to end."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.deploy.serve.running import CALM, PLAIN, serving, write

pytestmark = pytest.mark.servers


def test_a_worker_that_dies_is_replaced_at_once_and_the_others_serve_on(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, "--workers", "2") as server:
        first, second = server.workers()
        os.kill(first, signal.SIGKILL)
        server.logged(r"Worker \d \(pid \d+\) died \(by SIGKILL\)")
        assert server.get() == "one"
        server.until(lambda: len(server.workers()) == 2 and first not in server.workers())
        assert second in server.workers()
        server.logged(r"Worker \d \(pid \d+\) serves")
        assert server.told()["deaths"] == 1


def test_each_death_is_followed_by_a_successor_after_growing_pauses(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM) as server:
        for times in (1, 2, 3):
            server.logged(r"\) serves", times - 1) if times > 1 else None
            os.kill(server.until(server.workers)[0], signal.SIGKILL)
            server.logged(r"died \(by SIGKILL\)", times)
        server.logged(r"\) serves", 3)
        assert server.get() == "one"
        assert server.stop() == 0


def test_code_that_does_not_import_any_more_does_not_end_the_server(tmp_path: Path) -> None:
    """The other worker serves; the dead one comes back when the code is mended."""
    with serving(tmp_path, PLAIN, "--workers", "2") as server:
        write(tmp_path, "import nothing_there")
        os.kill(server.workers()[0], signal.SIGKILL)
        server.logged("Worker 1 could not be replaced: .*nothing_there")
        assert {server.get() for _ in range(4)} == {"one"}
        write(tmp_path, PLAIN.replace('"one"', '"two"'))
        server.logged(r"Worker 1 \(pid \d+\) serves")
        server.until(lambda: server.get() == "two")


def test_all_workers_may_die_and_it_serves_again(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, "--workers", "2") as server:
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)
        # Connections wait in the queue of the socket, which the parent keeps open.
        assert server.get() == "one"
        server.until(lambda: len(server.workers()) == 2)


def test_a_worker_that_ends_itself_is_replaced(tmp_path: Path) -> None:
    code = PLAIN + "\n@app.get('/exit')\ndef end(): os._exit(3)\n"
    with serving(tmp_path, code, *CALM) as server:
        assert server.status_of("/exit") is None
        server.logged(r"died \(with status 3\)")
        assert server.get() == "one"


def test_a_worker_that_gets_a_sigterm_is_replaced_without_losing_requests(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM) as server:
        (worker,) = server.workers()
        os.kill(worker, signal.SIGTERM)
        server.logged("is replaced: it was asked to end by a signal")
        server.until(lambda: server.workers() != [worker] and len(server.workers()) == 1)
        assert server.get() == "one"
        assert server.told()["deaths"] == 0


def test_a_signal_to_the_whole_group_stops_it_once(tmp_path: Path) -> None:
    """systemd sends SIGTERM to each process of a unit."""
    with serving(tmp_path, PLAIN, "--workers", "2") as server:
        for pid in [server.process.pid, *server.workers()]:
            os.kill(pid, signal.SIGTERM)
        assert server.process.wait(30) == 0
        assert "is replaced" not in server.log
        assert "died" not in server.log


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_a_terminal_sends_to_all_is_for_the_parent(number: signal.Signals, tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM) as server:
        (worker,) = server.workers()
        os.kill(worker, number)
        assert server.get() == "one"
        assert server.workers() == [worker]


def test_environment_variables_and_options_of_the_interpreter_reach_workers(tmp_path: Path) -> None:
    code = (
        PLAIN
        + "\nimport sys\n@app.get('/x')\ndef x(): return f\"{os.environ['COLOUR']} {sys.flags.utf8_mode}\"\n"
    )
    with serving(tmp_path, code, *CALM, env={"COLOUR": "green", "PYTHONUTF8": "1"}) as server:
        assert server.get("/x") == "green 1"
