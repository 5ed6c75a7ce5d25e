"""Archives: what is read from them, and what is refused."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.deploy.release import archives
from erlen.deploy.release.entries import Writer
from erlen.deploy.release.errors import ReleaseError

Member = tuple[str, bytes, str | None]  # its name, its type for tar, its content or the target of a link
FILE, FOLDER, SYMLINK, HARDLINK = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


def tar(path: Path, *members: Member, compression: str = "gz") -> Path:
    with tarfile.open(path, f"w:{compression}") as archive:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.mode = kind, 0o755 if kind == FOLDER else 0o644
            data = (content or "").encode()
            if kind in (SYMLINK, HARDLINK):
                info.linkname = content or ""
            else:
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data) if kind == FILE else None)
    return path


def zipped(path: Path, *members: Member) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, kind, content in members:
            info = zipfile.ZipInfo(name + "/" * (kind == FOLDER))
            mode = {FILE: stat.S_IFREG | 0o644, FOLDER: stat.S_IFDIR | 0o755, SYMLINK: stat.S_IFLNK | 0o777}
            info.external_attr = mode.get(kind, stat.S_IFIFO) << 16
            archive.writestr(info, content or "")
    return path


def unpack(archive: Path, into: Path) -> dict[str, str]:
    into.mkdir()
    with archives.opened(archive) as entries:
        Writer(into, (), None).write(entries)
    return {
        str(path.relative_to(into)): path.read_text() for path in sorted(into.rglob("*")) if path.is_file()
    }


MEMBERS: tuple[Member, ...] = (
    ("shop-1.0", FOLDER, None),
    ("shop-1.0/hello.py", FILE, "code"),
    ("shop-1.0/static/a b.css", FILE, "css"),
    ("shop-1.0/link", SYMLINK, "hello.py"),
)


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz", ""])
def test_tar_archives_are_read(compression: str, tmp_path: Path) -> None:
    path = tar(tmp_path / "x", *MEMBERS, compression=compression)
    assert archives.is_archive(path)
    expected = {"hello.py": "code", "static/a b.css": "css", "link": "code"}
    assert unpack(path, tmp_path / "out") == expected


def test_zip_archives_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x", *MEMBERS)
    assert archives.is_archive(path)
    expected = {"hello.py": "code", "static/a b.css": "css", "link": "code"}
    assert unpack(path, tmp_path / "out") == expected


@pytest.mark.parametrize("make", [tar, zipped])
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["shop/hello.py"], ["hello.py"]),
        (["./shop/hello.py"], ["hello.py"]),
        (["shop/hello.py", "README"], ["README", "shop/hello.py"]),
        (["hello.py"], ["hello.py"]),
        # A package alone is not taken apart.
        (["shop/__init__.py", "shop/views.py"], ["shop/__init__.py", "shop/views.py"]),
        (["shop-1/shop/__init__.py", "shop-1/pyproject.toml"], ["pyproject.toml", "shop/__init__.py"]),
    ],
)
def test_a_folder_with_everything_in_it_is_taken_off(
    make: Callable[..., Path], names: list[str], expected: list[str], tmp_path: Path
) -> None:
    path = make(tmp_path / "x", *((name, FILE, "") for name in names))
    assert sorted(unpack(path, tmp_path / "out")) == expected


@pytest.mark.parametrize("make", [tar, zipped])
@pytest.mark.parametrize(
    "members",
    [
        [("../evil", FILE, "x")],
        [("/tmp/evil", FILE, "x")],
        [("shop/../../evil", FILE, "x")],
        [("shop/ok", FILE, "x"), ("shop/x", SYMLINK, "/etc")],
        [("shop/ok", FILE, "x"), ("shop/x", SYMLINK, "..")],
        [("shop/x", SYMLINK, "y"), ("shop/x/evil", FILE, "x")],
        [("shop/ok", FILE, "x"), ("shop/pipe", tarfile.FIFOTYPE, None)],
    ],
    ids=["..", "absolute", "inner ..", "absolute link", "link out", "through a link", "pipe"],
)
def test_what_leads_out_or_is_no_file_is_refused(
    make: Callable[..., Path], members: list[Member], tmp_path: Path
) -> None:
    path = make(tmp_path / "x", *members)
    with pytest.raises(ReleaseError):
        unpack(path, tmp_path / "out")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE])
def test_devices_are_refused(kind: bytes, tmp_path: Path) -> None:
    if kind == tarfile.CONTTYPE:  # an old name for an ordinary file
        assert unpack(tar(tmp_path / "x", ("a", kind, None), ("b", FILE, "")), tmp_path / "out")
        return
    with pytest.raises(ReleaseError, match="'dev' is a device"):
        unpack(tar(tmp_path / "x", ("ok", FILE, ""), ("dev", kind, None)), tmp_path / "out")


def test_a_hard_link_is_a_copy_of_what_is_in_the_archive(tmp_path: Path) -> None:
    members: list[Member] = [("a", FILE, "content"), ("d/b", HARDLINK, "a")]
    assert unpack(tar(tmp_path / "x", *members), tmp_path / "out") == {"a": "content", "d/b": "content"}


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd", "gone"])
def test_a_hard_link_to_what_is_elsewhere_is_refused(target: str, tmp_path: Path) -> None:
    path = tar(tmp_path / "x", ("a", FILE, ""), ("b", HARDLINK, target))
    with pytest.raises(ReleaseError, match="damaged or incomplete"):
        unpack(path, tmp_path / "out")


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz"])
def test_half_an_archive_is_refused(compression: str, tmp_path: Path) -> None:
    noise = "".join(chr(33 + (index * index * 7919) % 90) for index in range(40000))
    path = tar(tmp_path / "x", ("a", FILE, noise), ("b", FILE, noise), compression=compression)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(ReleaseError, match="damaged or incomplete"):
        unpack(path, tmp_path / "out")


def test_half_a_tar_file_is_refused(tmp_path: Path) -> None:
    path = tar(tmp_path / "x", ("a", FILE, "x" * 5000), ("b", FILE, "y" * 5000), compression="")
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(ReleaseError, match="damaged or incomplete"):
        unpack(path, tmp_path / "out")


def test_a_zip_file_with_a_changed_byte_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x", ("a", FILE, "content"))
    path.write_bytes(path.read_bytes().replace(b"content", b"kontent"))
    with pytest.raises(ReleaseError, match="damaged or incomplete"):
        unpack(path, tmp_path / "out")


def test_what_is_no_archive_is_told_apart(tmp_path: Path) -> None:
    for name, content in (("empty", b""), ("text", b"text"), ("magic", b"\x1f\x8b\x08zzz")):
        (tmp_path / name).write_bytes(content)
        assert not archives.is_archive(tmp_path / name)
