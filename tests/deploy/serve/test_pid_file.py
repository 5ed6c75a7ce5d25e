"""The pid file: whose it may be, and whose it is left to."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.deploy.serve import pid_file
from erlen.deploy.serve.errors import PID_FILE, ServeError
from erlen.deploy.serve.pid_file import PidFile, is_alive

PATIENCE = 20.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.pid"


@pytest.fixture
def ended() -> int:
    """The pid of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(PATIENCE)
    return process.pid


def refusal(path: Path) -> str:
    with pytest.raises(ServeError) as caught, PidFile(str(path)):
        pass
    assert caught.value.status == PID_FILE
    assert "\n" not in caught.value.message
    return caught.value.message


def test_the_file_has_the_pid_and_is_gone_in_the_end(path: Path) -> None:
    with PidFile(str(path)):
        assert path.read_text() == f"{os.getpid()}\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        assert list(path.parent.iterdir()) == [path]
    assert list(path.parent.iterdir()) == []


def test_it_is_gone_also_after_an_error_and_after_a_change_of_the_current_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        monkeypatch.chdir("/")
        raise ZeroDivisionError

    monkeypatch.chdir(path.parent)
    with pytest.raises(ZeroDivisionError), PidFile(path.name):
        fail()
    assert not path.exists()


@pytest.mark.parametrize("write", ["{}", "{}\n", " {}\r\n"])
def test_the_file_of_a_process_that_has_ended_is_replaced(write: str, path: Path, ended: int) -> None:
    path.write_text(write.format(ended))
    with PidFile(str(path)):
        assert path.read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", ["", "\n", str(os.getpid())], ids=["empty", "a line", "ours"])
def test_an_empty_file_and_one_with_our_own_pid_are_replaced(content: str, path: Path) -> None:
    """In a container a server often has the pid that it had before."""
    path.write_text(content)
    with PidFile(str(path)):
        assert path.read_text() == f"{os.getpid()}\n"


def test_the_file_of_a_process_that_lives_is_left_to_it(path: Path) -> None:
    program = "print('here', flush=True); input()  # another\nserver"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert read(other) == "here\n"
        path.write_text(f"{other.pid}\n")
        said = refusal(path)
        assert said.startswith(f"The process {other.pid} ({sys.executable}"[:60])
        assert str(path) in said
        assert path.read_text() == f"{other.pid}\n"
        assert other.stdin is not None
        other.stdin.close()


def test_a_process_of_another_user_lives(path: Path) -> None:
    path.write_text("1\n")
    assert "The process 1 (" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [
        b"precious",
        b"0",
        b"-1",
        b"+1",
        b"01",
        b"1.5",
        b"12 13",
        b"12\n13",
        b"2147483648",
        b"9" * 5000,
        b" " * 5000,
        b"1" + b" " * 5000,
        "١".encode(),
        b"\xff\xfe",
        b"1\0",
    ],
)
def test_a_file_that_is_no_pid_file_is_left_alone(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    assert "is no pid file. It was left alone" in refusal(path)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def link(path: Path) -> None:
    path.symlink_to("elsewhere")


def link_to_pid_file(path: Path) -> None:
    path.with_name("target").touch()
    path.symlink_to("target")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, link, link_to_pid_file])
def test_what_is_no_file_is_left_alone(make: Callable[[Path], None], path: Path) -> None:
    make(path)
    before = path.lstat()
    assert "left alone" in refusal(path)
    assert path.lstat() == before


def test_a_folder_that_does_not_exist_is_an_error(path: Path) -> None:
    assert "does not exist" in refusal(path / "shop.pid")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_a_name_that_no_file_can_have_is_an_error(name: str, tmp_path: Path) -> None:
    assert "Cannot write the pid file" in refusal(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_an_error_and_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "No space left on device" in refusal(path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("content", ["1\n", "precious", f"{os.getpid()}\n"], ids=["1", "other", "ours"])
def test_a_file_that_has_become_anothers_is_not_removed(content: str, path: Path) -> None:
    with PidFile(str(path)):
        other = path.with_name("other")
        other.write_text(content)
        other.replace(path)
    assert path.read_text() == content


def test_a_file_that_another_process_has_written_to_is_not_removed(path: Path) -> None:
    with PidFile(str(path)):
        path.write_text("1\n")
    assert path.read_text() == "1\n"


def test_a_file_that_is_gone_is_no_error(path: Path) -> None:
    with PidFile(str(path)):
        path.unlink()
    assert not path.exists()


@pytest.mark.slow
def test_a_forked_child_leaves_the_file_to_its_parent(path: Path) -> None:
    program = f"""
import os, sys
from erlen.deploy.serve.pid_file import PidFile
with PidFile({str(path)!r}):
    if (child := os.fork()) == 0:
        sys.exit()
    os.waitpid(child, 0)
    print(os.path.exists({str(path)!r}))
"""
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "True\n"


@pytest.mark.slow
def test_of_servers_that_start_at_once_one_gets_the_file(path: Path, ended: int) -> None:
    path.write_text(f"{ended}\n")
    program = f"""
import sys
from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.pid_file import PidFile
print("here", flush=True); input()
try:
    with PidFile({str(path)!r}):
        print("got it", flush=True); input()
except ServeError:
    print("refused", flush=True)
"""
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    try:
        assert [read(server) for server in servers] == ["here\n"] * 4
        for server in servers:
            assert server.stdin is not None
            server.stdin.write("go\n")
            server.stdin.flush()
        assert sorted(read(server) for server in servers) == ["got it\n", *["refused\n"] * 3]
    finally:
        for server in servers:
            server.communicate("\n\n", PATIENCE)
    assert not path.exists()


def read(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return server.stdout.readline()


def test_a_process_that_has_ended_and_was_not_waited_for_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    deadline = time.monotonic() + PATIENCE
    try:
        while is_alive(process.pid):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.wait(PATIENCE)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have numbers like processes on Linux")
def test_a_thread_is_no_process() -> None:
    ids: list[int] = []
    end = threading.Event()

    def run() -> None:
        ids.append(threading.get_native_id())
        end.wait(PATIENCE)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while not ids:
            time.sleep(0.001)
        os.kill(ids[0], 0)
        assert not is_alive(ids[0])
    finally:
        end.set()
        thread.join(PATIENCE)


def test_where_processes_of_others_are_hidden_they_live(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no")

    def hidden(*_: object, **__: object) -> str:
        raise FileNotFoundError(2, "no")

    monkeypatch.setattr(os, "kill", refuse)
    monkeypatch.setattr(Path, "read_text", hidden)
    monkeypatch.setattr(Path, "read_bytes", hidden)
    assert is_alive(4_000_000)
    assert pid_file._name_of(4_000_000) == ""
