"""Lines go to what stderr is now, or to a file that several processes rotate without losing one."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.deploy.logs.handlers import FileHandler, StderrHandler, make_handler, writes_to_same
from erlen.deploy.logs.settings import Settings
from erlen.logging import default_handler


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("shop", logging.INFO, "shop.py", 1, message, (), None)


def lines_of(path: Path) -> list[str]:
    files = sorted(path.parent.glob(f"{path.name}*"))
    return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_stderr_is_looked_up_for_each_record(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = StderrHandler()
    handler.emit(record("one"))
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    handler.emit(record("two"))
    assert capsys.readouterr() == ("two\n", "one\n")
    monkeypatch.setattr(sys, "stderr", None)
    handler.emit(record("three"))
    assert capsys.readouterr() == ("", "")


def test_a_file_begins_anew_at_its_size(tmp_path: Path) -> None:
    path = tmp_path / "new" / "shop.log"
    handler = FileHandler(str(path), 100, 2)
    for number in range(12):
        handler.emit(record(f"{number:030}"))
    handler.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["shop.log", "shop.log.1", "shop.log.2"]
    assert all(file.stat().st_size <= 100 for file in path.parent.iterdir())
    assert f"{11:030}" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("max_bytes", "backups"), [(0, 5), (100, 0)])
def test_without_a_size_or_backups_it_grows(tmp_path: Path, max_bytes: int, backups: int) -> None:
    path = tmp_path / "shop.log"
    handler = FileHandler(str(path), max_bytes, backups)
    for number in range(12):
        handler.emit(record(f"{number:030}"))
    handler.close()
    assert [file.name for file in tmp_path.iterdir()] == ["shop.log"]
    assert len(lines_of(path)) == 12


@pytest.mark.parametrize("removed", [False, True])
def test_a_file_that_was_moved_away_is_made_again(tmp_path: Path, removed: bool) -> None:
    path = tmp_path / "shop.log"
    handler = FileHandler(str(path), 0, 0)
    handler.emit(record("one"))
    if removed:
        path.unlink()
    else:
        path.rename(tmp_path / "shop.log.old")
    handler.emit(record("two"))
    handler.close()
    assert path.read_text(encoding="utf-8") == "two\n"


def test_text_that_is_no_utf_8_is_written(tmp_path: Path) -> None:
    handler = FileHandler(str(tmp_path / "shop.log"), 0, 0)
    handler.emit(record("grüße \udc80"))
    handler.close()
    assert lines_of(tmp_path / "shop.log") == ["grüße \\udc80"]


PROGRAM = """
import logging, sys
from erlen.deploy.logs.handlers import FileHandler
handler = FileHandler(sys.argv[1], 2000, 100)
print("ready", flush=True)
sys.stdin.readline()
for number in range(300):
    handler.emit(logging.LogRecord("shop", 20, "x", 1, f"{sys.argv[2]} {number:040}", (), None))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="an open file is not renamed there")
def test_several_processes_rotate_one_file_and_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "shop.log"
    names = ["a", "b", "c"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n", timeout=60)
    assert sorted(lines_of(path)) == [f"{name} {number:040}" for name in names for number in range(300)]
    assert all(file.stat().st_size <= 2200 for file in tmp_path.iterdir())


def test_a_file_that_cannot_be_written_says_which_key_names_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"LOG_FILE: .* stderr"):
        make_handler(Settings(file=str(tmp_path)))


def test_who_writes_to_the_same(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.log")
    file = logging.FileHandler(path, delay=True)
    to_stderr = [logging.StreamHandler(), logging.StreamHandler(sys.stderr), default_handler]
    assert all(writes_to_same(handler, Settings()) for handler in to_stderr)
    assert not any(writes_to_same(handler, Settings(file=path)) for handler in to_stderr)
    assert writes_to_same(file, Settings(file=path))
    others = [file, logging.StreamHandler(sys.stdout), logging.NullHandler()]
    assert not any(writes_to_same(handler, Settings()) for handler in others)
