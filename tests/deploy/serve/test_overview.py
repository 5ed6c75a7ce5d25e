"""What a running server says of itself, and what `erlen serve --reload` says of it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.serve.running import (
    CALM,
    COROUTINES,
    ERLEN,
    PATIENCE,
    PLAIN,
    Serving,
    environment,
    failing,
    serving,
    write,
)

pytestmark = pytest.mark.servers

BOTH = pytest.mark.parametrize("code", [PLAIN, COROUTINES], ids=["wsgi", "asgi"])
PLANTED = "s3cret"
# A call that keeps the interpreter's lock, so that no other thread runs.
STUCK = """
@app.get("/stuck")
def stuck():
    import ctypes
    return str(ctypes.PyDLL(None).sleep(600))
"""


class Watched:
    """A server with a status at a Unix socket in its folder, and a pid file."""

    def __init__(self, server: Serving) -> None:
        self.server = server
        self.pid = server.process.pid

    def ask(self, path: str = "/status") -> bytes:
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        with contextlib.closing(connection):
            connection.sock.settimeout(PATIENCE)
            connection.sock.connect(str(self.server.folder / "status.sock"))
            connection.request("GET", path)
            return connection.getresponse().read()

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.ask())
        return told

    def metrics(self) -> dict[str, float]:
        """Return the sums of all samples of each name."""
        families = text_string_to_metric_families(self.ask("/metrics").decode())
        return {each.name: sum(sample.value for sample in each.samples) for each in families}

    def reload(self, *where: str) -> tuple[int, str]:
        """Return the exit status of `erlen serve --reload`, and what it prints."""
        done = subprocess.run(
            [ERLEN, "serve", "--reload", *(where or ("--pid-file", "erlen.pid"))],
            cwd=self.server.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout


@contextlib.contextmanager
def watched(folder: Path, code: str, *words: str, **options: Any) -> Iterator[Watched]:
    given = ("--status", "unix:status.sock", "--pid-file", "erlen.pid", *words)
    with serving(folder, code, *given, **options) as server:
        yield Watched(server)


def ask_in_vain(server: Watched, path: str) -> None:
    """Send a request that is not answered before the server ends."""

    def run() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            server.server.get(path)

    threading.Thread(target=run, daemon=True).start()


# the status


@BOTH
def test_a_server_says_what_it_serves(code: str, tmp_path: Path) -> None:
    with watched(tmp_path, code, "--workers", "2") as server:
        told = server.status()
        assert (told["pid"], told["state"], told["generation"], told["deaths"]) == (
            server.pid,
            "serving",
            1,
            0,
        )
        assert told["interface"] == ("asgi" if code is COROUTINES else "wsgi")
        assert told["app"] == "shop"
        assert told["addresses"] == [f"http://127.0.0.1:{server.server.port}"]
        assert sorted(each["pid"] for each in told["workers"]) == sorted(server.server.workers())
        assert [each["slot"] for each in told["workers"]] == [1, 2]
        assert all(each["state"] == "ready" and each["answers"] for each in told["workers"])
        assert all(each["memory"] > 5_000_000 for each in told["workers"])


@BOTH
def test_requests_are_counted_and_the_oldest_is_named_without_its_query(code: str, tmp_path: Path) -> None:
    with watched(tmp_path, code, *CALM) as server:
        for _ in range(5):
            server.server.get(f"/?token={PLANTED}")
        ask_in_vain(server, f"/sleep/600.0?token={PLANTED}")
        server.server.until(lambda: server.status()["workers"][0]["under_way"])
        (worker,) = server.status()["workers"]
        assert worker["requests"] == 6
        assert worker["oldest_request"]["line"].startswith("GET /sleep/600.0")
        assert worker["oldest_request"]["seconds"] >= 0
        assert server.metrics()["erlen_requests"] == 6
        assert PLANTED.encode() not in server.ask() + server.ask("/metrics")


def test_the_status_is_told_while_a_worker_is_stuck(tmp_path: Path) -> None:
    with watched(tmp_path, PLAIN + STUCK, *CALM) as server:
        server.server.get()
        ask_in_vain(server, "/stuck")
        server.server.until(lambda: not server.status()["workers"][0]["answers"])
        (worker,) = server.status()["workers"]
        assert worker["memory"] > 5_000_000
        assert worker["requests"] >= 0
        assert server.metrics()["erlen_worker_answers"] == 0


def test_a_dead_worker_is_counted_with_its_requests(tmp_path: Path) -> None:
    with watched(tmp_path, PLAIN, *CALM) as server:
        for _ in range(4):
            server.server.get()
        assert server.status()["workers"][0]["requests"] == 4
        (before,) = server.server.workers()
        os.kill(before, signal.SIGKILL)
        server.server.logged(r"Worker 1 \(pid \d+\) serves")
        told = server.status()
        assert (told["deaths"], told["earlier_requests"]) == (1, 4)
        assert told["workers"][0]["pid"] != before
        assert server.metrics()["erlen_worker_deaths"] == 1
        assert server.metrics()["erlen_requests"] == 4


def test_a_status_address_that_is_taken_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, log = failing(tmp_path, *CALM, "--status", str(port))
    assert status == 4
    assert log.startswith(f"erlen serve: The status address 127.0.0.1:{port} is in use; ")
    assert log.count("\n") == 1


def test_nothing_is_left_of_a_status_when_it_stops(tmp_path: Path) -> None:
    with watched(tmp_path, PLAIN, *CALM) as server:
        assert (tmp_path / "status.sock").is_socket()
        assert server.server.stop() == 0
        assert not (tmp_path / "status.sock").exists()
        status, printed = server.reload("--status", "unix:status.sock")
        assert status == 9
        assert printed.startswith(
            "erlen serve: There is no server with the status address unix:status.sock: "
        )


# reloads


@BOTH
def test_a_reload_ends_when_the_new_code_serves(code: str, tmp_path: Path) -> None:
    with watched(tmp_path, code, "--workers", "2") as server:
        write(tmp_path, code.replace('"one"', '"newer"'))
        status, printed = server.reload()
        assert status == 0, printed
        assert re.fullmatch(
            rf"The new code serves: \d workers, process {server.pid}, after \d+\.\d s\.\n", printed
        )
        assert {server.server.get() for _ in range(8)} == {"newer"}
        told = server.status()
        assert (told["state"], told["generation"]) == ("serving", 2)
        reloads = told["reloads"]
        assert (reloads["done"], reloads["failed"], reloads["last_error"]) == (1, 0, None)


@pytest.mark.parametrize("where", [("--pid-file", "erlen.pid"), ("--status", "unix:status.sock")])
def test_a_reload_that_fails_says_why(where: tuple[str, ...], tmp_path: Path) -> None:
    with watched(tmp_path, PLAIN, *CALM) as server:
        write(tmp_path, "import nothing_of_that_name")
        status, printed = server.reload(*where)
        assert status == 8
        assert printed.startswith("erlen serve: The reload failed, the old code serves on: ")
        assert "nothing_of_that_name" in printed
        assert printed.count("\n") == 1
        assert server.server.get() == "one"
        assert server.metrics()["erlen_last_reload_successful"] == 0
        write(tmp_path, PLAIN.replace('"one"', '"newer"'))
        assert server.reload(*where)[0] == 0
        assert server.metrics()["erlen_last_reload_successful"] == 1
        assert server.status()["reloads"]["failed"] == 1


def test_a_reload_after_a_signal_gets_its_own_outcome(tmp_path: Path) -> None:
    """The first reload has read the broken code; the one that is asked for later reads what is there then."""
    with watched(tmp_path, PLAIN, *CALM) as server:
        write(tmp_path, "import time; print('The old file'); time.sleep(2); import nothing_of_that_name")
        server.server.send(signal.SIGHUP)
        server.server.logged("The old file")
        write(tmp_path, PLAIN.replace('"one"', '"newer"'))
        status, printed = server.reload()
        assert (status, server.server.get()) == (0, "newer"), printed


def test_a_server_that_stops_during_the_reload_does_not_serve_the_new_code(tmp_path: Path) -> None:
    with watched(tmp_path, PLAIN, *CALM) as server:
        write(tmp_path, "import time; time.sleep(600)")
        outcome: list[tuple[int, str]] = []
        asking = threading.Thread(target=lambda: outcome.append(server.reload()))
        asking.start()
        server.server.until(lambda: server.status()["state"] == "reloading")
        assert server.server.stop() == 0
        asking.join(PATIENCE)
        assert outcome[0][0] == 8


# systemd


def test_the_supervisor_is_told_and_workers_do_not_get_its_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify.sock"))
        supervisor.settimeout(PATIENCE)

        def hears(word: str) -> list[str]:
            while word not in (lines := supervisor.recv(10_000).decode().split("\n")):
                pass
            return lines

        code = PLAIN + '\n@app.get("/variables")\ndef variables(): return dict(os.environ)\n'
        variables = {"NOTIFY_SOCKET": str(tmp_path / "notify.sock"), "WATCHDOG_USEC": "1000000"}
        with watched(tmp_path, code, *CALM, env=variables) as server:
            assert f"MAINPID={server.pid}" in hears("READY=1")
            hears("WATCHDOG=1")
            assert not set(variables) & set(json.loads(server.server.get("/variables")))
            server.server.send(signal.SIGHUP)
            hears("RELOADING=1")
            hears("READY=1")
            server.server.send(signal.SIGTERM)
            hears("STOPPING=1")
            # Requests may take long to finish: the watchdog has to be told until then.
            hears("WATCHDOG=1")
            assert server.server.stop() == 0
