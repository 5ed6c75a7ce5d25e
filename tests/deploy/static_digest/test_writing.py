"""Files that are there as a whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erlen.deploy.static_digest import writing
from erlen.deploy.static_digest.writing import replacing, temporary_beside, write


def test_a_file_has_the_content_the_time_and_the_rights_of_its_original(tmp_path: Path) -> None:
    original = tmp_path / "a.css"
    original.write_bytes(b"x")
    original.chmod(0o754)
    os.utime(original, ns=(1, 1_700_000_000_123_456_789))
    write(str(tmp_path / "b.css"), b"content", original.stat())
    written = (tmp_path / "b.css").stat()
    assert (tmp_path / "b.css").read_bytes() == b"content"
    assert written.st_mtime_ns == original.stat().st_mtime_ns
    assert written.st_mode & 0o777 == 0o644


def test_without_an_original_it_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    write(str(tmp_path / "a"), b"")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_after_an_error_the_old_file_is_there_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(str(path)) as file:
            file.write(b"half of it")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [found.name for found in tmp_path.iterdir()] == ["a"]
    assert path.read_bytes() == b"old"


def test_a_symbolic_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"outside")
    (tmp_path / "link").symlink_to(outside)
    write(str(tmp_path / "link"), b"new")
    assert outside.read_bytes() == b"outside"
    assert not (tmp_path / "link").is_symlink()


def test_a_temporary_file_is_of_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing.secrets, "token_hex", lambda length: "00")
    with temporary_beside(str(tmp_path / "a")) as (name, _):
        assert Path(name).name.startswith(writing.TEMPORARY)
        with pytest.raises(FileExistsError), temporary_beside(str(tmp_path / "a")):
            pass
