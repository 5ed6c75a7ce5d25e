from __future__ import annotations

from pathlib import Path

import pytest

from erlen.script import kept
from erlen.script.errors import ScriptError

from .conftest import Project


def test_what_is_written_is_read(tmp_path: Path) -> None:
    kept.write(tmp_path / "a", {"x": [1, "é"]})
    assert kept.read(tmp_path / "a") == {"x": [1, "é"]}
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"3"])
def test_what_a_crash_has_left_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert kept.read(tmp_path / "a") is None


def test_a_file_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.write(tmp_path / "a", {"x": 1})

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        kept.write(tmp_path / "a", {"x": 2})
    assert kept.read(tmp_path / "a") == {"x": 1}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file")
    with pytest.raises(ScriptError, match=r"script-log, where logs and records .* cannot be made"):
        kept.folder(str(tmp_path / "instance"))


def test_what_is_kept_goes_along_with_a_script(project: Project) -> None:
    old, new = project.write("lisi/ts_2024_06_10_x", ""), project.write("recycle/x", "")
    kept.rename(project.kept, old, new)  # nothing is kept yet
    project.kept.mkdir(parents=True)
    names = ["lisi.ts_2024_06_10_x.json", "lisi.ts_2024_06_10_x.log", "lisi.ts_2024_06_10_xy.log"]
    for name in names:
        (project.kept / name).write_text(name)
    kept.rename(project.kept, old, new)
    assert sorted(each.name for each in project.kept.iterdir()) == [
        names[2],
        "recycle.x.json",
        "recycle.x.log",
    ]
