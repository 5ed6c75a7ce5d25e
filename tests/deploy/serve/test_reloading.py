"""What `erlen serve --reload` does, with a process that answers like the parent of a server."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from erlen.deploy.serve import reloading
from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.reloading import reload

SUPERVISOR = Path(__file__).with_name("supervisor.py")
PATIENCE = 60

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract sockets")


class Server:
    """The process, and where it is found."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        assert process.stdout is not None
        self.process = process
        self.output = process.stdout
        self.address = self.output.readline().strip()
        assert self.address, "The process has ended."
        self.pid_file = folder / "erlen.pid"
        self.pid_file.write_text(f"{process.pid}\n")

    def stop(self) -> int:
        """End the process; return how many signals it got for a reload."""
        self.process.kill()
        printed = self.output.read()
        self.process.wait()
        return printed.count("HUP\n")


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, str(SUPERVISOR), *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        yield Server(process, folder)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def another_program() -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that a SIGHUP ends."""
    process = subprocess.Popen(["sleep", "300"])
    try:
        yield process
        assert process.poll() is None, "A signal was sent to a program that is no server."
    finally:
        process.kill()
        process.wait()


def refused(**options: str | Path | float | None) -> tuple[int, str]:
    """Return the exit status and the line of a reload that is not done."""
    with pytest.raises(ServeError) as error:
        reload(**options)  # type: ignore[arg-type]
    assert "\n" not in error.value.message
    return error.value.status, error.value.message


# no such server


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "x",
        "-1",
        "0",
        "1",
        "-5",
        "12 34",
        "0x10",
        "１２",
        "1e3",
        "99999999999",
        "2147483648",
        "12\0",
        "9" * 1_000_000,
    ],
)
def test_a_file_without_a_process_id_is_no_pid_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "pid").write_text(text)
    status, message = refused(pid_file=tmp_path / "pid")
    assert status == 9
    assert message.endswith("is no pid file: there is no process id in it.")


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_file_is_no_pid_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "pid"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    assert refused(pid_file=path)[0] == 9


def test_without_a_pid_file_there_is_no_server(tmp_path: Path) -> None:
    status, message = refused(pid_file=tmp_path / "missing\x1b[2J")
    assert status == 9
    assert message == rf"No server is known: {tmp_path}/missing\x1b[2J: No such file or directory."


def test_a_process_that_has_ended_is_no_server(tmp_path: Path) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    (tmp_path / "pid").write_text(str(process.pid))
    assert refused(pid_file=tmp_path / "pid") == (
        9,
        f"There is no process {process.pid}; the server has ended.",
    )


def test_another_program_gets_no_signal(tmp_path: Path) -> None:
    with another_program() as program:
        (tmp_path / "pid").write_text(str(program.pid))
        status, message = refused(pid_file=tmp_path / "pid")
        assert status == 9
        assert message.startswith(
            f"Process {program.pid} is not known to be an `erlen serve`: nothing answers"
        )


def answer_once(listening: socket.socket, answer: bytes) -> None:
    def run() -> None:
        # Who looks at the name alone is gone before.
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

    threading.Thread(target=run, daemon=True).start()


def plausible(pid: int) -> bytes:
    told = {
        "pid": pid,
        "state": "serving",
        "started": 1.0,
        "generation": 1,
        "workers": [],
        "reloads": {"done": 0, "failed": 0, "last_error": None, "last_finished": None},
        "longest_reload": None,
    }
    return b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(told).encode()


def test_a_program_whose_name_another_has_taken_gets_no_signal(tmp_path: Path) -> None:
    """Anybody may listen at the name that belongs to a process; the system says who it is."""
    with another_program() as program, socket.socket(socket.AF_UNIX) as squatter:
        squatter.bind(f"\0erlen-serve-{program.pid}")
        squatter.listen()
        (tmp_path / "pid").write_text(str(program.pid))
        answer_once(squatter, plausible(program.pid))
        status, message = refused(pid_file=tmp_path / "pid")
        assert status == 9
        assert message.endswith("another process answers in its place.")


def test_a_program_that_a_port_names_gets_no_signal() -> None:
    with another_program() as program, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        answer_once(listening, plausible(program.pid))
        status, message = refused(address=f"127.0.0.1:{listening.getsockname()[1]}")
        assert status == 9
        assert message.startswith(
            f"Process {program.pid} is not known to be an `erlen serve`: nothing answers"
        )


@pytest.mark.parametrize("pid", [1, 0, -1, -(2**40)])
def test_a_port_that_names_all_processes_is_not_believed(pid: int) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        answer_once(listening, plausible(pid))
        assert refused(address=f"127.0.0.1:{listening.getsockname()[1]}")[0] == 9


def test_a_port_where_nobody_listens_is_no_server() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        status, message = refused(address=str(port))
    assert status == 9
    assert message.endswith("nothing answers (Connection refused).")


@pytest.mark.parametrize("options", [{}, {"address": "example.org"}])
def test_a_server_that_is_not_named_is_a_mistake_in_the_command(options: dict[str, str]) -> None:
    assert refused(**options)[0] == 2


# the outcome


@pytest.mark.servers
@pytest.mark.parametrize(
    ("arguments", "signals"),
    [
        (("serving", "3", "done"), 1),
        (("starting", "3", "done"), 1),
        # One that began before may have read the old code: its outcome is not ours.
        (("reloading", "3", "failed", "done"), 1),
        (("reloading", "3", "done", "done"), 1),
    ],
)
def test_a_reload_that_is_done_is_said_to_be(
    tmp_path: Path, arguments: tuple[str, ...], signals: int
) -> None:
    with serving(tmp_path, *arguments) as server:
        line = reload(pid_file=server.pid_file, deadline=PATIENCE)
        assert re.fullmatch(
            rf"The new code serves: 2 workers, process {server.process.pid}, after \d+\.\d s\.", line
        )
        assert server.stop() == signals


@pytest.mark.servers
@pytest.mark.parametrize(
    "arguments",
    [("serving", "3", "failed"), ("reloading", "3", "done", "failed"), ("starting", "2", "failed")],
)
def test_a_reload_that_failed_is_said_to_have_failed(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with serving(tmp_path, *arguments) as server:
        assert refused(pid_file=server.pid_file, deadline=PATIENCE) == (
            8,
            r"The reload failed, the old code serves on: ImportError: no \x1b[2Jshop",
        )
        assert server.stop() == 1


@pytest.mark.servers
def test_a_server_is_found_by_its_status_address(tmp_path: Path) -> None:
    with serving(tmp_path, "serving", "3", "done", "failed") as server:
        assert reload(address=server.address, deadline=PATIENCE).startswith("The new code serves: ")
        assert refused(address=server.address, pid_file=server.pid_file, deadline=PATIENCE)[0] == 8


@pytest.mark.servers
def test_a_pid_file_and_an_address_have_to_mean_one_server(tmp_path: Path) -> None:
    with serving(tmp_path, "serving", "3", "done") as server:
        server.pid_file.write_text(str(os.getpid()))
        status, message = refused(address=server.address, pid_file=server.pid_file)
        assert status == 9
        assert message.startswith(f"The pid file says {os.getpid()}, and the server at {server.address} is ")
        assert server.stop() == 0


@pytest.mark.servers
def test_a_server_that_ends_meanwhile_does_not_serve_the_new_code(tmp_path: Path) -> None:
    with serving(tmp_path, "serving", "3", "ended") as server:
        status, message = refused(pid_file=server.pid_file, deadline=PATIENCE)
        assert status == 8
        assert message == f"The server (process {server.process.pid}) has ended meanwhile; its log says why."


@pytest.mark.servers
def test_a_server_that_is_told_to_stop_meanwhile_does_not_either(tmp_path: Path) -> None:
    with serving(tmp_path, "serving", "3", "stopping") as server:
        status, message = refused(pid_file=server.pid_file, deadline=PATIENCE)
        assert status == 8
        assert message.endswith("was told to stop meanwhile.")


@pytest.mark.servers
@pytest.mark.parametrize("state", ["draining", "stopping"])
def test_a_server_that_stops_is_not_told_to_reload(tmp_path: Path, state: str) -> None:
    with serving(tmp_path, state, "3") as server:
        status, message = refused(pid_file=server.pid_file, deadline=PATIENCE)
        assert status == 9
        assert f" is {state}; " in message
        assert server.stop() == 0


@pytest.mark.servers
@pytest.mark.parametrize(("state", "signals"), [("serving", 1), ("starting", 0)])
def test_a_reload_that_does_not_end_is_not_waited_for(tmp_path: Path, state: str, signals: int) -> None:
    with serving(tmp_path, state, "1000000") as server:
        status, message = refused(pid_file=server.pid_file, deadline=0.5)
        assert status == 7
        assert re.search(r" is still (starting|reloading); ", message)
        assert server.stop() == signals


@pytest.mark.servers
def test_an_old_kernel_is_sent_the_signal_the_old_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    with serving(tmp_path, "serving", "3", "done", "ended") as server:
        reload(pid_file=server.pid_file, deadline=PATIENCE)
        threading.Thread(target=server.process.wait, daemon=True).start()
        assert refused(pid_file=server.pid_file, deadline=PATIENCE)[0] == 8


def test_the_deadline_is_what_the_server_says_or_grows_with_its_workers() -> None:
    told = reloading.Told(2, "serving", 1.0, 1, 3, 0, None, None)
    assert reloading.usual_deadline(told) == 3 * reloading.USUAL_DEADLINE
    twice = reloading.Told(2, "reloading", 1.0, 1, 3, 0, None, 20.0)
    assert reloading.usual_deadline(twice) == 40
