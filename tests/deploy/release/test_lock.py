"""One release at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.deploy.release.errors import BUSY, ReleaseError
from erlen.deploy.release.lock import locked


def test_another_release_is_kept_out_and_told_of_the_first(tmp_path: Path) -> None:
    with locked(tmp_path):
        with (
            pytest.raises(ReleaseError, match=rf"under way \(process {os.getpid()}\)") as raised,
            locked(tmp_path),
        ):
            pass
        assert raised.value.status == BUSY
    with locked(tmp_path):
        pass


def test_a_process_that_is_killed_leaves_no_lock(tmp_path: Path) -> None:
    code = "import os, sys, pathlib; from erlen.deploy.release.lock import locked\n"
    code += "with locked(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code, tmp_path], timeout=60).returncode == -9
    with locked(tmp_path):
        assert int((tmp_path / ".lock").read_text()) == os.getpid()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / ".lock").symlink_to("victim")
    with pytest.raises(OSError, match="symbolic links"), locked(tmp_path):
        pass
    assert (tmp_path / "victim").read_text() == "precious"


def test_a_pipe_in_its_place_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".lock")
    with pytest.raises(ReleaseError, match="is no file"), locked(tmp_path):
        pass
