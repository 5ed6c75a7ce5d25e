"""The status of a running server."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from tests.deploy.serve.running import COROUTINES, PLAIN, serving, write

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(("code", "interface"), [(PLAIN, "wsgi"), (COROUTINES, "asgi")], ids=["wsgi", "asgi"])
def test_it_has_what_the_workers_do(code: str, interface: str, tmp_path: Path) -> None:
    with serving(tmp_path, code, "--workers", "2", "--grace", "1") as server:
        for _ in range(6):
            server.get()
        threading.Thread(target=server.status_of, args=["/sleep/30.0"], daemon=True).start()
        server.until(lambda: server.under_way() == 1)
        told = server.told()
        assert (told["app"], told["interface"], told["state"]) == ("shop", interface, "serving")
        assert told["pid"] == server.process.pid
        assert told["addresses"] == [f"http://127.0.0.1:{server.port}"]
        workers = told["workers"]
        assert sorted(worker["pid"] for worker in workers) == sorted(server.workers())
        assert sum(worker["requests"] for worker in workers) == 7
        assert all(worker["memory"] > 2**20 and worker["answers"] for worker in workers)
        (oldest,) = [worker["oldest_request"] for worker in workers if worker["oldest_request"]]
        assert oldest["line"].startswith("GET /sleep/30.0")
        assert oldest["seconds"] > 0


def test_it_is_told_while_all_threads_are_stuck(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, "--workers", "1", "--threads", "2", "--grace", "1") as server:
        for _ in range(2):
            threading.Thread(target=server.status_of, args=["/sleep/60.0"], daemon=True).start()
        server.until(lambda: server.under_way() == 2)
        assert server.told()["workers"][0]["answers"] is True


def test_it_has_the_reloads(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, "--workers", "1") as server:
        server.get()
        server.send(signal.SIGHUP)
        server.logged("Reloaded")
        write(tmp_path, "import nothing_there")
        server.send(signal.SIGHUP)
        server.logged("The reload failed")
        told = server.until(lambda: (now := server.told())["state"] == "serving" and now)
        assert (told["reloads"]["done"], told["reloads"]["failed"]) == (1, 1)
        assert "nothing_there" in told["reloads"]["last_error"]
        server.until(lambda: server.told()["earlier_requests"] == 1)
