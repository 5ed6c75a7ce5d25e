"""Files are written whole or not at all, and never over what somebody has changed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from erlen.deploy.targets import writing
from erlen.deploy.targets.files import File, with_head
from erlen.deploy.targets.writing import NotWritten, Output

from .sites import site


def output(path: Path, text: str = "text\n", mode: int = 0o644) -> Output:
    return Output(path, with_head(File(path.name, text), "nginx", site()), mode)


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_files_and_their_folders_are_made_with_their_rights(tmp_path: Path) -> None:
    path = tmp_path / "a/b/run.sh"
    made = output(path, mode=0o755)
    assert writing.write([made], force=False) == [path]
    assert path.read_text() == made.text
    assert path.stat().st_mode & 0o777 == 0o755
    assert files_in(tmp_path) == {"a", "a/b", "a/b/run.sh"}


def test_what_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    made = output(tmp_path / "a.conf")
    writing.write([made], force=False)
    before = made.path.stat()
    assert writing.write([made], force=False) == []
    assert made.path.stat().st_ino == before.st_ino


def test_another_text_needs_force(tmp_path: Path) -> None:
    old, new = output(tmp_path / "a.conf"), output(tmp_path / "a.conf", "new\n")
    writing.write([old], force=False)
    with pytest.raises(NotWritten, match="--force"):
        writing.write([new], force=False)
    assert old.path.read_text() == old.text
    assert writing.write([new], force=True) == [new.path]
    assert new.path.read_text() == new.text


@pytest.mark.parametrize("change", ["text of somebody", "", "\r\n", "# fingerprint: 0123456789abcdef\n"])
def test_what_somebody_has_changed_stays_even_with_force(tmp_path: Path, change: str) -> None:
    old, new = output(tmp_path / "a.conf"), output(tmp_path / "a.conf", "new\n")
    writing.write([old], force=False)
    old.path.write_text(f"{old.text}{change}" if change else "")
    before = old.path.read_bytes()
    with pytest.raises(NotWritten, match="it was changed"):
        writing.write([output(tmp_path / "b.conf"), new], force=True)
    assert old.path.read_bytes() == before
    assert files_in(tmp_path) == {"a.conf"}


def test_a_link_and_a_folder_in_the_place_of_a_file_stay(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    (tmp_path / "folder").mkdir()
    for name in ("link", "gone", "folder"):
        with pytest.raises(NotWritten, match="no ordinary file"):
            writing.write([output(tmp_path / name)], force=True)
    assert target.read_text() == "mine"
    assert not (tmp_path / "nothing").exists()


def test_a_file_in_the_place_of_a_folder_is_named_and_stays(tmp_path: Path) -> None:
    (tmp_path / "nginx").write_text("mine")
    with pytest.raises(NotWritten, match=r"nginx: .*'--out'.* Nothing was written\."):
        writing.write([output(tmp_path / "a"), output(tmp_path / "nginx/shop.conf")], force=True)
    assert files_in(tmp_path) == {"nginx"}


@pytest.mark.parametrize(
    ("number", "way"),
    [(errno.EACCES, "as a user who may"), (errno.ENOSPC, "disk is full"), (errno.EROFS, "--out")],
)
@pytest.mark.parametrize("function", ["fsync", "chmod"])
def test_an_error_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, way: str, function: str
) -> None:
    calls = []

    def failing(*args: object) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise OSError(number, os.strerror(number), str(tmp_path))

    monkeypatch.setattr(os, function, failing)
    with pytest.raises(NotWritten, match=way):
        writing.write([output(tmp_path / "new/a"), output(tmp_path / "new/b")], force=False)
    assert files_in(tmp_path) == set()


def test_an_error_while_files_are_put_in_place_says_how_many_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = os.replace, []

    def failing(*paths: Path) -> None:
        calls.append(paths)
        if len(calls) == 2:
            raise OSError(errno.EIO, "The disk is broken", str(paths[1]))
        replace(*paths)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(NotWritten, match="1 of 2 files were written"):
        writing.write([output(tmp_path / "a"), output(tmp_path / "b")], force=False)
    assert files_in(tmp_path) == {"a"}


def test_names_in_messages_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a\nb\x1b"
    path.write_text("mine")
    with pytest.raises(NotWritten) as caught:
        writing.write([output(path)], force=True)
    assert str(caught.value).isprintable()


def test_a_difference_is_shown_from_what_is_there(tmp_path: Path) -> None:
    old, new = output(tmp_path / "a.conf", "one\ntwo\n"), output(tmp_path / "a.conf", "one\nthree\n")
    lines = [line.rstrip("\n") for line in writing.diff([old])]
    assert lines[:2] == ["--- /dev/null", f"+++ b/{tmp_path}/a.conf"]
    assert "+two" in lines
    writing.write([old], force=False)
    assert list(writing.diff([old])) == []
    lines = [line.rstrip("\n") for line in writing.diff([new])]
    assert {"-two", "+three"} < set(lines)
    assert "+one" not in lines
    assert files_in(tmp_path) == {"a.conf"}
