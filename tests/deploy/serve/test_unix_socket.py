"""A Unix socket: what may be replaced, and who may connect."""

from __future__ import annotations

import asyncio
import contextlib
import grp
import os
import select
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from erlen.deploy.serve import errors
from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.folders import alone_in
from erlen.deploy.serve.listening import Listener
from erlen.deploy.serve.unix_socket import listen_unix, parse_mode

PATIENCE = 20.0
is_root = hasattr(os, "geteuid") and os.geteuid() == 0
needs_root = pytest.mark.skipif(not is_root, reason="only root can be another user")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.sock"


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A path in a folder that every user can reach, which pytest's folders are not."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder).resolve() / "shop.sock"


@contextlib.contextmanager
def listening(path: Path | str, **options: object) -> Iterator[Listener]:
    listener = listen_unix(str(path), **options)  # type: ignore[arg-type]
    try:
        yield listener
    finally:
        listener.close()


def refusal(path: Path | str, status: int = errors.ADDRESS, **options: object) -> str:
    with pytest.raises(ServeError) as caught, listening(path, **options):
        pass
    assert caught.value.status == status
    assert "\n" not in caught.value.message
    return caught.value.message


def rights(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def connect(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    try:
        client.connect(str(path))
    except OSError:
        client.close()
        raise
    return client


def leave_behind(path: Path) -> None:
    """Leave the file of a socket that nobody listens on, as a killed server does."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


def test_clients_connect_and_the_file_is_gone_in_the_end(path: Path) -> None:
    with listening(path) as listener:
        assert listener.address == f"unix:{path}"
        assert (listener.is_unix, listener.is_adopted) == (True, False)
        assert os.get_inheritable(listener.socket.fileno())
        connect(path).close()
    assert not path.exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
@pytest.mark.parametrize("mode", [0o660, 0o600, 0o666, 0o777, 0o000])
@pytest.mark.parametrize("group", [None, str(os.getegid())])
def test_the_rights_are_those_that_were_asked_for_whatever_the_umask(
    umask: int, mode: int, group: str | None, path: Path
) -> None:
    before = os.umask(umask)
    try:
        with listening(path, mode=mode, group=group):
            assert rights(path) == mode
            assert os.umask(umask) == umask
    finally:
        os.umask(before)


def test_without_a_mode_owner_and_group_may_connect(path: Path) -> None:
    with listening(path):
        assert rights(path) == 0o660


@pytest.mark.parametrize("group", [None, str(os.getegid())])
def test_the_file_never_has_wider_rights(
    group: str | None, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at before each call that changes it, and when clients can connect."""
    seen: list[int] = []

    def watched(call: Callable[..., object]) -> Callable[..., object]:
        def look(*args: object, **options: object) -> object:
            if path.exists():
                seen.append(rights(path))
            return call(*args, **options)

        return look

    class Watched(socket.socket):
        def listen(self, backlog: int = 128, /) -> None:
            seen.append(rights(path))
            super().listen(backlog)

    monkeypatch.setattr(socket, "socket", Watched)
    for name in ("umask", "chmod", "chown"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    before = os.umask(0)
    try:
        with listening(path, mode=0o620, group=group):
            pass
    finally:
        os.umask(before)
    assert seen
    assert [mode for mode in seen if mode & ~0o620] == []


@needs_root
@pytest.mark.parametrize("by_name", [False, True])
def test_the_group_can_be_a_name_or_a_number(by_name: bool, path: Path) -> None:
    entry = next(entry for entry in grp.getgrall() if entry.gr_gid not in (0, os.getegid()))
    with listening(path, group=entry.gr_name if by_name else str(entry.gr_gid)):
        assert path.stat().st_gid == entry.gr_gid
        assert rights(path) == 0o660


@pytest.mark.parametrize("group", ["", "no-such-group", "-1", "4294967295", "9" * 30, "a\0b", "١", "1.5"])
def test_a_group_that_does_not_exist_is_an_error(group: str, path: Path) -> None:
    assert "There is no group" in refusal(path, errors.USAGE, group=group)
    assert not path.exists()


@needs_root
def test_a_group_that_this_user_is_not_in_is_an_error_and_leaves_nothing(open_path: Path) -> None:
    os.chmod(open_path.parent, 0o777)
    program = f"""
import grp, os
from erlen.deploy.serve.unix_socket import listen_unix
from erlen.deploy.serve.errors import ServeError
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    listen_unix({open_path.name!r}, group="0")
except ServeError as error:
    print(error.status, error.message)
"""
    said = subprocess.check_output([sys.executable, "-c", program], cwd=open_path.parent, text=True)
    assert said.startswith(f"{errors.ADDRESS} Cannot give {open_path} to the group 0")
    assert not open_path.exists()


def test_a_socket_that_nobody_listens_on_is_replaced(path: Path) -> None:
    leave_behind(path)
    with listening(path):
        connect(path).close()


def test_the_socket_of_a_server_that_lives_is_left_to_it(path: Path) -> None:
    with listening(path) as other:
        assert refusal(path).startswith(f"Another process listens on {path}")
        with connect(path) as client:
            # Behind the connection that looked whether somebody listens.
            for _ in range(2):
                assert select.select([other.socket], [], [], PATIENCE)[0]
                with other.socket.accept()[0] as accepted, contextlib.suppress(BrokenPipeError):
                    accepted.sendall(b"answer")
            assert client.recv(10) == b"answer"


def test_a_server_whose_queue_is_full_lives(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erlen.deploy.serve.unix_socket._PATIENCE", 0.1)
    with listening(path, backlog=0), connect(path):
        assert "Another process listens on" in refusal(path)


def test_a_socket_of_another_kind_is_left_alone(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(path))
        assert "Another process listens on" in refusal(path)
        assert path.exists()


def make_file(path: Path) -> None:
    path.write_text("precious")


def make_link_to_file(path: Path) -> None:
    path.with_name("target").write_text("precious")
    path.symlink_to("target")


def make_link_to_socket(path: Path) -> None:
    leave_behind(path.with_name("target"))
    path.symlink_to("target")


def make_dangling_link(path: Path) -> None:
    path.symlink_to("target")


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (make_file, "a file"),
        (Path.mkdir, "a folder"),
        (os.mkfifo, "something else"),
        (make_link_to_file, "a symbolic link"),
        (make_link_to_socket, "a symbolic link"),
        (make_dangling_link, "a symbolic link"),
    ],
)
def test_what_is_no_socket_is_left_alone(make: Callable[[Path], None], kind: str, path: Path) -> None:
    make(path)
    before = {file: file.lstat() for file in path.parent.iterdir()}
    said = refusal(path)
    assert f"is {kind}, no socket" in said
    assert "left alone" in said
    assert {file: file.lstat() for file in path.parent.iterdir()} == before
    if kind == "a file":
        assert path.read_text() == "precious"


@pytest.mark.parametrize("path", ["", "a\0b", "\0abstract"])
def test_what_is_no_path_is_an_error(path: str) -> None:
    assert "is no path" in refusal(path, errors.USAGE)


@pytest.mark.parametrize("length", [120, 300])
def test_a_path_that_is_too_long_is_an_error(length: int, tmp_path: Path) -> None:
    said = refusal(tmp_path / ("x" * length))
    assert "too long" in said
    assert len(said) < 300
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    assert "does not exist: make it first" in refusal(tmp_path / "missing" / "shop.sock")


def test_a_folder_that_is_a_file_is_an_error(path: Path) -> None:
    path.touch()
    assert "is no folder" in refusal(path / "shop.sock")


@needs_root
def test_a_folder_that_may_not_be_written_to_is_an_error(open_path: Path) -> None:
    os.chmod(open_path.parent, 0o755)
    program = f"""
import os
from erlen.deploy.serve.unix_socket import listen_unix
from erlen.deploy.serve.errors import ServeError
os.setuid(65534)
try:
    listen_unix({open_path.name!r})
except ServeError as error:
    print(error.status, error.message)
"""
    said = subprocess.check_output([sys.executable, "-c", program], cwd=open_path.parent, text=True)
    assert said.startswith(f"{errors.ADDRESS} This user may not make a socket in {open_path.parent}")


def test_a_folder_that_another_process_has_locked_is_used_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erlen.deploy.serve.folders._PATIENCE", 0.1)
    with alone_in(path.parent):
        with listening(path):
            connect(path).close()
        assert not path.exists()


def test_of_servers_that_start_at_once_one_gets_the_socket(path: Path) -> None:
    leave_behind(path)
    listeners: list[Listener] = []
    refused: list[str] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait(PATIENCE)
        try:
            listeners.append(listen_unix(str(path)))
        except ServeError as error:
            refused.append(error.message)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (len(listeners), len(refused)) == (1, 7)
    with connect(path):
        assert select.select([listeners[0].socket], [], [], PATIENCE)[0]
    listeners[0].close()


def test_the_file_is_removed_also_after_a_change_of_the_current_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    with listening(path.name) as listener:
        assert listener.address == f"unix:{path}"
        monkeypatch.chdir("/")
    assert not path.exists()


def test_a_file_of_another_server_is_not_removed(path: Path) -> None:
    with listening(path) as old:
        path.unlink()
        with listening(path):
            old.close()
            connect(path).close()
        assert not path.exists()


def test_a_file_that_is_gone_or_no_socket_any_more_is_no_error(path: Path) -> None:
    with listening(path):
        path.unlink()
        path.write_text("precious")
    assert path.read_text() == "precious"
    path.unlink()
    with listening(path):
        path.unlink()


def test_a_gentle_end_serves_who_waits_and_refuses_who_comes_later(path: Path) -> None:
    listener = listen_unix(str(path))
    with listener.socket.dup() as of_worker, connect(path) as client:

        async def stop() -> bool:
            task = asyncio.create_task(listener.close_gently(PATIENCE))
            await asyncio.sleep(0)
            with pytest.raises(FileNotFoundError):
                connect(path)
            assert not task.done()
            with of_worker.accept()[0] as accepted:
                accepted.sendall(b"answer")
            return await task

        assert asyncio.run(stop())
        assert client.recv(10) == b"answer"
        assert listener.socket.fileno() == -1


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("660", 0o660),
        ("0660", 0o660),
        ("0o660", 0o660),
        ("0O666", 0o666),
        ("0", 0),
        ("000", 0),
        (" 777 ", 0o777),
    ],
)
def test_a_mode_is_octal(text: str, mode: int) -> None:
    assert parse_mode(text) == mode


@pytest.mark.parametrize(
    "text", ["", " ", "o660", "888", "1777", "7777", "-660", "rw", "0x1ff", "66 0", "6_6", "٦٦٠", "0o"]
)
def test_what_is_no_mode_is_an_error(text: str) -> None:
    with pytest.raises(ServeError, match="octal") as caught:
        parse_mode(text)
    assert caught.value.status == errors.USAGE
