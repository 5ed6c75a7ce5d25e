from __future__ import annotations

from pathlib import Path

import pytest

from erlen.script.errors import ScriptError
from erlen.script.output import Output


def test_what_is_behind_the_last_batch_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    first = Output({}, is_dry=False)
    file = first.open(path, "utf-8")
    file.write("é\r\n")
    lengths = first.save()
    assert lengths == {str(path): 4}
    file.write("half of a li")
    first.close()
    second = Output(lengths, is_dry=False)
    second.open(path, "utf-8").write("ü\n")
    assert second.save() == {str(path): 7}
    second.close()
    assert path.read_bytes() == "é\r\nü\n".encode()


def test_a_file_that_is_new_is_emptied(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    output = Output({}, is_dry=False)
    output.open(tmp_path / "a", "utf-8")
    output.close()
    assert (tmp_path / "a").read_text() == ""


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    output = Output({}, is_dry=True)
    output.open(tmp_path / "a", "utf-8").write("new")
    assert output.save() == {}
    output.close()
    assert (tmp_path / "a").read_text() == "old"


def test_a_file_that_is_gone_or_shorter_is_not_gone_on_with(tmp_path: Path) -> None:
    output = Output({str(tmp_path / "a"): 3}, is_dry=False)
    with pytest.raises(ScriptError, match="cannot be gone on with: No such file"):
        output.open(tmp_path / "a", "utf-8")
    (tmp_path / "a").write_text("ab")
    with pytest.raises(ScriptError, match="is shorter than it was"):
        output.open(tmp_path / "a", "utf-8")
    assert (tmp_path / "a").read_text() == "ab"


def test_paths_are_the_same_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    output = Output({}, is_dry=False)
    output.open("a", "utf-8").write("x")
    monkeypatch.chdir("/")
    assert output.save() == {str(tmp_path / "a"): 1}
    output.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk here")
def test_a_full_disk_is_said_once_and_every_file_is_closed(tmp_path: Path) -> None:
    output = Output({}, is_dry=False)
    other = output.open(tmp_path / "a", "utf-8")
    file = output.open("/dev/full", "utf-8")
    file.write("x")
    with pytest.raises(OSError, match="No space left"):
        output.save()
    output.close(is_lost=True)
    assert other.closed
    assert file.closed
