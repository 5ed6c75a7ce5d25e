"""Which files of a folder get hashed names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from erlen.deploy.static_digest.file_names import tag_of, version_name
from erlen.deploy.static_digest.manifest import Manifest
from erlen.deploy.static_digest.scanning import Scan, tag_of_file


def scan(folder: Path, old: Manifest | None = None, *excluded: str) -> Scan:
    return Scan(str(folder), old, excluded)


def test_files_of_all_folders_are_found(static: Path) -> None:
    assert list(scan(static).originals) == ["css/app.css", "img/logo.png", "js/app.js"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*.css", ["img/logo.png", "js/app.js"]),
        ("css/*", ["img/logo.png", "js/app.js"]),
        ("app.*", ["img/logo.png"]),
        ("js/app.js", ["css/app.css", "img/logo.png"]),
        ("*", []),
        ("APP.CSS", ["css/app.css", "img/logo.png", "js/app.js"]),
    ],
)
def test_patterns_are_of_whole_names_or_of_the_last_part(static: Path, pattern: str, left: list[str]) -> None:
    assert list(scan(static, None, pattern).originals) == left


def test_names_that_begin_with_a_dot_are_passed_over(static: Path) -> None:
    (static / ".git").mkdir(exist_ok=True)
    (static / ".git/x.css").write_text("x")
    (static / ".htaccess").write_text("x")
    assert not [name for name in scan(static).originals if name.startswith((".git", ".htaccess"))]


def test_manifests_are_passed_over_in_all_folders(static: Path) -> None:
    (static / "static-digest.json").write_text("{}")
    (static / "css/static-digest.json").write_text("{}")
    assert len(scan(static).originals) == 3


def test_a_file_with_its_own_hash_in_its_name_is_a_version(static: Path) -> None:
    true, false = version_name("a.css", tag_of(b"content")), version_name("a.css", "0" * 20)
    (static / true).write_bytes(b"content")
    (static / false).write_bytes(b"content")
    found = scan(static)
    assert found.versions == {true}
    assert false in found.originals


def test_a_file_that_was_listed_is_a_version_whatever_it_has_now(static: Path) -> None:
    name = version_name("a.css", "0" * 20)
    (static / name).write_bytes(b"content")
    assert scan(static, Manifest({}, {name: ()}, {})).versions == {name}


def test_copies_of_versions_are_no_originals_and_those_of_others_are(static: Path) -> None:
    version = version_name("a.css", "0" * 20)
    (static / f"{version}.gz").write_bytes(b"x")
    (static / "css/app.css.gz").write_bytes(b"x")
    found = scan(static)
    assert found.copies == {version: [f"{version}.gz"]}
    assert "css/app.css.gz" in found.originals


def test_a_symbolic_link_out_of_the_folder_is_left_alone(static: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text("x")
    (static / "out.css").symlink_to(tmp_path / "secret.css")
    (static / "in.css").symlink_to("css/app.css")
    (static / "outside").symlink_to(tmp_path)
    (static / "broken.css").symlink_to("nothing")
    found = scan(static)
    assert "in.css" in found.originals
    assert {"out.css", "broken.css"}.isdisjoint(found.originals)
    assert not [name for name in found.originals if name.startswith("outside")]
    assert sorted(found.notices) == [
        "'broken.css' cannot be read (No such file or directory): left alone.",
        "'out.css' is a symbolic link out of the folder: left alone.",
        "'outside' is a symbolic link to a folder: left alone.",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize(
    "name", [b"\xff.css", b"a\nb.css", b"a\\b.css", b"c:d.css", b"\xe9/x.css", b"\x1b[0m.css"]
)
def test_a_name_that_is_no_text_is_left_alone(static: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(static), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"x")
    found = scan(static)
    assert len(found.originals) == 3
    assert len(found.notices) == 1
    assert found.notices[0].isascii()
    assert found.notices[0].isprintable()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_left_alone(static: Path) -> None:
    os.mkfifo(static / "pipe.css")
    assert scan(static).notices == ["'pipe.css' is no regular file: left alone."]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scan(tmp_path / "none")


def test_a_large_file_has_the_same_tag_as_its_content(tmp_path: Path) -> None:
    content = b"x" * 3_000_000
    (tmp_path / "a").write_bytes(content)
    with open(tmp_path / "b", "wb") as copy:
        assert tag_of_file(str(tmp_path / "a"), copy) == tag_of(content)
    assert (tmp_path / "b").read_bytes() == content
