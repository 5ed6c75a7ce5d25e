from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.script.errors import RunsAlready, ScriptError
from erlen.script.lock import only_one

HOLD = """
import sys
from pathlib import Path
from erlen.script.lock import only_one
with only_one(Path(sys.argv[1]), "clear_cache"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path):
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_one_is_told_who_runs_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    told = rf"^clear_cache is running: .+ runs it on .+ as process {holder.pid}, since \d{{4}}-.*Wait until"
    with pytest.raises(RunsAlready, match=told), only_one(tmp_path / "lock", "clear_cache"):
        pass


def test_a_process_that_is_killed_holds_nothing(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert b"pid" in (tmp_path / "lock").read_bytes()
    with only_one(tmp_path / "lock", "clear_cache"):
        assert f'"pid": {os.getpid()}'.encode() in (tmp_path / "lock").read_bytes()


def test_afterwards_it_can_be_had_again(tmp_path: Path) -> None:
    for _ in range(2):
        with only_one(tmp_path / "lock", "clear_cache"):
            pass
    with pytest.raises(ZeroDivisionError), only_one(tmp_path / "lock", "clear_cache"):
        raise ZeroDivisionError
    with only_one(tmp_path / "lock", "clear_cache"):
        pass


def test_a_lock_that_says_nothing_holds_all_the_same(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    (tmp_path / "lock").write_text("{")
    with pytest.raises(RunsAlready, match="does not say"), only_one(tmp_path / "lock", "clear_cache"):
        pass


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("data")
    (tmp_path / "lock").symlink_to(tmp_path / "mine")
    with pytest.raises(ScriptError, match="cannot be opened"), only_one(tmp_path / "lock", "clear_cache"):
        pass
    assert (tmp_path / "mine").read_text() == "data"
