"""What is written into a release stays in it."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from erlen.deploy.release.entries import Entry, Writer, parts_of
from erlen.deploy.release.errors import ReleaseError


def file(path: str, text: str = "text", mode: int = 0o644) -> Entry:
    return Entry(path, "file", mode, lambda: io.BytesIO(text.encode()))


def link(path: str, target: str) -> Entry:
    return Entry(path, "link", target=target)


def folder(path: str, mode: int = 0o755) -> Entry:
    return Entry(path, "folder", mode)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    path = tmp_path / "site" / "releases" / "1"
    path.mkdir(parents=True)
    (tmp_path / "site" / "outside").mkdir()
    return path


def write(
    release: Path, *entries: Entry, left_out: tuple[str, ...] = (), reader: int | None = None
) -> object:
    return Writer(release, left_out, reader).write(entries)


def tree(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_files_folders_and_links_are_written(release: Path) -> None:
    told = write(
        release,
        folder("empty"),
        file("./package//module.py", "code"),
        file("names with 'quotes' and\nline breaks"),
        link("package/same.py", "module.py"),
        link("up", "package/../empty"),
        link("dangling", "package/nothing"),
    )
    assert told == (2, [])
    assert (release / "package" / "same.py").read_text() == "code"
    assert (release / "names with 'quotes' and\nline breaks").read_text() == "text"
    assert os.readlink(release / "up") == "package/../empty"
    assert not (release / "dangling").exists()


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../outside/x", "a/../../outside/x", "a/..", "..", "//x", "a\0b", "./../x"]
)
@pytest.mark.parametrize("make", [file, folder, lambda path: link(path, "x")], ids=["file", "folder", "link"])
def test_a_name_that_leads_out_is_refused(make: object, path: str, release: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    with pytest.raises(ReleaseError, match="leads out of the release"):
        write(release, make(path))  # type: ignore[operator]
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "links",
    [
        [("x", "/etc")],
        [("x", "..")],
        [("x", "a/../..")],
        [("a/x", "../../outside")],
        [("x", "")],
        # Each alone leads to something inside; one through the other does not.
        [("deep/er/root", "../.."), ("x", "deep/er/root/..")],
        [("deep/er/root", "../.."), ("y", "deep/er/root"), ("x", "y/../outside")],
    ],
)
def test_a_link_that_leads_out_is_refused(
    links: list[tuple[str, str]], release: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReleaseError, match=r"The link .+ leads out of the release"):
        write(release, file("a/file"), file("deep/er/file"), *(link(*each) for each in links))
    assert tree(tmp_path / "site" / "outside") == set()


@pytest.mark.parametrize(
    "entries",
    [
        [link("a", "b"), file("a/file")],
        [file("a/file"), link("a", "b")],
        [link("a", "b"), link("a/c", "d"), folder("b")],
        [link("a/b", "../c"), link("a/b/c/d", "e"), folder("c")],
        [file("a"), file("a/b")],
        [file("a/b"), file("a")],
        [folder("a"), file("a")],
    ],
)
def test_nothing_is_written_through_a_link_or_a_file(entries: list[Entry], release: Path) -> None:
    with pytest.raises(ReleaseError, match=r"below a link|is there twice|as a file and as a folder"):
        write(release, *entries)


def test_links_in_a_circle_lead_nowhere(release: Path) -> None:
    write(release, link("a", "b"), link("b", "a"))
    assert os.path.islink(release / "a")


def test_of_two_files_with_one_name_the_later_one_counts(release: Path) -> None:
    write(release, file("a", "one"), link("a", "b"), file("a", "two"))
    assert (release / "a").read_text() == "two"
    assert not (release / "a").is_symlink()


def test_what_is_not_wanted_is_told(release: Path) -> None:
    told = write(release, file(".env"), file(".venv/bin/python"), file("a/.env"), left_out=(".env", ".venv"))
    assert told == (1, [".env", ".venv"])
    assert tree(release) == {"a", "a/.env"}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0o644, 0o644),
        (0o666, 0o644),
        (0o755, 0o755),
        (0o6777, 0o755),
        (0o600, 0o600),
        (0o700, 0o700),
        (0o640, 0o600),
        (0o100600, 0o600),
    ],
)
def test_nobody_gets_a_right_that_the_source_does_not_give(mode: int, expected: int, release: Path) -> None:
    write(release, file("a", mode=mode), folder("b", mode=mode | 0o100))
    assert stat.S_IMODE((release / "a").stat().st_mode) == expected
    assert stat.S_IMODE((release / "b").stat().st_mode) == (0o755 if mode & 1 else 0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_user_that_serves_reads_a_secret_and_nobody_else(release: Path) -> None:
    write(
        release,
        folder("keys", mode=0o700),
        file("keys/secret", mode=0o600),
        file("program", mode=0o700),
        file("open", mode=0o644),
        reader=12345,
    )
    rights = {name: (release / name).stat() for name in ("keys", "keys/secret", "program", "open")}
    told = {name: (found.st_uid, stat.S_IMODE(found.st_mode)) for name, found in rights.items()}
    secret = {"keys": (12345, 0o500), "keys/secret": (12345, 0o400), "program": (12345, 0o500)}
    assert told == {**secret, "open": (os.geteuid(), 0o644)}


def test_parts_of_a_path() -> None:
    assert parts_of("./a//b/.") == ["a", "b"]
    assert parts_of(".") == []
