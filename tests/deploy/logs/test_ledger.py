"""All processes together mail so much in an hour, and one of them sums up the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.deploy.logs import ledger as ledgers
from erlen.deploy.logs.ledger import HOUR, Ledger


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def file_of(folder: Path) -> Path:
    (file,) = folder.glob("erlen-*/mails-*.json")
    return file


def test_two_with_one_name_share_the_limit_and_others_do_not(clock: Clock) -> None:
    one, same, other = (Ledger(name, 2, clock) for name in ("a", "a", "b"))
    assert [each.may_send("x")[0] for each in (one, same, one, same, other)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    clock.now += HOUR
    assert one.may_send("x")[0]


def test_the_rest_is_taken_once_when_it_is_due(clock: Clock) -> None:
    one, same = Ledger("a", 0, clock), Ledger("a", 0, clock)
    due = clock.now + HOUR
    assert one.may_send("x") == (False, due)
    clock.now += 10
    assert same.may_send("y") == (False, due)
    assert one.take_counts(ends=False) == {}
    clock.now = due
    assert same.take_counts(ends=False) == {"x": 1, "y": 1}
    assert one.take_counts(ends=True) == {}


def test_the_last_process_takes_it_when_it_ends(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, own = Ledger("a", 0, clock), os.getpid()
    ledger.may_send("x")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        monkeypatch.setattr(os, "getpid", lambda: other.pid)
        ledger.may_send("y")
        monkeypatch.setattr(os, "getpid", lambda: own)
        assert ledger.take_counts(ends=True) == {}  # the other one goes on
        ledger.may_send("z")
        other.communicate(b"\n", timeout=30)
    # It has been killed, so to speak: it took nothing.
    assert ledger.take_counts(ends=True) == {"x": 1, "y": 1, "z": 1}


def test_what_a_killed_process_has_counted_is_told_to_the_next_that_mails(clock: Clock) -> None:
    Ledger("a", 1, clock).may_send("x")
    due = Ledger("a", 1, clock).may_send("x")[1]
    clock.now += 2 * HOUR
    assert Ledger("a", 1, clock).may_send("y") == (True, due)


def test_a_clock_that_is_set_back_keeps_no_mail(clock: Clock) -> None:
    ledger = Ledger("a", 1, clock)
    ledger.may_send("x")
    ledger.may_send("x")
    clock.now -= 100 * HOUR
    assert ledger.may_send("x")[0]
    assert ledger.may_send("x") == (False, clock.now + HOUR)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"sent": 3}', '{"counts": []}', '{"due": null}', "\udc80", '{"pids": ["x"]}'],
)
def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path: Path, clock: Clock, text: str) -> None:
    ledger = Ledger("a", 1, clock)
    ledger.may_send("x")
    file_of(tmp_path).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert [ledger.may_send("x")[0] for _ in range(2)] == [True, False]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no file there")
def test_the_file_is_this_users_alone(tmp_path: Path, clock: Clock) -> None:
    Ledger("a", 1, clock).may_send("x")
    file = file_of(tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no file there")
@pytest.mark.parametrize("how", ["open to all", "a link", "a file", "another's"])
def test_a_folder_that_is_not_only_ours_is_not_used(
    tmp_path: Path, clock: Clock, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, elsewhere = tmp_path / f"erlen-{os.getuid()}", tmp_path / "elsewhere"
    if how == "a link":
        elsewhere.mkdir(mode=0o700)
        folder.symlink_to(elsewhere)
    elif how == "a file":
        folder.touch()
    else:
        folder.mkdir(mode=0o700)
    if how == "open to all":
        folder.chmod(0o777)
    elif how == "another's":
        somebody = os.getuid() + 1
        monkeypatch.setattr(os, "getuid", lambda: somebody)
        folder = folder.rename(tmp_path / f"erlen-{somebody}")
    ledger = Ledger("a", 1, clock)
    assert [ledger.may_send("x")[0] for _ in range(2)] == [True, False]
    assert ledger.take_counts(ends=True) == {"x": 1}
    assert not folder.is_dir() or list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no file there")
def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path, clock: Clock) -> None:
    Ledger("a", 1, clock).may_send("x")
    file, precious = file_of(tmp_path), tmp_path / "precious"
    precious.write_text("precious")
    file.unlink()
    file.symlink_to(precious)
    assert [Ledger("a", 0, clock).may_send("x")[0] for _ in range(2)] == [False, False]
    assert precious.read_text() == "precious"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock there")
def test_a_process_that_keeps_the_file_makes_nobody_wait(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    monkeypatch.setattr(ledgers, "_TRIES", 3)
    ledger = Ledger("a", 1, clock)
    ledger.may_send("x")
    with file_of(tmp_path).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # On its own it counts on, and does not ask for the file again.
        assert [ledger.may_send("x")[0] for _ in range(3)] == [True, False, False]
        assert ledger._avoided_until > 0
    ledger._avoided_until = 0.0
    assert ledger.take_counts(ends=True) == {"x": 2}


PROGRAM = """
import sys
from erlen.deploy.logs.ledger import Ledger
ledger = Ledger("a", 20)
print(sum(ledger.may_send("x")[0] for _ in range(50)))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock there")
def test_many_processes_at_once_send_so_many_and_count_the_rest(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    sent = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(sent) == 20
    assert Ledger("a", 20).take_counts(ends=True) == {"x": 130}
