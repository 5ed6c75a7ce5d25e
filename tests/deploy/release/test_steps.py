"""Steps are printed, and what stops them is explained."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from erlen.deploy.release.errors import ReleaseError
from erlen.deploy.release.steps import Steps, explained, interrupted_by_signals, is_full, uninterrupted


def test_a_step_is_printed_when_it_begins() -> None:
    lines: list[str] = []
    steps = Steps(lines.append)
    with steps.step("copy", "from 'a\nb\x1b[2J'"):
        assert steps.current == "copy"
        steps.tell("one\ntwo \x1b[2J")
    assert lines == [r"copy      from 'a\nb\x1b[2J'", "          one", r"          two \x1b[2J"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the quota is used up"),
        (errno.EACCES, "run this as root or as the owner"),
        (errno.EROFS, "can only be read"),
        (errno.EXDEV, os.strerror(errno.EXDEV)),
    ],
)
def test_an_error_of_the_system_says_where_and_what_to_do(number: int, says: str) -> None:
    with pytest.raises(ReleaseError, match=says) as raised, Steps(lambda _: None).step("x", "y"):
        raise OSError(number, os.strerror(number), "/srv/a\nb", None, "/srv/c")
    assert raised.value.message.startswith(r"/srv/a\nb -> /srv/c: ")


def test_an_error_without_a_number_is_told_as_it_is() -> None:
    assert explained(OSError("odd")) == "odd."


def test_a_full_disk_is_known_by_the_system_and_by_what_programs_say(tmp_path: Path) -> None:
    error = ReleaseError("pip ended with status 1.\nOSError: [Errno 28] No space left on device")
    assert is_full(error, tmp_path)
    outer = ReleaseError("outer")
    outer.__cause__ = OSError(errno.ENOSPC, "x")
    assert is_full(outer, tmp_path)
    assert not is_full(ReleaseError("no space"), tmp_path / "gone")


@pytest.mark.parametrize(("free", "expected"), [(2**20, True), (2**30, False)])
def test_a_disk_with_little_room_is_full_whatever_is_said(
    free: int, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert is_full(ReleaseError("ensurepip failed"), tmp_path) is expected


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_interrupts_so_that_things_can_be_tidied_up(name: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt, match=name), interrupted_by_signals():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupted_by_signals():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_is_undone_is_not_interrupted() -> None:
    with interrupted_by_signals(), uninterrupted():
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            os.kill(os.getpid(), number)


def test_other_threads_leave_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def work() -> None:
        with interrupted_by_signals(), uninterrupted():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
