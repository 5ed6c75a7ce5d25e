"""Releases from archives: sdists, and what `tar` and `git archive` write."""

from __future__ import annotations

import contextlib
import lzma
import os
import stat
import tarfile
import typing as t
import zipfile
import zlib
from pathlib import Path

from ..targets.files import printable
from .entries import Entry, parts_of
from .errors import ReleaseError

_DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    KeyError,
)


def is_archive(path: Path) -> bool:
    """Tell whether a file is a tar or zip archive."""
    with contextlib.suppress(*_DAMAGED):
        return tarfile.is_tarfile(path) or zipfile.is_zipfile(path)
    return False


@contextlib.contextmanager
def opened(path: Path) -> t.Iterator[t.Iterable[Entry]]:
    """Give what is in an archive, for the time of a block; a folder that everything is in is taken off.

    Raises ReleaseError, also from the block, for an archive that is damaged, and for what has no place in a
    release: devices, pipes.
    """
    try:
        if tarfile.is_tarfile(path):
            with tarfile.open(path, "r:*") as tar:
                yield _without_common_folder([_tar_entry(tar, member) for member in tar.getmembers()])
        else:
            with zipfile.ZipFile(path) as zipped:
                yield _without_common_folder([_zip_entry(zipped, info) for info in zipped.infolist()])
    except _DAMAGED as error:
        raise ReleaseError(f"{printable(path.name)!r} is damaged or incomplete: {error}") from error
    except OSError as error:
        # gzip and bz2 say so for a wrong checksum; what the system says has a number.
        if error.errno is not None:
            raise
        raise ReleaseError(f"{printable(path.name)!r} is damaged or incomplete: {error}") from error


def _without_common_folder(found: list[Entry]) -> t.Iterator[Entry]:
    split = [(parts_of(entry.path), entry) for entry in found]
    split = [(parts, entry) for parts, entry in split if parts]
    firsts = {parts[0] for parts, _ in split}
    common = len(firsts) == 1 and any(len(parts) > 1 or entry.kind == "folder" for parts, entry in split)
    if common and any(parts[1:] == ["__init__.py"] for parts, _ in split):
        common = False  # it is a package, not a project
    for parts, entry in split:
        yield Entry("/".join(parts[1:] if common else parts), *entry[1:])


def _tar_entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    if member.issym():
        return Entry(member.name, "link", target=member.linkname)
    if member.isdir():
        return Entry(member.name, "folder", member.mode)
    # A hard link is a second name for a file of the archive: it is looked up there, and nowhere else.
    if member.isreg() or member.islnk():
        return Entry(member.name, "file", member.mode, lambda: _content(archive, member))
    raise ReleaseError(
        f"{printable(member.name)!r} is a device, a pipe or the like, which no release has: make the archive"
        " without it."
    )


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> t.IO[bytes]:
    content = archive.extractfile(member)
    if content is None:
        raise KeyError(f"{member.name!r} has no content")
    return content


def _zip_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return Entry(info.filename, "link", target=os.fsdecode(archive.read(info)))
    if info.is_dir():
        return Entry(info.filename, "folder", mode or 0o755)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise ReleaseError(f"{printable(info.filename)!r} is no file: make the archive without it.")
    return Entry(info.filename, "file", mode or 0o644, lambda: archive.open(info))
