"""What the supervisor is told."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from erlen.deploy.serve.notify import Notifier

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract sockets")


class Supervisor:
    """What listens at NOTIFY_SOCKET."""

    def __init__(self, name: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(name)
        self._socket.settimeout(30)

    def hears(self) -> list[str]:
        """Return the lines of the next message."""
        return self._socket.recv(10_000).decode().split("\n")

    def hears_nothing(self) -> bool:
        self._socket.setblocking(False)
        try:
            self._socket.recv(10_000)
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    listening = Supervisor(str(tmp_path / "notify"))
    yield listening
    listening.close()


@pytest.fixture
def notifier(supervisor: Supervisor, tmp_path: Path) -> Notifier:
    return Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "notify")})


# sockets that are not there or do not work


@pytest.mark.parametrize(
    "name",
    [None, "", "@", "/missing/notify", "relative", "vsock:2:1234", "/" + "x" * 300, "@" + "x" * 300, "/a\0b"],
)
def test_without_a_socket_nothing_happens(name: str | None) -> None:
    notifier = Notifier.from_environment({} if name is None else {"NOTIFY_SOCKET": name})
    notifier.ready("serving")
    notifier.reloading()
    notifier.status("x")
    notifier.alive()
    notifier.stopping()


def test_a_file_in_the_place_of_the_socket_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "notify").write_text("kept")
    Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "notify")}).ready()
    assert (tmp_path / "notify").read_text() == "kept"


def test_a_supervisor_that_does_not_read_holds_nobody_up(supervisor: Supervisor, notifier: Notifier) -> None:
    """A full socket would block for ever."""
    for _ in range(10_000):
        notifier.status("x" * 900)
    assert supervisor.hears() == ["STATUS=" + "x" * 900]


def test_a_status_cannot_say_anything_else(supervisor: Supervisor, notifier: Notifier) -> None:
    notifier.status("failed: \nMAINPID=1\r\x00\x1b[2Jend\n")
    assert supervisor.hears() == ["STATUS=failed:  MAINPID=1 [2Jend"]


def test_a_status_that_is_long_or_half_a_character_is_sent(
    supervisor: Supervisor, notifier: Notifier
) -> None:
    notifier.status("\ud800" + "x" * 100_000)
    (line,) = supervisor.hears()
    assert line.startswith("STATUS=?xx")
    assert len(line) < 1100


def test_an_empty_status_is_not_sent(supervisor: Supervisor, notifier: Notifier) -> None:
    notifier.status(" \n")
    assert supervisor.hears_nothing()


# what is said


def test_ready_names_the_process(supervisor: Supervisor, notifier: Notifier) -> None:
    notifier.ready("2 workers")
    assert supervisor.hears() == ["READY=1", f"MAINPID={os.getpid()}", "STATUS=2 workers"]


def test_reloading_has_the_time_that_systemd_compares(supervisor: Supervisor, notifier: Notifier) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    notifier.reloading()
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    first, second = supervisor.hears()
    assert first == "RELOADING=1"
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= after


def test_stopping_is_said_with_what_is_waited_for(supervisor: Supervisor, notifier: Notifier) -> None:
    notifier.stopping("3 requests left")
    assert supervisor.hears() == ["STOPPING=1", "STATUS=3 requests left"]


@linux
def test_an_abstract_socket_is_written_with_an_at_sign() -> None:
    listening = Supervisor(f"\0erlen-test-{os.getpid()}")
    Notifier.from_environment({"NOTIFY_SOCKET": f"@erlen-test-{os.getpid()}"}).alive()
    assert listening.hears() == ["WATCHDOG=1"]
    listening.close()


# the environment


def test_workers_do_not_get_the_socket() -> None:
    variables = {"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "PATH": "/bin"}
    Notifier.from_environment(variables)
    assert variables == {"PATH": "/bin"}


def test_it_is_the_environment_of_this_process(
    monkeypatch: pytest.MonkeyPatch, supervisor: Supervisor
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/s")
    Notifier.from_environment()
    assert "NOTIFY_SOCKET" not in os.environ


@pytest.mark.parametrize(
    "microseconds", ["", "0", "-1", "x", "1.5", "18446744073709551615", "1" * 5000, "٣", " 1"]
)
def test_a_watchdog_without_a_sensible_time_is_off(microseconds: str) -> None:
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": microseconds})
    assert notifier.watchdog_interval is None


@pytest.mark.parametrize(("pid", "interval"), [("own", 15.0), ("", 15.0), ("1", None), ("x", None)])
def test_the_watchdog_of_another_process_is_not_ours(pid: str, interval: float | None) -> None:
    variables = {"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "30000000"}
    variables["WATCHDOG_PID"] = str(os.getpid()) if pid == "own" else pid
    assert Notifier.from_environment(variables).watchdog_interval == interval


def test_without_a_socket_there_is_no_watchdog() -> None:
    assert Notifier.from_environment({"WATCHDOG_USEC": "30000000"}).watchdog_interval is None


# the watchdog


def test_the_watchdog_is_told_again_and_again(supervisor: Supervisor, tmp_path: Path) -> None:
    variables = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000"}
    notifier = Notifier.from_environment(variables)

    async def main() -> list[list[str]]:
        task = asyncio.ensure_future(notifier.keep_alive())
        loop = asyncio.get_running_loop()
        heard = [await loop.run_in_executor(None, supervisor.hears) for _ in range(3)]
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return heard

    assert asyncio.run(main()) == [["WATCHDOG=1"]] * 3


def test_a_server_that_is_not_well_does_not_say_so(supervisor: Supervisor, tmp_path: Path) -> None:
    variables = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000"}
    notifier = Notifier.from_environment(variables)
    asked = 0

    def is_well() -> bool:
        nonlocal asked
        asked += 1
        return False

    async def main() -> None:
        task = asyncio.ensure_future(notifier.keep_alive(is_well))
        while True:
            if asked > 3:
                break
            await asyncio.sleep(0.001)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert supervisor.hears_nothing()


def test_where_nobody_wants_to_know_it_returns_at_once() -> None:
    asyncio.run(asyncio.wait_for(Notifier().keep_alive(), 30))
