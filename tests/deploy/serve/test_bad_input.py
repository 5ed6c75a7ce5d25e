"""What `erlen serve` cannot be given: one line, a status of its own, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.serve.running import ERLEN, PLAIN, environment, failing, write
from tests.deploy.serve.test_tls import KEY, OTHER_KEY, certificate_of, written_key

pytestmark = pytest.mark.servers

# The status, some words of the line, the options, and what is to be there before.
Prepare = Callable[[Path], None]


def nothing(folder: Path) -> None: ...


def file_in_the_way(folder: Path) -> None:
    (folder / "in-the-way").write_text("precious")


def certificates(folder: Path) -> None:
    (folder / "certificate.pem").write_bytes(certificate_of(KEY))
    (folder / "key.pem").write_bytes(written_key(KEY))
    (folder / "other-key.pem").write_bytes(written_key(OTHER_KEY))
    (folder / "encrypted-key.pem").write_bytes(written_key(KEY, password=b"secret"))


def pid_of_another(folder: Path) -> None:
    (folder / "server.pid").write_text(f"{os.getpid()}\n")


@pytest.mark.parametrize(
    ("status", "said", "words", "prepare"),
    [
        (2, "--workers", ["--workers", "0"], nothing),
        (2, "root path", ["--root-path", "shop?"], nothing),
        (2, "octal", ["--unix", "new.sock", "--mode", "rw-"], nothing),
        (2, "no group 'no-such-group'", ["--unix", "new.sock", "--group", "no-such-group"], nothing),
        (2, "--cert", ["--key", "key.pem"], certificates),
        (4, "no address of this machine", ["--host", "203.0.113.9"], nothing),
        (4, "has no address", ["--host", "no-such-host.invalid"], nothing),
        (4, "left alone", ["--unix", "in-the-way"], file_in_the_way),
        (4, "does not exist", ["--unix", "missing/new.sock"], nothing),
        (4, "too long", ["--unix", "x" * 120], nothing),
        (5, "without its key", ["--cert", "certificate.pem"], certificates),
        (5, "is not that of", ["--cert", "certificate.pem", "--key", "other-key.pem"], certificates),
        (5, "encrypted", ["--cert", "certificate.pem", "--key", "encrypted-key.pem"], certificates),
        (5, "does not exist", ["--cert", "missing.pem", "--key", "key.pem"], certificates),
        (6, "is no pid file", ["--pid-file", "in-the-way"], file_in_the_way),
        (6, "The process ", ["--pid-file", "server.pid"], pid_of_another),
        (6, "does not exist", ["--pid-file", "missing/server.pid"], nothing),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    status: int, said: str, words: list[str], prepare: Prepare, tmp_path: Path
) -> None:
    prepare(tmp_path)
    before = content_of(tmp_path)
    write(tmp_path, PLAIN)
    ended, log = failing(tmp_path, *words)
    assert (ended, "Traceback" in log) == (status, False), log
    line = log.splitlines()[-1]
    assert said in line, log
    assert line.startswith(("erlen serve: ", "Error: ")), log
    if status != 2:
        assert len(log.splitlines()) == 1, log
    left = content_of(tmp_path)
    assert {name: left[name] for name in left.keys() - {"shop.py", "log", "__pycache__"}} == before


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() if path.is_file() else b"" for path in folder.iterdir()}


@contextlib.contextmanager
def listener(folder: Path, by_unix: bool) -> Iterator[list[str]]:
    """Listen, and yield the options that ask for the same address."""
    with socket.socket(socket.AF_UNIX if by_unix else socket.AF_INET) as other:
        other.bind(str(folder / "other.sock") if by_unix else ("127.0.0.1", 0))
        other.listen()
        yield ["--unix", "other.sock"] if by_unix else ["--port", str(other.getsockname()[1])]


@pytest.mark.parametrize("by_unix", [False, True])
def test_an_address_that_another_server_has_is_told(by_unix: bool, tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    with listener(tmp_path, by_unix) as words:
        status, log = failing(tmp_path, *words)
        assert (status, len(log.splitlines())) == (4, 1), log
        assert ("Another process listens on" if by_unix else "is in use") in log
        assert by_unix is (tmp_path / "other.sock").exists()


@pytest.mark.parametrize(
    ("count", "said"), [("1", "descriptor 3 "), ("0", "LISTEN_FDS is '0'"), ("many", "LISTEN_FDS is 'many'")]
)
def test_sockets_of_systemd_that_are_not_there_are_told(count: str, said: str, tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    # LISTEN_PID is that of the process itself, which only the process knows before it becomes the server.
    program = (
        "import os, sys; os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=sys.argv[1]);"
        " os.execv(sys.argv[2], sys.argv[2:])"
    )
    server = [Path(sys.executable).with_name("erlen"), "--app", "shop", "serve"]
    ran = subprocess.run(
        [sys.executable, "-c", program, count, *server],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 4, ran.stderr
    assert len(ran.stderr.splitlines()) == 1, ran.stderr
    assert said in ran.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WEB_CONCURRENCY", "0", "WEB_CONCURRENCY is '0'"),
        ("PORT", "http", "PORT"),
        ("PORT", "9" * 5000, "PORT"),
    ],
)
def test_a_variable_with_a_wrong_value_is_told(name: str, value: str, said: str, tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    ran = subprocess.run(
        [ERLEN, "--app", "shop", "serve"],
        cwd=tmp_path,
        env=environment(**{name: value}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 2, ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert said in ran.stderr
