"""The memory of a process."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

import pytest

from erlen.deploy.serve.memory import resident_memory

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc/PID/statm")


@linux
def test_it_is_within_what_the_process_had_at_most() -> None:
    known = resident_memory(os.getpid())
    assert known is not None
    assert 1_000_000 < known <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 * 1.1


@linux
def test_it_grows_with_what_is_used() -> None:
    before = resident_memory(os.getpid())
    kept = b"x" * 200_000_000
    after = resident_memory(os.getpid())
    assert before is not None
    assert after is not None
    assert after - before > len(kept) / 2


def test_a_process_that_is_gone_has_none() -> None:
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ)
    os.waitpid(pid, 0)
    assert resident_memory(pid) is None


@pytest.mark.parametrize("text", ["", "12", "a b c"])
def test_what_is_no_number_is_not_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    odd = tmp_path / "statm"
    odd.write_text(text)
    monkeypatch.setattr("builtins.open", lambda *_: odd.open("rb"))
    assert resident_memory(1) is None
