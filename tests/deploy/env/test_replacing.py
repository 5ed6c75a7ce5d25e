"""Writing a file: rights, links, marks, and what happens on a full disk."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.deploy.env.key import NotWritable
from erlen.deploy.env.replacing import TextFile

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write(path: str | Path, text: str = "A=2\n") -> None:
    TextFile(str(path)).write(text)


def test_a_new_file_is_its_owners_alone_before_anything_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (modes.append(os.fstat(fd).st_mode & 0o777), fsync(fd)))
    opened = []
    real_open = os.open

    def watched(path: str, flags: int, mode: int = 0o777) -> int:
        descriptor = real_open(path, flags, mode)
        opened.append((os.fstat(descriptor).st_mode & 0o777, os.fstat(descriptor).st_size))
        return descriptor

    monkeypatch.setattr(os, "open", watched)
    before = os.umask(0)
    try:
        write(".env")
    finally:
        os.umask(before)
    assert (opened, modes) == ([(0o600, 0)], [0o600])
    assert Path(".env").read_text() == "A=2\n"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_keeps_its_rights(mode: int) -> None:
    Path(".env").write_text("A=1\n")
    Path(".env").chmod(mode)
    file = TextFile(".env")
    assert file.is_for_all == (mode == 0o644)
    file.write("A=2\n")
    assert Path(".env").stat().st_mode & 0o777 == mode
    assert os.listdir() == [".env"]


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbfA=1\r\n", b"A=1\r\nB=2\n\rC", b"", "火=腿".encode()])
def test_text_comes_and_goes_as_it_is(raw: bytes) -> None:
    Path(".env").write_bytes(raw)
    file = TextFile(".env")
    assert "\ufeff" not in file.text
    file.write(file.text)
    assert Path(".env").read_bytes() == raw


def test_the_file_behind_a_link_is_written_and_the_link_stays() -> None:
    Path("shared").mkdir()
    Path("shared/.env").write_text("A=1\n")
    Path(".env").symlink_to("shared/.env")
    write(".env")
    assert Path(".env").is_symlink()
    assert Path("shared/.env").read_text() == "A=2\n"
    assert os.listdir("shared") == [".env"]


def refused(path: str, why: str) -> None:
    with pytest.raises(NotWritable) as caught:
        write(path)
    assert str(caught.value) == why


def test_what_is_no_file_is_refused() -> None:
    Path("folder").mkdir()
    Path("link").symlink_to("nowhere")
    os.mkfifo("pipe")
    refused("folder", "'folder' is a folder: name a file, as in '--write shop.env'.")
    refused("link", f"'link' is a link to {os.path.realpath('nowhere')!r}, which does not exist.")
    refused("pipe", "'pipe' is no ordinary file.")
    refused("/dev/null", "'/dev/null' is no ordinary file.")
    refused("none/.env", f"'none/.env' cannot be made: there is no folder {os.path.realpath('none')!r}.")
    refused(
        "a\nb/.env",
        f"'a\\nb/.env' cannot be made: there is no folder {os.path.realpath('a') + chr(10) + 'b'!r}.",
    )


def test_a_file_that_is_read_only_is_left() -> None:
    Path(".env").write_text("A=1\n")
    Path(".env").chmod(0o400)
    refused(".env", "'.env' is read-only: make it writable first ('chmod u+w').")


def test_another_users_file_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new file in its place would be ours, and its owner could not read it any more."""
    Path(".env").write_text("A=1\n")
    import pwd

    owner = pwd.getpwuid(os.geteuid()).pw_name
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    refused(".env", f"'.env' belongs to the user {owner!r}: run this as that user.")


def test_a_file_that_is_not_utf_8_is_left() -> None:
    Path(".env").write_bytes(b"A=1\nB=\xff\n")
    refused(".env", "'.env' is not UTF-8 (line 2): save it as UTF-8 first.")


@pytest.mark.parametrize("name", ["fsync", "replace", "fchmod"])
def test_on_a_full_disk_the_file_is_as_it_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("A=1\n")

    def fail(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(os, name, fail)
    refused(".env", f"'.env' could not be written: {FULL.strerror}. It is as it was.")
    assert (Path(".env").read_text(), os.listdir()) == ("A=1\n", [".env"])


def test_on_a_full_disk_no_new_file_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise FULL

    monkeypatch.setattr(os, "fsync", fail)
    refused(".env", f"'.env' could not be written: {FULL.strerror}. It is as it was.")
    assert os.listdir() == []


LIMITED = """
import resource, signal
from erlen.deploy.env.replacing import TextFile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
file = TextFile(".env")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    file.write("A=2\\n" * 1000)
except Exception as error:
    print(error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("content", ["A=1\n", None])
def test_a_write_that_the_system_stops_half_way_leaves_the_file(content: str | None) -> None:
    if content is not None:
        Path(".env").write_text(content)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"'.env' could not be written: {os.strerror(errno.EFBIG)}. It is as it was.\n", (
        done.stderr
    )
    assert {name: Path(name).read_text() for name in os.listdir()} == (
        {} if content is None else {".env": content}
    )


def test_what_somebody_else_writes_meanwhile_is_not_lost() -> None:
    Path(".env").write_text("A=1\n")
    file = TextFile(".env")
    Path(".env").write_text("A=1\nTHEIRS=1\n")
    with pytest.raises(NotWritable, match="was changed meanwhile by somebody else: try again"):
        file.write("A=2\n")
    assert Path(".env").read_text() == "A=1\nTHEIRS=1\n"
    assert os.listdir() == [".env"]


def test_a_file_that_somebody_makes_meanwhile_is_not_replaced() -> None:
    file = TextFile(".env")
    Path(".env").write_text("THEIRS=1\n")
    with pytest.raises(NotWritable, match="could not be written: File exists"):
        file.write("A=2\n")
    assert Path(".env").read_text() == "THEIRS=1\n"
